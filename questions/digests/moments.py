"""When a digest falls due: from the wall clock of the member's zone to moments in UTC. Pure."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
JITTER = 20 * 60  # seconds over which the letters of one hour are spread
FARTHEST = 70  # days ahead within which every rhythm has a next moment


def zone_of(name: str) -> ZoneInfo:
    """Return an IANA zone; one that no longer exists becomes the zone of the installation."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def in_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment at which a clock in the zone shows this time on this day.

    A time that the clocks skip becomes the first minute after the gap; of a time that comes
    twice, the first counts.
    """
    wall = datetime.combine(day, at)
    while True:
        moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            return moment
        wall += MINUTE


def next_after(
    moment: datetime, *, every: str, weekday: int, at: time, zone: ZoneInfo
) -> datetime:
    """Return the first moment after this one: that weekday, or the month's first such weekday."""
    start = moment.astimezone(zone).date() - DAY
    for ahead in range(FARTHEST):
        day = start + ahead * DAY
        if day.weekday() == weekday and (every != "month" or day.day <= 7):
            found = in_utc(day, at, zone)
            if found > moment:
                return found
    raise ValueError(f"no moment within {FARTHEST} days for {every!r} on weekday {weekday}")


def week_of(moment: datetime, zone: ZoneInfo) -> str:
    """Name the ISO week in which this moment lies in the zone: 2026-W48."""
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"


def jitter(member_id: int) -> timedelta:
    """Return 0 to 20 minutes, always the same for one member."""
    digest = hashlib.blake2b(b"digest %d" % member_id, digest_size=4).digest()
    return timedelta(seconds=int.from_bytes(digest) % JITTER)
