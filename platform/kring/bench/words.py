"""Texts in the words of the demo, as often as words are used: few everywhere, most hardly ever.

Sentences mean nothing; search, stemming and page weight only see how often a word occurs.
"""

import json
import random
import re
from bisect import bisect
from functools import cache
from html import escape, unescape
from itertools import accumulate
from pathlib import Path

DEMO = Path(__file__).resolve().parents[3] / "demo"
LANGUAGES = ("nl", "en")
_TAG, _WORD = re.compile(r"<[^>]+>"), re.compile(r"[^\W\d_]{2,}")


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """The words of the demo in this language, the most frequent first."""
    count: dict[str, int] = {}
    for word in _WORD.findall(_source(language).lower()):
        count[word] = count.get(word, 0) + 1
    return tuple(sorted(count, key=lambda word: (-count[word], word)))


def _source(language: str) -> str:
    if language == "nl":
        told = json.loads((DEMO / "shoulder" / "circle.json").read_text())
        return " ".join(_strings(told))
    posts = (DEMO / "ai" / "Posts.xml").read_text()
    bodies = re.findall(r' Body="([^"]*)"', posts)
    return _TAG.sub(" ", " ".join(unescape(unescape(body)) for body in bodies))


def _strings(told):
    if isinstance(told, str):
        yield told
    elif isinstance(told, list | dict):
        for part in told.values() if isinstance(told, dict) else told:
            yield from _strings(part)


class Writer:
    """Writes in one language; the same seed writes the same."""

    def __init__(self, language: str, seed: int):
        self._random = random.Random(f"{language} {seed}")  # noqa: S311 (texts, not secrets)
        self._words = vocabulary(language)
        # The n-th word comes 1/n as often as the first: as in any language.
        self._steps = list(accumulate(1 / n for n in range(1, len(self._words) + 1)))

    def words(self, count: int) -> str:
        top = self._steps[-1]
        places = (bisect(self._steps, self._random.random() * top) for _ in range(count))
        return " ".join(self._words[place] for place in places)

    def sentence(self, end: str = ".") -> str:
        return self.words(self._random.randint(7, 15)).capitalize() + end

    def paragraphs(self, count: int) -> list[str]:
        return [" ".join(self.sentence() for _ in range(3)) for _ in range(count)]


def as_markdown(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def as_html(paragraphs: list[str]) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)


@cache
def searches() -> tuple[str, ...]:
    """Twenty things to look for, always the same: common and rare words of both languages, two
    words together, a phrase, and one word that is nowhere."""
    found = []
    for language in LANGUAGES:
        long = [word for word in vocabulary(language) if len(word) > 4]
        found += [long[place] for place in (0, 5, 15, 40, 120, 400, len(long) - 60)]
        found += [f"{long[2]} {long[30]}", f'"{long[1]}"']
    return (*found, "backprop network", "zzyzxword")
