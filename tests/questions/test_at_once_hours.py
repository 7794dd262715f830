"""When a letter may leave: quiet hours by the wall clock, also on the nights that it is changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from questions.at_once.hours import Quiet, may_leave

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
QUIET = Quiet(time(21), time(7, 30), False, AMSTERDAM)
WEEKENDS = Quiet(time(21), time(7, 30), True, AMSTERDAM)
NEVER = Quiet(time(8), time(8), False, AMSTERDAM)


def there(*moment, fold=0) -> datetime:
    return datetime(*moment, tzinfo=AMSTERDAM, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2026, 11, 24, 20, 59), (2026, 11, 24, 20, 59)),
        ((2026, 11, 24, 21, 0), (2026, 11, 25, 7, 30)),
        ((2026, 11, 24, 23, 59), (2026, 11, 25, 7, 30)),
        ((2026, 11, 25, 0, 0), (2026, 11, 25, 7, 30)),
        ((2026, 11, 25, 7, 29), (2026, 11, 25, 7, 30)),
        ((2026, 11, 25, 7, 30), (2026, 11, 25, 7, 30)),
    ],
)
def test_in_quiet_hours_a_letter_waits_for_the_morning(now, then):
    assert QUIET.over(there(*now)) == there(*then)


def test_quiet_by_day_ends_on_the_same_day():
    siesta = Quiet(time(12), time(14), False, AMSTERDAM)
    assert siesta.over(there(2026, 11, 24, 13)) == there(2026, 11, 24, 14)
    assert siesta.over(there(2026, 11, 24, 15)) == there(2026, 11, 24, 15)


def test_a_quiet_weekend_lasts_until_the_hour_of_monday():
    monday = there(2026, 11, 30, 7, 30)
    for friday_evening_to_monday in ((27, 21, 30), (28, 12, 0), (29, 23, 0), (30, 6, 0)):
        assert WEEKENDS.over(there(2026, 11, *friday_evening_to_monday)) == monday
    assert WEEKENDS.over(there(2026, 11, 27, 20)) == there(2026, 11, 27, 20)


def test_without_quiet_hours_a_letter_leaves_at_night():
    assert NEVER.over(there(2026, 11, 24, 3)) == there(2026, 11, 24, 3)


def test_on_the_night_the_clock_goes_forward_the_morning_comes_an_hour_sooner():
    evening = there(2026, 3, 28, 22)
    assert QUIET.over(evening) == there(2026, 3, 29, 7, 30)
    assert QUIET.over(evening) - evening == timedelta(hours=8, minutes=30)


def test_on_the_night_the_clock_goes_back_the_morning_comes_an_hour_later():
    evening = there(2026, 10, 24, 22)
    assert QUIET.over(evening) - evening == timedelta(hours=10, minutes=30)


def test_quiet_that_ends_in_the_hour_that_is_skipped_ends_right_after_it():
    quiet = Quiet(time(21), time(2, 30), False, AMSTERDAM)
    assert quiet.over(there(2026, 3, 29, 1, 59)) == there(2026, 3, 29, 3, 0)


def test_quiet_that_ends_in_the_hour_that_comes_twice_ends_once():
    quiet = Quiet(time(21), time(2, 30), False, AMSTERDAM)
    first, second = there(2026, 10, 25, 2, 30), there(2026, 10, 25, 2, 15, fold=1)
    assert quiet.over(there(2026, 10, 25, 1)) == first
    assert second > first
    assert quiet.over(second) == second


def test_a_zone_that_shifts_by_half_an_hour_has_its_own_morning():
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    quiet = Quiet(time(21), time(7, 30), False, lord_howe)
    evening = datetime(2026, 10, 3, 22, tzinfo=lord_howe)
    assert quiet.over(evening.astimezone(UTC)).astimezone(lord_howe).time() == time(7, 30)
    assert quiet.over(evening.astimezone(UTC)) - evening == timedelta(hours=9)


@pytest.mark.parametrize("quiet", [QUIET, WEEKENDS, NEVER], ids=["nights", "weekends", "never"])
def test_at_every_hour_of_a_year_there_is_a_moment_and_it_is_not_quiet(quiet):
    moment = there(2026, 1, 1)
    for _ in range(366 * 8):
        then = quiet.over(moment)
        assert moment <= then == quiet.over(then)
        moment += timedelta(hours=3)


# --- one a day, and beside a digest -------------------------------------------------------
def leave(now, quiet=QUIET, *, day_taken=False, digests=(), **fold) -> datetime:
    return may_leave(there(*now), quiet, day_taken=day_taken, digests=list(digests), **fold)


def test_a_thread_that_had_its_letter_waits_for_the_next_day():
    assert leave((2026, 11, 24, 11), day_taken=True) == there(2026, 11, 25, 7, 30)
    assert leave((2026, 11, 27, 11), WEEKENDS, day_taken=True) == there(2026, 11, 30, 7, 30)


def test_a_letter_right_before_a_digest_waits_for_it():
    digest = there(2026, 11, 24, 7, 42)
    assert leave((2026, 11, 24, 7, 30), digests=[digest]) == there(2026, 11, 24, 8, 42)
    assert leave((2026, 11, 24, 8, 43), digests=[digest]) == there(2026, 11, 24, 8, 43)


def test_a_letter_of_the_night_waits_for_the_digest_of_the_morning():
    digest = there(2026, 11, 24, 7, 42)
    assert leave((2026, 11, 23, 23), digests=[digest]) == there(2026, 11, 24, 8, 42)


def test_what_can_wait_waits_three_days_for_a_digest_and_not_four():
    digest, three = there(2026, 11, 24, 7, 30), {"fold": timedelta(days=3)}
    assert leave((2026, 11, 21, 8), digests=[digest], **three) == there(2026, 11, 24, 8, 30)
    assert leave((2026, 11, 20, 8), digests=[digest], **three) == there(2026, 11, 20, 8)


def test_a_week_that_had_two_letters_leaves_the_rest_to_the_digest():
    """Or, without one, to the day on which the first of them is a week old."""
    now, monday = (2026, 11, 25, 12), datetime(2026, 11, 23).toordinal()
    digest = there(2026, 12, 1, 7, 30)
    assert leave(now, spent=[monday, monday + 1], digests=[digest]) == there(2026, 12, 1, 8, 30)
    assert leave(now, spent=[monday, monday + 1]) == there(2026, 11, 30, 7, 30)
    assert leave(now, spent=[monday]) == there(*now)
