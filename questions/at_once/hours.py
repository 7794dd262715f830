"""When a letter may leave: from the quiet hours of a member's zone to moments in UTC. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from questions.digests.moments import DAY, in_utc

SATURDAY, WEEK = 5, timedelta(days=7)
BESIDE = timedelta(hours=1)  # a letter this close to a digest waits for it
# What is not the first of its thread leaves only while its reader had fewer letters than this in
# seven days; else it waits for the digest. Forty members who ask sixty questions a week, and never
# look by themselves (tests/questions/test_at_once_noise.py), then get 2.5 mails a week in the
# median, digest included (3.0 if all ask alike; the one who asks fourteen questions gets 16).
# Without it 4.0 (5.5, and 34); with 1 it is 2.1 (2.5), and second answers come late.
MOST_A_WEEK = 2


@dataclass(frozen=True)
class Quiet:
    """When one member gets no letters at once, by the clock of their zone.

    `begin` and `end` are the same when they want no quiet hours.
    """

    begin: time
    end: time
    weekends: bool
    zone: ZoneInfo

    def over(self, moment: datetime) -> datetime:
        """Return the first moment from this one on that is not quiet."""
        while (end := self._end_of(moment)) is not None:
            moment = end
        return moment

    def _end_of(self, moment: datetime) -> datetime | None:
        """Return when the quiet in which this moment lies ends, or None when it lies in none."""
        today = moment.astimezone(self.zone).date()
        if self.weekends and today.weekday() >= SATURDAY:
            return in_utc(today + (7 - today.weekday()) * DAY, time.min, self.zone)
        if self.begin == self.end:
            return None
        overnight = DAY if self.end < self.begin else timedelta(0)
        for first in (today - DAY, today):
            begin = in_utc(first, self.begin, self.zone)
            end = in_utc(first + overnight, self.end, self.zone)
            if begin <= moment < end:
                return end
        return None

    def next_day(self, moment: datetime) -> datetime:
        """Return when a letter may come on the day after this moment's."""
        tomorrow = moment.astimezone(self.zone).date() + DAY
        return self.over(in_utc(tomorrow, self.end, self.zone))

    def day(self, moment: datetime) -> int:
        """Number the day in which this moment lies in the zone."""
        return moment.astimezone(self.zone).date().toordinal()


def may_leave(
    now: datetime,
    quiet: Quiet,
    *,
    day_taken: bool,
    digests: list[datetime],
    fold: timedelta = BESIDE,
    spent: Sequence[int] = (),
) -> datetime:
    """Return the first moment at which a letter may leave; `now` when it may.

    Not in quiet hours, not on a day that had a letter of the same thread, and not within `fold`
    before one of these digests, which may tell it: then it waits until that should have come.
    `spent`: the days of the letters that count against it, where any do.
    """
    moment = quiet.next_day(now) if day_taken else quiet.over(now)
    if len(spent) >= MOST_A_WEEK:
        free = date.fromordinal(sorted(spent)[-MOST_A_WEEK]) + WEEK
        moment = quiet.over(max(moment, in_utc(free, quiet.end, quiet.zone)))
        fold = WEEK
    for digest in sorted(digests):
        if now - BESIDE < digest <= moment + fold and digest + BESIDE > moment:
            moment = quiet.over(digest.astimezone(UTC) + BESIDE)
    return moment
