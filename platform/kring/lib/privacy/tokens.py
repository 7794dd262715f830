"""Words and signs of a plain text, with what each one is before anything around it is read."""

import re

from kring.lib.privacy import cues
from kring.lib.privacy.lexicon import marks, plain, shape

_TOKEN = re.compile(
    r"(?P<initials>(?:(?:[A-ZÀ-ÖØ-Þ]|Th|Ch|Chr|Ph|IJ|Tj|Jac|Joh|Fr|St)\.[ -]?){1,6}(?=[A-Za-zÀ-ÿ'’(]))"
    r"|(?P<word>'[tsTS](?![^\W_])|[dDlLOo]'[^\W_]{1,40}|[^\W_]{1,60}(?:['-][^\W_]{1,40}){0,5})"
    r"|(?P<line>\n)|(?P<sign>[^\s\w]|_)"
)
_ABBREVIATED = frozenset(
    [
        "dhr",
        "mw",
        "mevr",
        "mr",
        "mrs",
        "ms",
        "dr",
        "drs",
        "prof",
        "ir",
        "ing",
        "mej",
        "geb",
        "pat",
        "pt",
        "pte",
        "cl",
        "ds",
        "st",
        "fam",
        "nr",
        "tel",
        "t.n.v",
        "tnv",
        "fa",
        "jr",
        "sr",
        "bv",
        "nv",
        "ca",
        "evt",
        "o.a",
        "m.n",
        "bijv",
        "d.d",
        "dd",
        "e.g",
        "i.e",
        "vs",
        "no",
        "jhr",
        "wed",
        "hr",
        "fr",
        "art",
        "vgl",
        "resp",
        "incl",
        "excl",
        "max",
        "min",
    ]
)


class Token:
    """One word or sign: its place, its look, and its marks in the lexicon."""

    __slots__ = (
        "cap",
        "digits",
        "end",
        "kind",
        "low",
        "marks",
        "opens",
        "start",
        "stem",
        "text",
        "upper",
    )

    def __init__(self, kind: str, text: str, start: int, end: int):
        self.kind, self.text, self.start, self.end = kind, text, start, end
        self.low = text.lower()
        self.opens = False  # whether it opens a sentence, so that its capital says nothing
        self.digits = any(c.isdigit() for c in text)
        letters = text.replace("'", "").replace("-", "")
        self.upper = kind == "word" and len(letters) > 1 and letters.isupper()
        self.cap = (
            kind == "word"
            and not self.digits
            and not self.upper
            and (text[0].isupper() or (text[1:2] == "'" and text[2:3].isupper()))
        )
        self.stem, self.marks = self.low, ""

    def look_up(self) -> str:
        """The marks of the word, without its possessive 's' where only so it is known."""
        if self.marks or self.kind != "word":
            return self.marks
        for stem in self._stems():
            if found := marks(stem) or marks(plain(stem)):
                self.stem, self.marks = stem, found
                return found
        self.marks = "?"
        return self.marks

    def _stems(self):
        low = self.low
        if low.endswith("'s") and len(low) > 3:
            yield low[:-2]
        yield low
        if "-" in low:
            parts = [marks(part) for part in low.split("-")]
            if all("s" in m or "f" in m for m in parts):
                yield low.split("-")[0]
            return
        if low.endswith("s") and len(low) > 3 and self.cap and "f" in marks(low[:-1]):
            yield low[:-1]
        if low.endswith("'"):
            yield low[:-1]

    def has(self, mark: str) -> bool:
        return mark in self.look_up()

    @property
    def is_first(self) -> bool:
        return self.has("f")

    @property
    def is_surname(self) -> bool:
        return self.has("s")

    @property
    def is_plain_word(self) -> bool:
        """An ordinary word that is not above all somebody's name."""
        return self.has("w") and not self.has("n")

    @property
    def is_unknown(self) -> bool:
        return self.look_up() == "?"

    @property
    def shape(self) -> float:
        return shape(self.stem)


def tokens(text: str, taken: list[tuple[int, int]]) -> list[Token]:
    """Cut a plain text into tokens; what lies in a `taken` span is a sign, never a name."""
    made: list[Token] = []
    spans = sorted(taken)
    at, fresh = 0, True
    for match in _TOKEN.finditer(text):
        kind, start = match.lastgroup, match.start()
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        raw = match[0].rstrip(" -") if kind == "initials" else match[0]
        token = Token(kind, raw, start, start + len(raw))
        if at < len(spans) and spans[at][0] <= start:
            token.kind, token.cap, token.upper = "taken", False, False
        token.opens = fresh
        fresh = _opens(token, made, fresh)
        made.append(token)
    return made


def _opens(token: Token, before: list[Token], fresh: bool) -> bool:
    """Whether a sentence begins after this token."""
    if token.kind == "line":
        return True
    if token.kind == "sign":
        if token.text == ".":
            last = before[-1] if before else None
            return not (last and last.kind == "word" and last.low in _ABBREVIATED)
        if token.text in "!?…•;":
            return True
        if token.text in "*#>-\"'(_[":
            return fresh
        return token.text == ":"
    return False


KNOWN = cues.NO_NAME
