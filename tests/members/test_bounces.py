"""Mail that does not arrive: who loses what, since when, and how it comes back."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from members import bounces, delivery
from members.letters import KINDS, Kind, Mail
from members.models import AuditEntry, Letter, Member
from tests import make
from tests.conftest import role

HARD, SOFT, COMPLAINT = "hard", "soft", "complaint"


@pytest.fixture
def letter(bram):
    """A letter to bram that a provider took, some days ago."""

    def go(*, days=0, member=bram, **facts) -> Letter:
        at = timezone.now() - timedelta(days=days)
        number = Letter.objects.count()
        facts = {"state": "sent", "settled_at": at, **facts}
        return Letter.objects.create(kind="x", member=member, subject_id=number, **facts)

    return go


@pytest.fixture
def note(house):
    def go(letter: Letter, fate: str, address="bram@example.org"):
        with house():
            bounces.note(letter, address, fate)

    return go


def off(member: Member) -> str:
    member.refresh_from_db()
    return member.mail_off_why


def test_a_hard_bounce_stops_mail_since_the_letter_that_came_back(bram, letter, note):
    bounced = letter(days=2)
    note(bounced, HARD)
    assert off(bram) == HARD
    assert bram.mail_off_since == bounced.settled_at


def test_the_audit_says_why_and_no_address(bram, letter, note):
    note(letter(), HARD)
    line = AuditEntry.objects.get(about=bram.pk)
    assert (line.act, line.by_id, line.facts) == ("mail.off", None, {"why": "hard", "kind": "x"})


def test_the_same_news_twice_is_one(bram, letter, note):
    first, second = letter(days=9), letter(days=2)
    for bounced in (first, first, second):
        note(bounced, HARD)
    assert off(bram) == HARD
    assert bram.mail_off_since == first.settled_at
    assert AuditEntry.objects.filter(act="mail.off").count() == 1


def test_a_complaint_weighs_more_than_a_bounce(bram, letter, note):
    bounced = letter(days=9)
    note(bounced, HARD)
    note(bounced, COMPLAINT)
    note(bounced, HARD)
    assert off(bram) == COMPLAINT
    bounced.refresh_from_db()
    assert bounced.bounced == COMPLAINT


def test_the_third_week_in_a_row_stops_mail(bram, letter, note):
    for days in (14, 7):
        note(letter(days=days), SOFT)
        assert off(bram) == ""
    note(letter(), SOFT)
    assert off(bram) == SOFT


def test_three_in_one_week_are_one(bram, letter, note):
    for _ in range(3):
        note(letter(), SOFT)
    assert off(bram) == ""
    assert bram.soft_weeks == 1


def test_a_week_without_a_bounce_begins_the_count_anew(bram, letter, note):
    for days in (28, 21, 7, 0):
        note(letter(days=days), SOFT)
    assert off(bram) == ""
    assert bram.soft_weeks == 2


def test_a_letter_that_arrives_begins_the_count_anew(bram, letter, note):
    note(letter(days=14), SOFT)
    note(letter(days=7), SOFT)
    note(letter(days=7), "arrived")
    note(letter(), SOFT)
    assert off(bram) == ""


def test_a_letter_that_is_tried_again_counts_for_nothing(bram, letter, note):
    note(letter(state="failed", settled_at=None), SOFT)
    off(bram)
    assert bram.soft_weeks == 0


def test_a_bounce_at_an_earlier_address_says_nothing_of_this_one(bram, letter, note):
    note(letter(), HARD, address="bram@old.example.org")
    assert off(bram) == ""


def test_another_address_begins_anew(bram, letter, note, acting):
    bounced = letter()
    note(bounced, HARD)
    with acting(bram):
        mine = Member.objects.get(pk=bram.pk)
        mine.email = "b.devries@example.org"
        mine.save()
    assert off(bram) == ""
    with acting(bram):  # and back: the old news does not come again
        Member.objects.filter(pk=bram.pk).update(email="bram@example.org")
    note(bounced, HARD)
    assert off(bram) == ""


def test_the_same_address_in_capitals_is_no_other(bram, letter, note, acting):
    note(letter(), HARD)
    with acting(bram):
        Member.objects.filter(pk=bram.pk).update(email="BRAM@example.org")
    assert off(bram) == HARD


def test_a_bounce_to_somebody_without_an_account_is_a_fact_of_the_letter_only(circle, note):
    link = make.application(circle).link
    posted = Letter.objects.create(kind="x", link=link, subject_id=1, state="dead")
    note(posted, HARD, address="applicant@example.org")
    posted.refresh_from_db()
    assert posted.bounced == HARD
    assert not Member.objects.exclude(mail_off_since=None).exists()


def test_who_says_that_mail_works_gets_it_again(bram, letter, note, acting):
    late = letter(days=1)
    note(letter(days=2), HARD)
    with acting(bram):
        bounces.works_again(by=bram)
    assert off(bram) == ""
    assert AuditEntry.objects.get(act="mail.on").by_id == bram.pk
    note(late, HARD)  # told late, of a letter from before
    assert off(bram) == ""
    note(letter(days=-1), HARD)
    assert off(bram) == HARD


@pytest.mark.parametrize("may_be_stopped", [True, False])
def test_only_what_may_be_stopped_is(bram, letter, note, house, monkeypatch, may_be_stopped):
    made = Mail("bram@example.org", "S", "T", "<p>H</p>")
    kind = Kind("x", False, lambda letter: made, None, may_be_stopped)
    monkeypatch.setitem(KINDS, "x", kind)
    note(letter(), HARD)
    waiting = letter(state="queued", settled_at=None)
    with house():
        delivery.deliver_waiting()
    waiting.refresh_from_db()
    expected = ("skipped", "bouncing") if may_be_stopped else ("sent", "")
    assert (waiting.state, waiting.reason) == expected


def test_digests_may_be_stopped_and_letters_of_access_may_not(db):
    stopped = {name for name, kind in KINDS.items() if kind.may_be_stopped}
    assert {"weekly_digest", "vetting_queue"} <= stopped
    assert not stopped & {"password_reset", "address_proof", "application_offered", "mail_try"}


def test_a_page_cannot_name_a_letter_by_its_number(bram, letter):
    known = letter()
    with role("kring_web"), pytest.raises(DatabaseError), transaction.atomic():
        bounces.note(known, "bram@example.org", HARD)


def test_a_provider_finds_its_letter_by_the_name_it_gave(bram, carla, letter, acting):
    letter(handed_as=bounces.mark("<1@provider>"))
    other = letter(member=carla, handed_as=bounces.mark("<2@provider>"))
    with acting(None):
        assert bounces.hear("<1@provider>", "bram@example.org", HARD)
        assert not bounces.hear("<3@provider>", "carla@example.org", HARD)
        assert not bounces.hear("", "carla@example.org", HARD)
    other.refresh_from_db()
    assert (off(bram), off(carla), other.bounced) == (HARD, "", "")
