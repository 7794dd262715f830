from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.digests import moments

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its summer time is half an hour


def test_a_time_that_is_skipped_becomes_the_first_minute_after_the_gap():
    spring = moments.in_utc(date(2026, 3, 29), time(2, 30), AMSTERDAM)
    assert spring.astimezone(AMSTERDAM).time() == time(3, 0)
    assert spring == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_of_a_time_that_comes_twice_the_first_counts():
    autumn = moments.in_utc(date(2026, 10, 25), time(2, 30), AMSTERDAM)
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_shift_of_half_an_hour_is_a_gap_of_half_an_hour():
    spring = moments.in_utc(date(2026, 10, 4), time(2, 15), LORD_HOWE)
    assert spring.astimezone(LORD_HOWE).time() == time(2, 30)
    autumn = moments.in_utc(date(2026, 4, 5), time(1, 45), LORD_HOWE)
    assert autumn == datetime(2026, 4, 4, 14, 45, tzinfo=UTC)


def test_a_day_that_never_was_ends_with_its_gap():
    samoa = ZoneInfo("Pacific/Apia")
    assert moments.in_utc(date(2011, 12, 30), time(7, 30), samoa).astimezone(samoa).date() == date(
        2011, 12, 31
    )


def test_a_monthly_digest_comes_on_the_first_such_weekday():
    found = moments.next_after(
        datetime(2026, 11, 4, tzinfo=UTC), every="month", weekday=1, at=time(7, 30), zone=AMSTERDAM
    )
    assert found.astimezone(AMSTERDAM) == datetime(2026, 12, 1, 7, 30, tzinfo=AMSTERDAM)


def test_the_week_is_that_of_the_zone():
    late_sunday = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
    assert moments.week_of(late_sunday, AMSTERDAM) == "2026-W48"
    assert moments.week_of(late_sunday, ZoneInfo("Pacific/Auckland")) == "2026-W49"
    assert moments.week_of(datetime(2027, 1, 1, 12, tzinfo=UTC), AMSTERDAM) == "2026-W53"


def test_the_jitter_is_within_twenty_minutes_and_differs():
    spread = [moments.jitter(number) for number in range(200)]
    assert max(spread) < timedelta(minutes=20)
    assert len(set(spread)) > 150
    assert moments.jitter(7) == spread[7]


def test_a_zone_that_is_gone_becomes_that_of_the_installation():
    assert moments.zone_of("Nowhere/Gone") == AMSTERDAM
    assert moments.zone_of("../secret") == AMSTERDAM


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw reads the zones
@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    weekday=st.integers(0, 6),
    hour=st.integers(0, 47),
    zone=st.sampled_from(
        ["Europe/Amsterdam", "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu"]
    ),
)
def test_there_is_exactly_one_moment_in_each_week(moment, weekday, hour, zone):
    at = time(hour // 2, hour % 2 * 30)
    facts = {"every": "week", "weekday": weekday, "at": at, "zone": ZoneInfo(zone)}
    first = moments.next_after(moment, **facts)
    second = moments.next_after(first, **facts)
    assert moment < first <= moment + timedelta(days=7, hours=2)
    assert moments.week_of(first, facts["zone"]) < moments.week_of(second, facts["zone"])
    assert second - first <= timedelta(days=7, hours=1)
