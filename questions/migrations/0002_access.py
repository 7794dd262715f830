"""Who may read and write what is said; counters and search, kept by the database itself."""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    READS,
    TOKEN,
    WRITES,
    changing,
    child,
    house,
    parent,
    reading,
    run,
    secured,
    writing,
)

# An answer counts on its question, whoever wrote it: the writer may not change that row.
COUNTERS = """
create function kring_answer_counts() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update questions_question
    set answer_count = answer_count + 1,
        last_activity_at = greatest(last_activity_at, new.created_at)
    where circle_id = new.circle_id and id = new.question_id;
    return null;
end $$;
create trigger answer_counts after insert on questions_answer
for each row execute function kring_answer_counts();

create function kring_comment_moves() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update questions_question
    set last_activity_at = greatest(last_activity_at, new.created_at)
    where circle_id = new.circle_id and id = new.question_id;
    return null;
end $$;
create trigger comment_moves after insert on questions_comment
for each row execute function kring_comment_moves();
"""

# The words of a text, stemmed in the language of its circle. Markup is no word.
SEARCH = """
create function kring_words(p_circle bigint, p_weight "char", p_text text) returns tsvector
language sql stable security definer set search_path = public, pg_temp
as $$ select setweight(to_tsvector(
          case (select language from circles_circle where id = p_circle)
               when 'nl' then 'dutch'::regconfig else 'english'::regconfig end, p_text), p_weight) $$;

create function kring_index_question() returns trigger language plpgsql as $$
begin
    new.search := kring_words(new.circle_id, 'A', new.title)
        || kring_words(new.circle_id, 'B', coalesce(
               (select string_agg(p ->> 'shown', ' ') from jsonb_array_elements(new.parameters) p), ''))
        || kring_words(new.circle_id, 'C', new.html);
    return new;
end $$;
create trigger index_question before insert or update of title, html, parameters
on questions_question for each row execute function kring_index_question();

create function kring_index_answer() returns trigger language plpgsql as $$
begin
    new.search := kring_words(new.circle_id, 'C', new.html);
    return new;
end $$;
create trigger index_answer before insert or update of html
on questions_answer for each row execute function kring_index_answer();
"""

ACCEPTED = """
alter table questions_answer
    add constraint answer_of_its_question unique (circle_id, question_id, id);
alter table questions_question
    add constraint the_accepted_answer_is_one_of_its_own
    foreign key (circle_id, id, accepted_answer_id)
    references questions_answer (circle_id, question_id, id) deferrable initially deferred;
"""

OWN = f"author_id = {ME}"
IMPORTED = f"{ADMINISTERS} and author_id is null and imported_author_id is not null"


# A row never changes its circle or its writer: those columns are granted to nobody.
TEXT = "body, html, edited_at"
QUESTION = (
    f"{TEXT}, title, mail_line, need, needed_by, parameters, state, accepted_answer_id, "
    "outcome_weeks, outcome_due_at, last_activity_at"
)


def written(table: str, columns: str):
    """Question, answer and comment: read in the circle, written by a member, one's own for ever."""
    return secured(
        table,
        web=f"select, insert, update ({columns})",
        worker=f"select, insert, update ({columns})",
        policies=[
            reading("members read", READS),
            reading("own words", OWN),
            writing("members write", f"{WRITES} and {OWN}"),
            writing("admins move an archive in", IMPORTED),
            changing("own words change", OWN),
            changing("admins redact", ADMINISTERS),
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("questions", "0001_initial"), ("circles", "0002_access")]

    operations = [
        run(COUNTERS),
        run(SEARCH),
        parent("questions_question"),
        parent("questions_answer"),
        parent("questions_importedauthor"),
        parent("questions_tag"),
        run(ACCEPTED),
        child("questions_question", "imported_author_id", of="questions_importedauthor"),
        child("questions_answer", "imported_author_id", of="questions_importedauthor"),
        child("questions_answer", "question_id", of="questions_question"),
        child("questions_comment", "imported_author_id", of="questions_importedauthor"),
        child("questions_comment", "question_id", of="questions_question"),
        child("questions_comment", "answer_id", of="questions_answer"),
        child("questions_revision", "question_id", of="questions_question"),
        child("questions_revision", "answer_id", of="questions_answer"),
        child("questions_outcome", "question_id", of="questions_question"),
        child("questions_event", "question_id", of="questions_question"),
        child("questions_event", "answer_id", of="questions_answer"),
        child("questions_mark", "question_id", of="questions_question"),
        child("questions_tagging", "question_id", of="questions_question"),
        child("questions_tagging", "tag_id", of="questions_tag"),
        written("questions_question", QUESTION),
        written("questions_answer", TEXT),
        written("questions_comment", TEXT),
        secured(
            "questions_revision",
            web="select, insert",
            worker="select",
            policies=[
                reading("members read earlier versions", READS),
                reading("own earlier versions", f"by_id = {ME}"),
                writing("a writer keeps the earlier version", f"{WRITES} and by_id = {ME}"),
            ],
        ),
        secured(
            "questions_outcome",
            web="select, insert",
            worker="select, insert",
            policies=[
                reading("members read outcomes", READS),
                reading("own outcomes", f"by_id = {ME}"),
                writing(
                    "the asker reports",
                    f"{WRITES} and by_id = {ME} and question_id in "
                    f"(select id from questions_question where author_id = {ME})",
                ),
            ],
        ),
        secured(
            "questions_importedauthor",
            web="select",
            worker="select, insert",
            policies=[
                reading("members read who wrote", READS),
                writing("admins move authors in", ADMINISTERS),
            ],
        ),
        secured(
            "questions_event",
            web="select, insert",
            worker="select, insert",
            policies=[
                reading("members see what happened", READS),
                writing("an act is an event", f"{WRITES} and (by_id is null or by_id = {ME})"),
            ],
        ),
        secured(
            "questions_mark",
            web="select, insert, update (read_at, aside_at)",
            worker="select",
            policies=[
                reading("own marks", f"member_id = {ME}"),
                writing("one marks what one reads", f"member_id = {ME} and {READS}"),
                changing("own marks change", f"member_id = {ME}"),
            ],
        ),
        secured(
            "questions_tag",
            web="select, insert, update (name, mail_safe)",
            worker="select, insert",
            policies=[
                reading("members read tags", READS),
                writing("members tag", f"{WRITES} and (not mail_safe or {ADMINISTERS})"),
                changing("admins change tags", ADMINISTERS),
            ],
        ),
        secured(
            "questions_tagging",
            web="select, insert",
            worker="select, insert",
            policies=[
                reading("members read taggings", READS),
                writing("members tag questions", WRITES),
            ],
        ),
        secured(
            "questions_digestplan",
            web="select, insert, update",
            worker="select, insert, update",
            policies=[
                reading("own plan", f"member_id = {ME}"),
                writing("own plan is made", f"member_id = {ME}"),
                changing("own plan changes", f"member_id = {ME}"),
                reading("holder of the unsubscribe link", f"link_id = {TOKEN}"),
                changing("holder unsubscribes", f"link_id = {TOKEN}"),
                *house(),
            ],
        ),
        secured(
            "questions_digestissue",
            web="select, insert",
            worker="select, insert, update",
            policies=[
                reading("own digests", f"member_id = {ME}"),
                writing(
                    "one asks for a digest",
                    f"member_id = {ME} and asked > 0 and state in ('built', 'skipped')",
                ),
                *house(HOUSE),
            ],
        ),
    ]
