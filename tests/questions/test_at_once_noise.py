"""How quiet it stays: a busy circle, simulated with the rules by which letters really leave.

Forty members ask sixty questions a week; a few ask and answer much, most little (Zipf). The worst
case for noise: nobody opens Kring by themselves, so nothing is read before its letter, and every
digest has something to say. Eight weeks go by before the four that are counted, so that outcomes
fall due in them as always.
"""

import heapq
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import count
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from questions.at_once import hours
from questions.at_once.hours import Quiet, may_leave
from questions.at_once.kinds import ANSWERS, KINDS, OUTCOME_DUE, THANKS
from questions.at_once.posting import AHEAD, HOLD
from questions.digests.moments import next_after
from questions.waiting import SOON

ZONE = ZoneInfo("Europe/Amsterdam")
QUIET = Quiet(time(21), time(7, 30), False, ZONE)
MEMBERS, QUESTIONS_A_WEEK, WARMING, COUNTED = 40, 60, 8, 4
START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
END = START + (WARMING + COUNTED) * WEEK


@dataclass
class Thread:
    asker: int
    answers: list[tuple[datetime, int]] = field(default_factory=list)  # when, by whom
    told: int = 0  # how many answers the asker was told of
    first_told: datetime | None = None
    due: datetime | None = None
    reminded: bool = False
    thanked: set[int] = field(default_factory=set)


class Circle:
    """A circle whose members act at random, the same way at each run."""

    def __init__(self, *, asking: float, answering: float, seed: int = 1):
        self.chance = random.Random(seed)
        self.asking = [1 / rank**asking for rank in range(1, MEMBERS + 1)]
        self.answering = [1 / rank**answering for rank in range(1, MEMBERS + 1)]
        self.chance.shuffle(self.answering)  # who asks most need not answer most
        self.queue, self.number = [], count()
        self.letters = defaultdict(list)  # member: day, thread and kind of each
        self.mails = Counter()  # (member, week, kind)
        self.digests = {}  # member: when their next digest comes
        self.threads: list[Thread] = []

    def run(self) -> "Circle":
        for member in range(MEMBERS):
            at = time(7, 30) if self.chance.random() < 0.7 else time(self.chance.randint(6, 20))
            weekday = 1 if self.chance.random() < 0.7 else self.chance.randrange(5)
            self.digests[member] = self._digest_after(START, (weekday, at))
            self._at(self.digests[member], self._digest, member, (weekday, at))
        for week in range(WARMING + COUNTED):
            for _ in range(QUESTIONS_A_WEEK):
                self._at(self._some_moment(START + week * WEEK), self._ask)
        while self.queue and self.queue[0][0] < END:
            now, _number, act, given = heapq.heappop(self.queue)
            act(now, *given)
        return self

    def _at(self, moment, act, *given):
        heapq.heappush(self.queue, (moment, next(self.number), act, given))

    def _some_moment(self, after: datetime) -> datetime:
        """Most is written by day, some in the evening, little at the weekend."""
        while True:
            moment = after + self.chance.random() * WEEK
            there = moment.astimezone(ZONE)
            busy = 1.0 if 8 <= there.hour < 18 else 0.4 if 18 <= there.hour < 23 else 0.03
            if self.chance.random() < busy * (0.25 if there.weekday() >= 5 else 1):
                return moment

    def _ask(self, now):
        (asker,) = self.chance.choices(range(MEMBERS), self.asking)
        thread = Thread(asker)
        self.threads.append(thread)
        number = self.chance.choices(range(9), [4, 6, 6, 4, 3, 2, 1.5, 1, 0.7])[0]
        moments = []
        for _ in range(number):
            moment = now + self.chance.expovariate(1 / 1.5) * DAY
            if not 7 <= moment.astimezone(ZONE).hour < 23:
                moment += timedelta(hours=9)
            moments.append(moment)
        for moment in moments:
            self._at(moment, self._answer, thread)
        if moments and self.chance.random() < 0.6:
            self._at(max(moments) + DAY, self._accept, thread)

    def _answer(self, now, thread):
        (by,) = self.chance.choices(range(MEMBERS), self.answering)
        if by != thread.asker:
            thread.answers.append((now, by))
            self._at(now + HOLD, self._letter, ANSWERS, thread.asker, thread)

    def _accept(self, now, thread):
        thread.due = now + self.chance.choice([2, 6]) * WEEK
        self._at(thread.due - AHEAD, self._letter, OUTCOME_DUE, thread.asker, thread)
        if self.chance.random() < 0.7:
            self._at(thread.due + self.chance.random() * 3 * DAY, self._report, thread)

    def _report(self, now, thread):
        for helper in {by for _at, by in thread.answers}:
            self._at(now + HOLD, self._letter, THANKS, helper, thread)

    # The rules: news as in `news`, hours as in `leaving`, the digest as in `collecting`.
    def _letter(self, now, kind, member, thread):
        today, letters = QUIET.day(now), self.letters[member]
        week = [row for row in letters if row[0] > today - 7]
        passes = kind.first_passes and not any(row[1:] == (id(thread), kind) for row in letters)
        moment = may_leave(
            now,
            QUIET,
            day_taken=any(row[:2] == (today, id(thread)) for row in week),
            digests=[self.digests[member]],
            fold=kind.fold,
            spent=() if passes else [row[0] for row in week],
        )
        if moment > now:
            self._at(moment, self._letter, kind, member, thread)
        elif self._is_new(kind, member, thread):
            letters.append((today, id(thread), kind))
            self._tell(now, kind, member, thread)
            self._count(now, member, kind.name)

    def _is_new(self, kind, member, thread) -> bool:
        if kind == ANSWERS:
            return len(thread.answers) > thread.told
        return not thread.reminded if kind == OUTCOME_DUE else member not in thread.thanked

    def _tell(self, now, kind, member, thread):
        if kind == ANSWERS:
            thread.told = len(thread.answers)
            thread.first_told = thread.first_told or (now if thread.told else None)
        elif kind == OUTCOME_DUE:
            thread.reminded = True
        else:
            thread.thanked.add(member)

    def _digest(self, now, member, plan):
        """It tells all that is new; who waits to be thanked is told of the outcome there."""
        self.digests[member] = self._digest_after(now, plan)
        self._at(self.digests[member], self._digest, member, plan)
        for thread in self.threads:
            if thread.asker == member:
                self._tell(now, ANSWERS, member, thread)
                thread.reminded |= thread.due is not None and now >= thread.due - SOON
        for _moment, _number, act, given in self.queue:
            if act == self._letter and given[:2] == (THANKS, member):
                given[2].thanked.add(member)
        self._count(now, member, "digest")

    def _digest_after(self, now, plan) -> datetime:
        weekday, at = plan
        return next_after(now, every="week", weekday=weekday, at=at, zone=ZONE)

    def _count(self, now, member, kind):
        self.mails[member, (now - START) // WEEK, kind] += 1

    def median(self) -> float:
        """Return how many mails a week the member in the middle got, digests included."""
        weeks, kinds = range(WARMING, WARMING + COUNTED), ("digest", *KINDS)
        return median(
            sum(self.mails[member, week, kind] for week in weeks for kind in kinds) / COUNTED
            for member in range(MEMBERS)
        )


@cache
def ran(steep: float, seed: int) -> Circle:
    return Circle(asking=steep, answering=steep, seed=seed).run()


@pytest.mark.parametrize(("steep", "seed"), [(1.0, 1), (1.0, 2), (0.8, 3)])
def test_the_median_member_of_a_busy_circle_gets_three_mails_a_week_at_most(steep, seed):
    assert 1 <= ran(steep, seed).median() <= 3


def test_it_is_the_limit_of_a_week_that_keeps_it_so(monkeypatch):
    monkeypatch.setattr(hours, "MOST_A_WEEK", 99)
    assert Circle(asking=1.0, answering=1.0).run().median() > 3


def test_quiet_costs_nobody_their_first_answer():
    """A letter or the digest tells it within a day; a night of that may be quiet."""
    late = [
        thread.first_told - min(thread.answers)[0]
        for thread in ran(1.0, 1).threads
        if thread.answers and min(thread.answers)[0] < END - DAY
    ]
    assert len(late) > 500
    assert timedelta(0) < min(late) <= max(late) < timedelta(hours=13)
