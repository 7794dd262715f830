"""One thing a digest says, as it is kept: a kind, ids and numbers, never text.

    {"kind": "answers", "circle": 3, "question": 9, "answers": [4, 5], "at": 1764…}

`at` is the moment of its last change in microseconds; `reason` says why a standing matter is told
now; `rest` marks what found no place and is only counted.
"""

from datetime import UTC, datetime

Item = dict[str, int | str | list[int]]

SECTIONS = {
    "answers": "you",
    "remarks": "you",
    "outcome": "you",
    "desk": "you",
    "help": "help",
    "solved": "solved",
    "known": "solved",
    "joined": "circle",
}
WORTH_A_MAIL = ("you", "help", "solved")


def micros(moment: datetime) -> int:
    """Return a moment as the number an item keeps."""
    return round(moment.timestamp() * 1_000_000)


def moment_of(item: Item) -> datetime:
    """Return the moment an item keeps."""
    return datetime.fromtimestamp(item["at"] / 1_000_000, UTC)


def section_of(item: Item) -> str:
    return SECTIONS[item["kind"]]


def are_worth_a_mail(items: list[Item]) -> bool:
    """Whether there is anything but news of the circle itself."""
    return any(section_of(item) in WORTH_A_MAIL for item in items)
