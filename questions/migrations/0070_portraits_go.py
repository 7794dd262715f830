"""What one said of oneself in a circle goes with one's words there, and with the account. And a
member's answers are found by their writer."""

from importlib import import_module

from django.db import migrations, models

from kring.lib.policies import run

GOING = import_module("questions.migrations.0020_own_data").GOING
ACCOUNT = "create function kring_erase_person"


def function(begin: str, end: str) -> str:
    """One function of 0020 as it stands there, to be put in its place anew."""
    text = GOING[GOING.index(begin) : GOING.index(end)]
    return text.replace("create function", "create or replace function", 1)


WORDS = function("create function kring_blank_words", "revoke all on function kring_blank_words")
WORDS = WORDS.replace(
    "    get diagnostics n = row_count;\n    return gone + n;",
    """    get diagnostics n = row_count;
    gone := gone + n;
    with taken as (
        delete from circles_portrait p using circles_membership m
        where m.circle_id = p.circle_id and m.id = p.membership_id and m.member_id = p_member
          and (p_circle is null or p.circle_id = p_circle) returning p.id)
    insert into members_erasure (kind, row_id, key) select 'portrait', id, '' from taken
    on conflict do nothing;
    get diagnostics n = row_count;
    return gone + n;""",
)
PERSON = function(ACCOUNT, "revoke all on function kring_erase_person")
PERSON = PERSON.replace(
    "    update circles_sanction s",
    """    delete from circles_portrait p using circles_membership m
    where m.circle_id = p.circle_id and m.id = p.membership_id and m.member_id = p_member;
    update circles_sanction s""",
    1,
)


class Migration(migrations.Migration):
    dependencies = [("questions", "0020_own_data"), ("circles", "0070_portrait")]

    operations = [
        run(WORDS, "select 1;"),
        run(PERSON, "select 1;"),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                fields=["author", "-created_at", "-id"], name="answers_of_a_member"
            ),
        ),
    ]
