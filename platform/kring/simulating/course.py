"""The course of a simulation: time goes from one moment at which something is due to the next, the
clocks order their sweeps, and the workers do what they do."""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
from kombu import Connection as Broker

from kring.local.home import REPOSITORY
from kring.simulating import judging, people
from kring.simulating.clock import Clock
from kring.simulating.faults import Faults
from kring.simulating.hands import Hands
from kring.simulating.living import WEEK, Deed, Living
from kring.simulating.people import People
from kring.simulating.post import Post

# A Monday. The first week has a change of the clocks in Australia (an hour lost, and half of one),
# the fourth in Europe (an hour twice), the fifth in America.
BEGIN = datetime(2026, 9, 28, tzinfo=UTC)
PATIENCE = 120  # seconds for one order; a worker that dies is replaced at once
PLAN, DELIVER = "questions.tasks.plan_digests", "members.tasks.deliver_letters"


@dataclass
class Week:
    """What became of the digests of one week."""

    number: int
    issues: Counter = field(default_factory=Counter)  # (state, reason)
    mails: int = 0
    fates: Counter = field(default_factory=Counter)
    deaths: int = 0
    megabytes: float = 0.0  # the largest worker

    @property
    def due(self) -> int:
        return sum(self.issues.values())

    def count(self, state: str) -> int:
        return sum(n for (is_, _), n in self.issues.items() if is_ == state)

    def skipped(self) -> dict[str, int]:
        return {why: n for (state, why), n in sorted(self.issues.items()) if state == "skipped"}


@dataclass
class Run:
    """One simulation while it runs. `database` and `broker` are addresses, as a superuser."""

    people: People
    weeks: int
    faults: Faults
    folder: Path
    database: str
    broker: str
    environment: dict[str, str]
    workers: int = 2
    tick: timedelta = timedelta(minutes=10)  # between two sweeps
    calm: int = 2  # weeks at the end in which nothing goes wrong any more
    told: Callable[[Week], None] = lambda week: None
    done: list[Week] = field(default_factory=list)

    def go(self) -> judging.Verdict:
        """Fill, let the weeks pass and two calm ones after them, judge. Raises LookupError on a
        database that is not empty."""
        self.clock = Clock(self.folder)
        self.now = BEGIN
        self.clock.set(self.now)
        self.births = self.deaths = 0
        self.held: tuple[datetime, int] | None = None
        quiet = Faults(self.faults.seed, 0)
        with psycopg.connect(self.database, autocommit=True) as self.line:
            people.fill(self.line, self.people, self.now)
            self.line.execute(
                "create table simulated (event bigint primary key, committed_at timestamptz)"
            )
            try:
                self.post = Post(self.folder / "mails", quiet, self._numbers).start()
                self._start()
                self._wishes()
                self.post.planned = self.faults
                for number in range(self.weeks + self.calm):
                    if number == self.weeks:
                        self.faults = self.post.planned = quiet
                        self._replace_workers()
                    self._week(number)
                calm = BEGIN + self.weeks * WEEK
                return judging.judge(self.line, self.post.taken, calm)
            finally:
                self._end()
                self.line.execute("drop table simulated")

    # --- processes ------------------------------------------------------------------------
    def _start(self) -> None:
        environment = {
            **self.environment,
            "DJANGO_SETTINGS_MODULE": "kring.simulating.settings",
            "KRING_ROLE": "kring_worker",
            "KRING_SIMULATION": str(self.folder),
            "REDIS_URL": self.broker,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.post.port),
        }
        self.queue = Broker(self.broker.replace("unix://", "redis+socket://"))
        self.producer = self.queue.Producer()
        self._client().flushdb()
        self.hands = Hands(self.folder, environment, REPOSITORY)
        self.pen, self.slow_pen = self.hands.pen(), self.hands.pen()

    def _client(self):
        return self.queue.default_channel.client

    def _numbers(self) -> list[int]:
        return list(self.hands.workers.values())

    def _replace_workers(self) -> None:
        for place in list(self.hands.workers):
            self.hands.kill(place)
        time.sleep(0.05)
        self._tend(mourn=False)

    def _tend(self, *, mourn: bool = True) -> None:
        """Start a worker wherever there is none."""
        for place in self.hands.missing(self.workers):
            if self.births >= self.workers and mourn:
                self.deaths += 1
                self._client().delete("unacked", "unacked_index")  # what it had in hand is lost
            self.births += 1
            self.clock.note(place, False)
            self.hands.start(place, self.faults.statements_to_live(self.births))

    def _end(self) -> None:
        if hasattr(self, "hands"):
            self.hands.end()
        self.post.stop()

    # --- time -----------------------------------------------------------------------------
    def _wishes(self) -> None:
        """Let everybody get their plan, and some choose another one."""
        self._order(PLAN)
        for member in range(1, self.people.members + 1):
            if wish := self.people.wish_of(member):
                self._write("wish", member, vars(wish))
        self.living = Living(self.people)

    def _week(self, number: int) -> None:
        monday, week = BEGIN + number * WEEK, Week(number + 1)
        mails, fates, deaths = sum(self.post.taken.values()), self.post.fates.copy(), self.deaths
        calm = number >= self.weeks
        deeds = [] if calm else self.living.of_week(monday, slow=bool(self.faults.often))
        # Nearly everybody looks in; whoever stays away gets a digest a month, later none.
        self.line.execute(
            "update members_member set last_login = %s where id %% 40 <> 0", [self.now]
        )
        away = self.faults.without_mail_server(number, monday)
        still = self.faults.without_workers(number, monday)
        if calm:
            self._let_go(at=monday)
        while (moment := self._next(deeds, monday + WEEK)) < monday + WEEK:
            while deeds and deeds[0].at <= moment:
                self._do(deeds.pop(0))
            self._pass_to(moment)
            self._listen(not (away and away[0] <= moment < away[1]))
            if not (still and still[0] <= moment < still[1]):
                self._tick()
        self._pass_to(monday + WEEK)
        self._listen(True)
        self._count(week, mails, fates, deaths)

    def _next(self, deeds: list[Deed], end: datetime) -> datetime:
        """The next tick at which something is due, or is done by a member."""
        row = self.line.execute(
            """
            select least(
                (select min(next_due_at) from questions_digestplan where every <> 'never'),
                (select min(greatest(due_at, held_until)) from members_letter
                 where state in ('queued', 'failed', 'sending')),
                (select min(planned_at) from questions_digestissue where state = 'planned'))
            """
        ).fetchone()
        moments = [end, *[moment for moment in row if moment]]
        if deeds:
            moments.append(deeds[0].at)
        if self.held:
            moments.append(self.held[0])
        wanted = max(min(moments), self.now + self.tick / 2)
        ticks = -((BEGIN - wanted) // self.tick)
        return min(BEGIN + ticks * self.tick, end)

    def _pass_to(self, moment: datetime) -> None:
        if self.held and self.held[0] <= moment:
            self._let_go(at=self.held[0])
        self.now = max(self.now, moment)
        self.clock.set(self.now)

    def _listen(self, wanted: bool) -> None:
        if wanted != self.post.listens:
            self.post.start() if wanted else self.post.stop()

    def _tick(self) -> None:
        self._order(*[PLAN, DELIVER] * self.faults.beats(self.now))

    def _order(self, *tasks: str) -> None:
        """Order sweeps as the clocks do, and wait until nobody works any more."""
        from celery import current_app

        self._tend()
        for task in tasks:
            current_app.send_task(task, producer=self.producer, ignore_result=True)
        calm, turn, end = 0, 0, time.monotonic() + PATIENCE
        while calm < 2:
            if turn % 5 == 4:
                self._tend()
            turn += 1
            waits = self._client().llen("celery") or self._client().hlen("unacked")
            works = any(map(self.clock.is_at_work, range(self.workers)))
            calm = 0 if waits or works else calm + 1
            if time.monotonic() > end:
                raise RuntimeError(f"{tasks} did not end; see {self.folder / 'hands.log'}.")
            time.sleep(0.004)

    # --- members --------------------------------------------------------------------------
    def _do(self, deed: Deed) -> None:
        self._pass_to(deed.at)
        if deed.kind == "leave":
            if left := self.living.leaver():
                circle, member = left
                self._write("leave", member, {"circle": circle})
            return
        order = self.living.order_for(deed)
        if order is None:
            return
        act, member, facts, thread = order
        hold = facts.pop("hold", False) and not self.held
        made = self._write(act, member, {**facts, **({"hold": True} if hold else {})}, slow=hold)
        if made is None:
            return
        number, event = made
        self.living.done(act, member, facts, thread, number)
        if hold:
            thread.held, self.held_thread = True, thread
            self.held = self.now + self.living.hours_open(), event
        else:
            self._note(event, self.now)

    def _write(self, act: str, member: int, facts: dict, *, slow: bool = False):
        pen = self.slow_pen if slow else self.pen
        pen.send((act, member, facts))
        return pen.recv()

    def _let_go(self, at: datetime) -> None:
        """Commit the slow transaction."""
        if not self.held:
            return
        self.now = max(self.now, at)
        self.clock.set(self.now)
        self.slow_pen.send(("let go", 0, {}))
        self.slow_pen.recv()
        self._note(self.held[1], self.now)
        self.held, self.held_thread.held = None, False

    def _note(self, event: int, at: datetime) -> None:
        self.line.execute("insert into simulated values (%s, %s)", [event, at])

    # --- counting -------------------------------------------------------------------------
    def _count(self, week: Week, mails: int, fates: Counter, deaths: int) -> None:
        rows = self.line.execute(
            "select state, reason, count(*) from questions_digestissue where asked = 0"
            " and planned_at >= %s and planned_at < %s group by 1, 2",
            [self.now - WEEK, self.now],
        )
        week.issues = Counter({(state, reason): n for state, reason, n in rows})
        week.mails = sum(self.post.taken.values()) - mails
        week.fates = self.post.fates - fates
        week.deaths = self.deaths - deaths
        week.megabytes = max(map(_megabytes, self._numbers()), default=0.0)
        self.done.append(week)
        self.told(week)


def _megabytes(number: int) -> float:
    try:
        return psutil.Process(number).memory_info().rss / 1e6
    except psutil.Error:
        return 0.0


def own_folder(home: Path) -> Path:
    """A fresh folder for the clock and the log of a run."""
    folder = home / f"run-{os.getpid()}"
    folder.mkdir(mode=0o700, parents=True)
    return folder
