"""How the installation is: what waits, for how long, and when each sweep was last seen.

Counts and ages over everything there is, read by a narrow owner function that tells no more: not
whose, not of which circle.
"""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from members.models import Letter, Sweep

DAYS = 14
STUBBORN = 3  # tries after which it is the mail server, not one bad moment


@dataclass(frozen=True)
class Ran:
    """The last end of a sweep."""

    seconds_ago: float
    took: float
    worked: bool


@dataclass(frozen=True)
class Condition:
    """Counts of rows and ages in seconds; an age is 0 when nothing waits."""

    letters: dict[str, int]  # by state; those that are settled: in the last 24 hours
    oldest_letter: float  # past the moment it should have been brought
    stubborn_letters: int  # tried three times or more, and not taken
    due: int
    oldest_due: float
    sweeps: dict[str, Ran]


def read() -> Condition:
    """Read it, as anybody: the function behind it is the only one that sees all rows."""
    with connection.cursor() as cursor:
        cursor.execute("select * from kring_condition(%s)", [STUBBORN])
        letters, oldest_letter, stubborn, due, oldest_due, sweeps = cursor.fetchone()
    return Condition(
        letters=json.loads(letters),
        oldest_letter=oldest_letter,
        stubborn_letters=stubborn,
        due=due,
        oldest_due=oldest_due,
        sweeps={task: Ran(**ran) for task, ran in json.loads(sweeps).items()},
    )


@dataclass
class Letters:
    """What became of the letters of one day, or of one kind: how many, and why not."""

    sent: int = 0
    unknown: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # by reason
    dead: dict[str, int] = field(default_factory=dict)  # by the code or the kind of error
    bounced: dict[str, int] = field(
        default_factory=dict
    )  # hard, soft, complaint; at once or later


def letter_days(days: int = DAYS) -> tuple[dict[date, Letters], dict[str, Letters]]:
    """Count the letters that ended in these days, by day (newest first, none left out) and by
    kind. Acts as a steward; anybody else is told of none."""
    today = timezone.localdate()
    by_day = {today - timedelta(days=back): Letters() for back in range(days)}
    by_kind: dict[str, Letters] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from kring_letter_days(%s, %s)", [days, timezone.get_current_timezone_name()]
        )
        for day, kind, state, reason, bounced, number in cursor.fetchall():
            for letters in (
                by_day.setdefault(day, Letters()),
                by_kind.setdefault(kind, Letters()),
            ):
                _add(letters, state, reason, bounced, number)
    return by_day, dict(sorted(by_kind.items()))


def _add(letters: Letters, state: str, reason: str, bounced: str, number: int) -> None:
    match state:
        case Letter.State.SENT:
            letters.sent += number
        case Letter.State.UNKNOWN:
            letters.unknown += number
        case Letter.State.SKIPPED:
            _count(letters.skipped, reason, number)
        case Letter.State.DEAD:
            _count(letters.dead, reason, number)
    if bounced:
        _count(letters.bounced, bounced, number)


def _count(numbers: dict[str, int], word: str, number: int) -> None:
    numbers[word] = numbers.get(word, 0) + number


def note_sweep(task: str, seconds: float, *, worked: bool) -> None:
    """Write down that this sweep has just ended; part of no other transaction, as the house."""
    Sweep.objects.bulk_create(
        [Sweep(task=task, ended_at=timezone.now(), seconds=seconds, worked=worked)],
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=["ended_at", "seconds", "worked"],
    )
