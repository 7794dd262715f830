"""What an operator learns of letters, timers and sweeps: counts and ages, under either role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members import condition
from members.models import Due, Letter
from tests import make
from tests.conftest import role

HOUR = 3600


def ago(**time):
    return timezone.now() - timedelta(**time)


def letter(member, number, **facts):
    return Letter.objects.create(kind="x", member=member, subject_id=number, **facts)


def test_nothing_waits_where_nothing_was_written(db):
    with role("kring_web"):
        found = condition.read()
    assert found == condition.Condition({}, 0, 0, 0, 0, {})


def test_letters_are_counted_by_state_whoever_asks(bram, carla):
    letter(bram, 1, due_at=ago(hours=2))
    letter(carla, 2, due_at=ago(hours=1))
    letter(carla, 3, due_at=ago(minutes=-5))
    letter(bram, 4, state="sent", settled_at=ago(hours=23))
    letter(bram, 5, state="sent", settled_at=ago(hours=25))
    with role("kring_web"):
        found = condition.read()
    assert found.letters == {"queued": 3, "sent": 1}
    assert found.oldest_letter == pytest.approx(2 * HOUR, abs=60)


def test_a_letter_that_may_not_go_yet_is_not_late(bram):
    letter(bram, 1, due_at=ago(hours=-3))
    assert condition.read().oldest_letter == 0


def test_letters_that_nobody_takes_are_told_apart(bram):
    letter(bram, 1, state="failed", attempts=1, due_at=ago(hours=-1))
    letter(bram, 2, state="failed", attempts=3, due_at=ago(hours=-1))
    assert condition.read().stubborn_letters == 1


def test_timers_that_are_due_are_counted_until_they_are_done(bram):
    Due.objects.create(kind="x", subject_id=1, due_at=ago(hours=1), member=bram)
    Due.objects.create(kind="x", subject_id=2, due_at=ago(hours=9), done_at=ago(hours=9))
    Due.objects.create(kind="x", subject_id=3, due_at=ago(hours=-1))
    with role("kring_web"):
        found = condition.read()
    assert (found.due, round(found.oldest_due / HOUR)) == (1, 1)


@pytest.fixture
def steward(db):
    return make.member("stella", is_steward=True)


def test_a_steward_learns_what_became_of_letters_day_by_day(bram, carla, steward, acting):
    today = {"settled_at": timezone.now()}
    for number in range(3):
        letter(bram, number, state="sent", **today)
    letter(carla, 4, state="sent", bounced="hard", **today)
    letter(carla, 5, state="skipped", reason="empty", **today)
    letter(bram, 6, state="skipped", reason="empty", **today)
    letter(bram, 7, state="dead", reason="550", bounced="hard", **today)
    letter(bram, 8, state="unknown", settled_at=ago(days=3))
    letter(bram, 9, state="sent", settled_at=ago(days=20))
    letter(bram, 10, state="failed", attempts=1)
    with acting(steward):
        by_day, by_kind = condition.letter_days()
    assert len(by_day) == condition.DAYS
    newest = by_day[timezone.localdate()]
    assert (newest.sent, newest.unknown) == (4, 0)
    assert (newest.skipped, newest.dead) == ({"empty": 2}, {"550": 1})
    assert newest.bounced == {"hard": 2}
    assert by_day[timezone.localdate() - timedelta(days=3)].unknown == 1
    assert list(by_kind) == ["x"]
    assert (by_kind["x"].sent, by_kind["x"].unknown) == (4, 1)


def test_nobody_but_a_steward_learns_it(bram, anna, acting):
    letter(bram, 1, state="sent", settled_at=timezone.now())
    for who in (anna, bram, None):
        with acting(who):
            by_day, by_kind = condition.letter_days()
        assert by_kind == {}
        assert {day.sent for day in by_day.values()} == {0}


def test_the_house_notes_the_last_end_of_a_sweep_and_the_web_reads_it(house):
    with house():
        condition.note_sweep("letters", 0.5, worked=False)
        condition.note_sweep("letters", 0.25, worked=True)
    with role("kring_web"):
        found = condition.read()
    assert list(found.sweeps) == ["letters"]
    ran = found.sweeps["letters"]
    assert (ran.took, ran.worked) == (0.25, True)
    assert ran.seconds_ago < 60
