"""Walking along the words of a name: which belong together, and where it ends."""

import re

from kring.lib.privacy import cues
from kring.lib.privacy.tokens import Token

_MOST = 5  # words of a name


def is_namelike(token: Token) -> bool:
    if token.kind != "word" or token.digits or len(token.text) < 2:
        return False
    if token.cap:
        return not _is_camel(token.text)
    if token.upper and len(token.text) > 3:
        return (
            (token.is_first or token.is_surname)
            and not token.is_plain_word
            and token.low not in cues.NO_NAME
        )
    return False


def _is_camel(text: str) -> bool:
    parts = re.split(r"['-]", text)
    for part in parts:
        inner = part[1:]
        if any(c.isupper() for c in inner) and not re.match(
            r"(?:Mc|Mac|De|Van|Le|La|Du|Di|IJ|O)[A-Z]?[a-z]", part
        ):
            return True
    return False


class _Walk:
    """Takes the words of a name one by one, as long as they belong together."""

    def __init__(self, text: str, cut: list[Token], first: int, titled: bool):
        self.text, self.cut, self.first, self.titled = text, cut, first, titled
        self.at, self.last, self.count = first, None, 0
        self.passed = False  # a 'van' or 'de' was passed
        self.low_end = None  # where a name in lower case behind a title ends

    def go(self) -> None:
        while self.at < len(self.cut) and self.count < _MOST and self._step():
            pass

    def _step(self) -> bool:
        token = self.cut[self.at]
        if self.last is not None and token.kind != "line" and not self._touches_last(token):
            return False
        if token.kind == "initials":
            return not (self.last is not None and self.passed) and self._take()
        if token.kind != "word":
            return False
        if (
            len(token.text) == 1
            and token.text.isupper()
            and not (token.text in "IA" and token.opens)
        ):
            return self._letter()
        if is_namelike(token) and token.low not in cues.FIRM_INTERFIXES:
            if self.last is not None and (token.low in cues.TITLES or token.low in cues.NO_NAME):
                return False
            self.count += 1
            return self._take() and not token.low.endswith("'s")
        if token.low in cues.INTERFIXES:
            return self._interfix(token)
        if self.titled and self.last is None and _lower_name(token):
            self.low_end = _lower_end(self.text, self.cut, self.at)
        return False

    def _touches_last(self, token: Token) -> bool:
        return touches(self.text, self.cut[self.at - 1], token)

    def _take(self) -> bool:
        self.last, self.at = self.at, self.at + 1
        return True

    def _letter(self) -> bool:
        """One capital without a point: 'John F Smith', 'Smith J'."""
        token = self.cut[self.at]
        after = self.cut[self.at + 1] if self.at + 1 < len(self.cut) else None
        goes_on = after is not None and (is_namelike(after) or after.low in cues.FIRM_INTERFIXES)
        if goes_on and touches(self.text, token, after):
            return self._take()
        closes = after is None or after.kind != "word"
        if self.last is not None and self.cut[self.last].is_surname and closes:
            self.last = self.at
        return False

    def _interfix(self, token: Token) -> bool:
        """'van den', 'de', 'el': taken when a name follows that they belong to."""
        cut, j = self.cut, self.at
        while j < len(cut) and j < self.at + 3 and _is_interfix(cut[j]):
            j += 1
        if j >= len(cut) or cut[j].kind != "word" or token.low not in cues.FIRM_INTERFIXES:
            return False
        name = cut[j]
        if not is_namelike(name) and not (self.titled and name.is_surname):
            return False
        if (self.passed and not self.titled) or self._starts_something_else(token, name):
            return False
        self.passed, self.at = True, j
        return True

    def _starts_something_else(self, token: Token, name: Token) -> bool:
        """Whether 'van Utrecht' says where from, rather than how somebody is called."""
        if self.last is None:
            return False
        if self.count >= 2 and not name.is_surname:
            return True
        if token.cap or token.low not in _ALSO_PREPOSITIONS:
            return False
        last = self.cut[self.last]
        if self.count and not (last.is_first or last.kind == "initials"):
            return True
        return last.text.endswith("'s") or (name.has("p") and not name.is_surname)


_ALSO_PREPOSITIONS = frozenset(["van", "de", "in", "op", "aan", "bij", "uit", "te", "het"])


def _is_interfix(token: Token) -> bool:
    return token.kind == "word" and token.low in cues.INTERFIXES


def run(text: str, cut: list[Token], i: int, titled: bool = False) -> tuple[int, bool] | None:
    """Take the words of a name from `i` on: where it ends, and whether it is in lower case."""
    walk = _Walk(text, cut, i, titled)
    walk.go()
    if walk.low_end is not None:
        return walk.low_end, True
    if walk.last is None:
        return None
    return _turned_round(cut, i, walk.last), False


def _turned_round(cut: list[Token], first: int, last: int) -> int:
    """Where 'Jansen, P.J.' or 'Patterson, James R.' ends; `last` where nothing of the kind follows."""
    after = cut[last + 1 : last + 4]
    if len(after) < 2 or after[0].text != "," or not cut[last].is_surname:
        return last
    if after[1].kind == "initials":
        return last + 2
    if last > first or len(after) < 3 or not (after[1].cap and after[1].is_first):
        return last
    third = after[2]
    if third.kind == "initials" or (third.kind == "word" and len(third.text) == 1):
        return last + 3
    return last + 2 if third.kind == "sign" else last


def touches(text: str, left: Token, right: Token) -> bool:
    return (
        right.start - left.end <= (2 if left.kind == "initials" else 1)
        and "\n" not in text[left.end : right.start]
    )


def _lower_name(token: Token) -> bool:
    """A word in lower case that can be a surname right after a title."""
    return (
        token.is_surname
        and token.low not in cues.DOES
        and not (token.is_plain_word and token.low in COMMON)
    )


COMMON = frozenset(
    [
        "had",
        "heeft",
        "met",
        "is",
        "was",
        "die",
        "dat",
        "om",
        "op",
        "in",
        "en",
        "of",
        "te",
        "ten",
        "met",
        "aan",
        "van",
        "voor",
        "naar",
        "bij",
        "uit",
        "man",
        "vrouw",
        "kan",
        "wil",
        "mag",
        "moet",
        "zal",
        "heel",
        "goed",
        "zelf",
        "erg",
        "veel",
        "meer",
        "nog",
        "ook",
        "niet",
        "wel",
        "al",
        "dan",
        "toch",
        "kort",
        "lang",
        "zwart",
        "groot",
        "has",
        "was",
        "will",
        "may",
        "can",
        "just",
        "best",
        "elke",
        "elk",
        "alle",
        "carry",
        "job",
        "mark",
        "bill",
        "grant",
        "guy",
        "pat",
        "door",
        "mee",
        "per",
        "los",
        "even",
        "net",
        "toen",
        "ten",
        "nu",
        "hoe",
        "wie",
        "over",
        "under",
        "out",
        "off",
        "up",
        "reis",
        "groep",
        "kamer",
        "dag",
        "week",
        "jaar",
        "deze",
        "die",
        "their",
        "his",
        "her",
        "him",
        "them",
        "from",
        "mail",
        "kind",
        "type",
        "hand",
        "hals",
        "slag",
        "good",
        "long",
        "short",
        "young",
        "day",
        "may",
        "old",
        "said",
        "with",
        "and",
        "the",
        "a",
        "to",
        "on",
        "in",
        "of",
        "for",
        "from",
        "late",
        "down",
        "more",
        "most",
        "post",
    ]
)


def _lower_end(text: str, cut: list[Token], i: int) -> int:
    j = i
    while j < len(cut) and j < i + 3 and cut[j].low in cues.FIRM_INTERFIXES:
        j += 1
    return j if j < len(cut) else i
