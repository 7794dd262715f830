"""What was found: where, of which kind, how sure, and what might stand there instead."""

from bisect import bisect
from dataclasses import dataclass

NAME, BSN, NATID, BIRTHDATE, PHONE, EMAIL, ADDRESS, IBAN, PERSON_ID, URL = KINDS = (
    "NAME", "BSN", "NATID", "BIRTHDATE", "PHONE", "EMAIL", "ADDRESS", "IBAN", "PERSON_ID", "URL",
)  # fmt: skip
CERTAIN, LIKELY = "certain", "likely"


@dataclass(frozen=True, slots=True)
class Finding:
    """Characters `start` to `end` (Python code points, end exclusive) that point at a person.

    `certain` rests on a checksum or an explicit label; `likely` always asks.
    """

    start: int
    end: int
    type: str
    confidence: str
    suggestion: str = ""


def apart(found: list[Finding]) -> list[Finding]:
    """Leave one finding where several overlap: the certain one first, then the longest."""
    kept: list[Finding] = []
    starts: list[int] = []
    for one in sorted(
        found, key=lambda f: (f.confidence != CERTAIN, f.start - f.end, f.start, f.type)
    ):
        place = bisect(starts, one.start)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if (before and before[0].end > one.start) or (after and after[0].start < one.end):
            continue
        kept.insert(place, one)
        starts.insert(place, one.start)
    return kept
