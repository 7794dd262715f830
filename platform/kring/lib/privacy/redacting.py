"""What stands in the place of a finding: a number for each person, a band for an age."""

from datetime import date

from kring.lib.privacy import cues
from kring.lib.privacy.dates import band
from kring.lib.privacy.finding import (
    ADDRESS,
    BIRTHDATE,
    BSN,
    EMAIL,
    IBAN,
    NAME,
    NATID,
    PERSON_ID,
    PHONE,
    URL,
    Finding,
)  # fmt: skip

_INSTEAD = {
    "nl": {
        BSN: "[BSN]", NATID: "[persoonsnummer]", PHONE: "[telefoon]", EMAIL: "[e-mail]",
        ADDRESS: "[adres]", IBAN: "[rekening]", PERSON_ID: "[nummer]", URL: "[link]",
    },
    "en": {
        BSN: "[BSN]", NATID: "[national number]", PHONE: "[phone]", EMAIL: "[e-mail]",
        ADDRESS: "[address]", IBAN: "[account]", PERSON_ID: "[number]", URL: "[link]",
    },
}  # fmt: skip


def with_suggestions(text: str, found: list[Finding], language: str, today: date) -> list[Finding]:
    """Give each finding what may stand instead; the same person keeps the same number."""
    language = "nl" if language[:2] == "nl" else "en"
    people: list[set[str]] = []
    order = _numbered(text, [one for one in found if one.type == NAME], people)
    done = []
    for one in found:
        if one.type == NAME:
            word = "naam" if language == "nl" else "name"
            instead = f"[{word} {order[one.start]}]"
        elif one.type == BIRTHDATE:
            instead = band(text[one.start : one.end], language, today)
        else:
            instead = _INSTEAD[language][one.type]
        done.append(Finding(one.start, one.end, one.type, one.confidence, instead))
    return done


def _numbered(text: str, named: list[Finding], people: list[set[str]]) -> dict[int, int]:
    """Number people in the order of the text: a surname alone is who was named in full."""
    order = {}
    for one in named:
        words = _words(text[one.start : one.end])
        number = next((n for n, known in enumerate(people) if _same(words, known)), None)
        if number is None:
            people.append(words)
            number = len(people) - 1
        else:
            people[number] |= words
        order[one.start] = number + 1
    return order


def _same(words: set[str], known: set[str]) -> bool:
    return bool(words) and (words <= known or known <= words)


def _words(name: str) -> set[str]:
    kept = set()
    for word in name.lower().replace("’", "'").replace(".", " ").split():
        word = word.removesuffix("'s").strip(",'")
        if len(word) > 1 and word not in cues.FIRM_INTERFIXES and word not in cues.TITLES:
            kept.add(word)
    return kept


def redact(text: str, found: list[Finding]) -> str:
    """Put the suggestion in the place of each finding."""
    for one in sorted(found, key=lambda f: f.start, reverse=True):
        text = text[: one.start] + one.suggestion + text[one.end :]
    return text
