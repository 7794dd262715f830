"""The privacy guard: what in a text points at a patient, client, pupil or any other person.

Pure: a text in, findings out. Nothing is asked of a database, a clock is handed over, and the
words of a text are nowhere kept. A clean result is no guarantee: names nobody listed, in a
sentence that does not say a person is meant, are missed; `make guard-report` says how many.
"""

import time
from collections.abc import Iterable
from datetime import date

from kring.lib.privacy import lexicon
from kring.lib.privacy.addresses import addresses
from kring.lib.privacy.contacts import contacts
from kring.lib.privacy.dates import DATE, births
from kring.lib.privacy.finding import CERTAIN, KINDS, LIKELY, Finding, apart
from kring.lib.privacy.names import names
from kring.lib.privacy.numbers import numbers
from kring.lib.privacy.plainly import Plain
from kring.lib.privacy.redacting import redact, with_suggestions

MOST = 20_000  # characters read at once

__all__ = [
    "CERTAIN",
    "KINDS",
    "LIKELY",
    "MOST",
    "Finding",
    "TookTooLong",
    "findings",
    "load",
    "redact",
]


class TookTooLong(Exception):
    """A text could not be read within the time given: it counts as not checked."""


def findings(
    text: str,
    language: str = "nl",
    allow: Iterable[str] = (),
    *,
    today: date | None = None,
    within: float | None = None,
) -> list[Finding]:
    """What in `text` points at a person, in the order of the text.

    `language` is that of the suggestions (`nl` or `en`); texts are read in both. `allow` are
    words and names the circle knows as no person. Longer texts are read in parts. Raises
    TookTooLong when that takes more than `within` seconds.
    """
    until = None if within is None else time.monotonic() + within
    allowed = frozenset(word.strip().lower() for word in allow if word.strip())
    day = today or date.today()
    plain = Plain(text)
    found: list[Finding] = []
    for start, end in _parts(plain.text):
        part = plain.text[start:end]
        for one in _found(part, allowed, day, until):
            if one.type != "NAME" and part[one.start : one.end].lower() in allowed:
                continue
            place = plain.place(start + one.start, start + one.end)
            found.append(Finding(*place, one.type, one.confidence))
    return with_suggestions(text, found, language, day)


def _found(text: str, allow: frozenset[str], today: date, until: float | None) -> list[Finding]:
    fixed = []
    for find in (numbers, contacts, addresses):
        fixed += find(text)
        _in_time(until)
    fixed = apart(fixed)
    taken = [(one.start, one.end) for one in fixed]
    starts = [match.start() for match in DATE.finditer(text)]
    people = names(text, taken, starts, allow)
    _in_time(until)
    born = births(text, people, today)
    return apart([*fixed, *born, *people])


def _in_time(until: float | None) -> None:
    if until is not None and time.monotonic() > until:
        raise TookTooLong


def _parts(text: str):
    """Cut a long text between lines or words, so that no part is longer than MOST."""
    start = 0
    while len(text) - start > MOST:
        cut = max(text.rfind("\n", start + MOST // 2, start + MOST), 0) or max(
            text.rfind(" ", start + MOST // 2, start + MOST), 0
        )
        cut = cut or start + MOST
        yield start, cut
        start = cut
    yield start, len(text)


def load() -> None:
    """Have the lists ready before the first text comes."""
    lexicon.load()
    findings("Mw. A. de Vries, geb. 1-2-1950")
