"""V8: when the clock has erased an application, no word of it is left anywhere. V11: nobody learns
from a page whether an address is known."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from circles import forgetting, moves
from circles.models import Appeal, Application, Inquiry, Note, Objection
from kring.lib.acting import acting_as
from members import erasing
from members.models import Due, Letter
from tests import make
from tests.conftest import RestrictedClient

CANARY = "kanarie"
ADDRESS = "kanarie@kanarie.example"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """A folder in which nobody else's test leaves anything."""
    settings.FILES = tmp_path


@pytest.fixture
def everywhere(circle, vera):
    """An application with words of somebody in every place that takes any."""
    texts = ("name", "profession", "register_number", "brings", "seeks", "decline_text")
    application = make.application(
        circle,
        state="declined",
        email=ADDRESS,
        decline_code="other",
        **{name: f"{CANARY} {name}" for name in texts if name != "name"},
        name=f"{CANARY} name",
    )
    make.vote(application, vera, sentence=CANARY)
    make.endorsement(application, vera, words=CANARY)
    make.door_answer(application, value=CANARY)
    make.paper(application, content=CANARY.encode(), what=CANARY)
    outside = make.referee(application, 1, "confirmed", name=CANARY, address=f"r{ADDRESS}")
    said = {"place": CANARY, "words": CANARY, "name": CANARY, "register_number": CANARY}
    make.reference(application, referee=outside, how="worked", **said)
    inside = make.referee(application, 2, "confirmed", relation=CANARY, address=f"s{ADDRESS}")
    make.reference(application, by=vera, referee=inside, how="worked", words=CANARY)
    make.check(application, detail={"name": CANARY}, source=CANARY)
    make.confirmation(application, by=vera, source=CANARY, status=CANARY)
    of_it = {"circle": circle, "application": application}
    Inquiry.objects.create(**of_it, by_id=vera.pk, question=CANARY, answer=CANARY)
    Note.objects.create(**of_it, by_id=vera.pk, text=CANARY)
    Appeal.objects.create(**of_it, words=CANARY)
    Objection.objects.create(**of_it, by_id=vera.pk, words=CANARY, note=CANARY)
    Letter.objects.create(
        kind="application_declined", link=application.link, subject_id=application.pk
    )
    return application


def where(word: str) -> set[str]:
    """Every table and column in which a word stands, searched as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = 'public' and data_type in ('text', 'character varying', 'jsonb') "
            "and table_name in (select tablename from pg_tables where schemaname = 'public')"
        )
        columns = cursor.fetchall()
        found = set()
        for table, column in columns:
            cursor.execute(
                f'select exists (select from {table} where "{column}"::text ilike %s)',
                [f"%{word}%"],
            )
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def files_with(word: bytes) -> list:
    return [
        path for path in settings.FILES.rglob("*") if path.is_file() and word in path.read_bytes()
    ]


def test_v8_erasing_leaves_no_word_in_the_database_nor_among_the_files(everywhere, house):
    before = where(CANARY)
    assert {"circles_application.brings", "circles_reference.words", "circles_paper.what"} < before
    assert files_with(CANARY.encode())
    # The invitation behind an endorsement has an address of its own and its own clock.
    with house(), acting_as(None):
        forgetting.erase(everywhere)
    assert where(CANARY) == {"circles_invitation.address"}
    assert files_with(CANARY.encode()) == []


def test_v8_what_stays_is_a_hash_a_state_and_that_somebody_vouched(everywhere, house):
    key = everywhere.address_key
    with house(), acting_as(None):
        forgetting.erase(everywhere)
    kept = Application.objects.get(pk=everywhere.pk)
    assert (kept.address_key, kept.state, kept.decline_code) == (key, "declined", "other")
    assert kept.references.filter(vouches=True).count() == 2


@pytest.mark.parametrize("page", ["application_start", "application_link"])
def test_v11_a_known_and_an_unknown_address_give_the_same_page(page, circle, dirk):
    make.application(circle, email=dirk.email)
    arguments = [circle.public_id] if page == "application_start" else []
    pages = []
    for address in (dirk.email, "nobody@example.org"):
        browser = RestrictedClient(headers={"accept-language": "en"})
        answer = browser.post(reverse(page, args=arguments), {"email": address})
        after = browser.get(answer.url).content.decode()
        pages.append(
            (answer.status_code, answer.url, re.sub(r'nonce="[^"]+"|value="\w{64}"', "", after))
        )
    assert pages[0] == pages[1]


STAYS = {"email", "name", "profession", "register_number"}


@pytest.fixture
def admitted(everywhere):
    """The same, of somebody who took a seat today, where words are kept for nine days."""
    policy = {**everywhere.policy, "erase_days": 9}
    everywhere.policy, everywhere.state = policy, "approved"
    everywhere.moved_at = timezone.now()
    everywhere.save()
    moves.set_timer(everywhere, "application_papers", timezone.now())
    return everywhere


def test_v8_of_a_new_member_no_word_stays_but_how_they_are_registered(admitted, falls_due):
    falls_due("application_papers")
    assert "circles_reference.words" in where(CANARY)
    assert (
        Due.objects.get(kind="application_papers", done_at=None).due_at == admitted.papers_gone_on
    )
    Application.objects.update(moved_at=timezone.now() - timedelta(days=9))
    falls_due("application_papers")
    stays = {f"circles_application.{name}" for name in STAYS}
    assert where(CANARY) == {*stays, "circles_invitation.address"}
    assert files_with(CANARY.encode()) == []


def test_v8_what_a_backup_brings_back_of_a_member_goes_once_more(admitted, house):
    with house(), acting_as(None):
        forgetting.erase_of_member_again(erasing.Line("x", admitted.pk, timezone.now()))
    assert "circles_reference.words" not in where(CANARY)


def test_while_an_offer_stands_its_words_wait_whatever_the_clock_says(everywhere, falls_due):
    long_ago = timezone.now() - timedelta(days=12)
    policy = {**everywhere.policy, "erase_days": 1}
    Application.objects.update(state="offered", moved_at=long_ago, policy=policy)
    moves.set_timer(everywhere, "application_papers", timezone.now())
    falls_due("application_papers")
    assert "circles_reference.words" in where(CANARY)
    assert Due.objects.get(kind="application_papers", done_at=None).due_at > timezone.now()
