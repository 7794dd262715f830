"""What members do in a week of a simulation: who asks, answers, chooses, reads, leaves, moves."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kring.simulating.people import ZONES, People

WEEK = timedelta(days=7)
# What happens in a circle of forty in a week.
ACTS = {"ask": 3, "answer": 7, "remark": 3, "accept": 1.5, "report": 0.8, "read": 6}
SLOW = 0.12  # answers whose transaction stays open, once in so many circles and weeks
LONGEST = 30  # hours


@dataclass
class Thread:
    """A question with its answers, as far as somebody who acts has to know."""

    question: int
    circle: int
    asker: int
    answers: list[tuple[int, int]] = field(default_factory=list)
    chosen: bool = False
    ended: bool = False
    held: bool = False  # a transaction that is still open has a lock on it


@dataclass(frozen=True)
class Deed:
    """Something that will be done at a moment."""

    at: datetime
    kind: str
    circle: int
    number: int


class Living:
    """The deeds of a simulation. Which come when is drawn from the seed; by whom and on what, too,
    when their moment has come."""

    def __init__(self, people: People):
        self.people, self.seats = people, people.seats()
        self.threads: dict[int, list[Thread]] = {circle: [] for circle in self.seats}
        self._dice = random.Random(f"{people.seed} deeds")  # noqa: S311

    def of_week(self, monday: datetime, *, slow: bool) -> list[Deed]:
        """Draw the deeds of a week, in their order."""
        deeds, number = [], 0
        for circle, seated in self.seats.items():
            share = len(seated) / 40
            for kind, often in {**ACTS, "slow": SLOW * slow}.items():
                for _ in range(self._times(often * share)):
                    number += 1
                    at = monday + self._dice.random() * WEEK
                    deeds.append(Deed(at, kind, circle, number))
        for kind, often in (("move", 0.03), ("pause", 0.01), ("leave", 0.01), ("split", 0.02)):
            for _ in range(self._times(often * self.people.members)):
                number += 1
                deeds.append(Deed(monday + self._dice.random() * WEEK, kind, 0, number))
        return sorted(deeds, key=lambda deed: (deed.at, deed.number))

    def _times(self, often: float) -> int:
        return int(often) + (self._dice.random() < often % 1)

    def order_for(self, deed: Deed) -> tuple[str, int, dict, Thread | None] | None:
        """Say which act that is now: its name, its member, its facts, its thread; None when there
        is nothing to do it to."""
        dice, seated = self._dice, self.seats.get(deed.circle, ())
        seed = f"{deed.at:%j%H%M%S%f}-{deed.number}"
        if deed.kind == "move":
            zone = dice.choice(ZONES)
            facts = {"every": "week", "weekday": dice.randrange(7), "at": "07:30", "zone": zone}
            return "wish", dice.randint(1, self.people.members), {**facts, "paused": None}, None
        if deed.kind == "split":  # a digest for each circle, or one over all again
            facts = {"per_circle": dice.random() < 0.6}
            return "split", 5 * dice.randint(1, max(1, self.people.members // 5)), facts, None
        if deed.kind == "pause":
            until = (deed.at + timedelta(days=dice.randint(3, 12))).date()
            facts = {"every": "week", "weekday": 1, "at": "07:30", "zone": ZONES[0]}
            facts["paused"] = until.isoformat()
            return "wish", dice.randint(1, self.people.members), facts, None
        if len(seated) < 3:
            return None
        if deed.kind == "ask":
            by = dice.choice(seated)
            return "ask", by, {"circle": deed.circle, "seed": seed}, None
        thread = self._thread(deed)
        if thread is None:
            return None
        facts = {"circle": deed.circle, "question": thread.question}
        match deed.kind:
            case "accept":
                facts["answer"] = dice.choice(thread.answers)[0]
                return "accept", thread.asker, facts, thread
            case "report":
                return "report", thread.asker, facts, thread
            case "read":
                return "read", dice.choice(seated), facts, thread
        others = [member for member in seated if member != thread.asker]
        facts |= {"seed": seed}
        if deed.kind == "remark":
            under = dice.choice([None, *thread.answers])
            facts["under"] = under and under[0]
            return "remark", dice.choice(seated), facts, thread
        if deed.kind == "slow":
            facts["hold"] = True
        return "answer", dice.choice(others), facts, thread

    def _thread(self, deed: Deed) -> Thread | None:
        recent = [t for t in self.threads[deed.circle][-40:] if not t.held]
        match deed.kind:
            case "accept":
                fit = [t for t in recent if t.answers and not t.chosen and not t.ended]
            case "report":
                fit = [t for t in recent if t.chosen and not t.ended]
            case _:
                fit = recent
        fit = [t for t in fit if deed.kind == "read" or t.asker in self.seats[deed.circle]]
        return self._dice.choice(fit) if fit else None

    def done(self, act: str, member: int, facts: dict, thread: Thread | None, made: int) -> None:
        """Keep in mind what was done."""
        match act:
            case "ask":
                self.threads[facts["circle"]].append(Thread(made, facts["circle"], member))
            case "answer":
                thread.answers.append((made, member))
            case "accept":
                thread.chosen = True
            case "report":
                thread.ended = True

    def leaver(self) -> tuple[int, int] | None:
        """Somebody (circle, member) who leaves now."""
        circle = self._dice.choice(sorted(self.seats))
        if len(self.seats[circle]) < 10:
            return None
        member = self._dice.choice(self.seats[circle][1:])
        self.seats[circle].remove(member)
        return circle, member

    def hours_open(self) -> timedelta:
        """How long a slow transaction stays open."""
        return timedelta(hours=1 + self._dice.random() * LONGEST)
