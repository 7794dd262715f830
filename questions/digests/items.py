"""One thing a digest says, as it is kept: a kind, ids and numbers, never text.

    {"kind": "answers", "circle": 3, "question": 9, "answers": [4, 5], "at": 1764…}

`at` is the moment of its last change in microseconds; `reason` says why a standing matter is told
now. Which of them found a place in the mail is kept beside them, once it was sent.
"""

from datetime import UTC, date, datetime

from django.db.models import BigIntegerField, Func

Item = dict[str, int | str | list[int]]

SECTIONS = {
    "answers": "you",
    "remarks": "you",
    "outcome": "you",
    "desk": "you",
    "help": "help",
    "solved": "solved",
    "known": "solved",
    "newcomers": "circle",
    "joined": "circle",
}
WORTH_A_MAIL = ("you", "help", "solved")


class Micros(Func):
    """A moment of a row as the number an item keeps."""

    template = "(extract(epoch from %(expressions)s) * 1000000)::bigint"
    output_field = BigIntegerField()


def micros(moment: datetime) -> int:
    """Return a moment as the number an item keeps."""
    return round(moment.timestamp() * 1_000_000)


def moment_of(at: int) -> datetime:
    """Return the moment behind the number an item keeps."""
    return datetime.fromtimestamp(at / 1_000_000, UTC)


def day_of(at: int) -> date:
    """Return the day, in UTC, of a moment as an item keeps it."""
    return moment_of(at).date()


def section_of(item: Item) -> str:
    return SECTIONS[item["kind"]]


def are_worth_a_mail(items: list[Item]) -> bool:
    """Whether there is anything but news of the circle itself."""
    return any(section_of(item) in WORTH_A_MAIL for item in items)
