"""How the installation is: what waits, for how long, and when each sweep was last seen.

Counts and ages over everything there is, read by a narrow owner function that tells no more: not
whose, not of which circle.
"""

import json
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from members.models import Sweep

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


def note_sweep(task: str, seconds: float, *, worked: bool) -> None:
    """Write down that this sweep has just ended; part of no other transaction, as the house."""
    Sweep.objects.bulk_create(
        [Sweep(task=task, ended_at=timezone.now(), seconds=seconds, worked=worked)],
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=["ended_at", "seconds", "worked"],
    )
