"""Pieces of a text that may be one name: neighbouring words, with what ties them together."""

import re

from kring.lib.privacy import cues
from kring.lib.privacy.tokens import Token

_MOST = 5  # words of a name


class Piece:
    """Neighbouring tokens that may be one name: from `first` to `last`, both included."""

    __slots__ = ("first", "last", "low", "score", "title", "tokens")

    def __init__(
        self, tokens: list[Token], first: int, last: int, title: int | None = None, low=False
    ):
        self.tokens, self.first, self.last, self.title, self.low = tokens, first, last, title, low
        self.score = 0.0

    @property
    def words(self) -> list[Token]:
        """What can be a name in it: no initials, no 'van' or 'de'."""
        return [
            t
            for t in self.tokens[self.first : self.last + 1]
            if t.kind == "word" and len(t.text) > 1 and t.low not in cues.FIRM_INTERFIXES
        ]

    @property
    def start(self) -> int:
        return self.tokens[self.first if self.title is None else self.title].start

    @property
    def end(self) -> int:
        last = self.tokens[self.last]
        return last.end - 2 if last.low.endswith("'s") and len(last.low) > 3 else last.end


def pieces_of(text: str, cut: list[Token]) -> list[Piece]:
    pieces, i = [], 0
    while i < len(cut):
        piece = _piece(text, cut, i)
        if piece is None:
            i += 1
        else:
            pieces.append(piece)
            i = piece.last + 1
    return pieces


def _piece(text: str, cut: list[Token], i: int) -> Piece | None:
    token = cut[i]
    if token.kind not in {"word", "initials"}:
        return None
    title = _title(cut, i)
    if title is not None:
        after, begin = title
        piece = _run(text, cut, after, titled=True)
        if piece:
            piece.title = begin
        return piece
    if _is_namelike(token) or token.kind == "initials" or _begins_with_interfix(cut, i):
        return _trimmed(_run(text, cut, i), cut)
    return _lower(text, cut, i)


def _title(cut: list[Token], i: int) -> tuple[int, int] | None:
    """Where the name behind a title begins, and where the title does."""
    token, begin = cut[i], i
    if token.low == "de" and _low(cut, i + 1) in {"heer", "hr"}:
        i += 1
        token = cut[i]
    if (
        token.kind != "word"
        or token.low not in cues.TITLES
        or token.text == "MW"
        or (token.low == "heer" and begin == i and not token.cap)
    ):
        return None
    if token.low in {
        "sister",
        "nurse",
        "coach",
        "trainer",
        "hr",
        "fr",
        "ing",
        "ms",
        "dame",
        "lady",
        "meester",
        "juf",
        "sr",
        "ir",
    } and not (i + 1 < len(cut) and (cut[i + 1].cap or cut[i + 1].text == ".")):
        return None
    after = i + 1
    while (
        after < len(cut)
        and (cut[after].text == "." or cut[after].low in cues.TITLES)
        and after < i + 5
    ):
        after += 1
    if after >= len(cut) or cut[after].start - cut[after - 1].end > 1:
        return None
    return after, begin


def _low(cut: list[Token], i: int) -> str:
    return cut[i].low if 0 <= i < len(cut) else ""


def _is_namelike(token: Token) -> bool:
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


def _begins_with_interfix(cut: list[Token], i: int) -> bool:
    """'Van den Berg', 'De Boer', 'El Idrissi'; in lower case only where a name was announced."""
    token = cut[i]
    if token.low not in cues.FIRM_INTERFIXES:
        return False
    j = i
    while j < i + 3 and j < len(cut) and cut[j].low in cues.INTERFIXES and cut[j].kind == "word":
        j += 1
    if j >= len(cut) or not _is_namelike(cut[j]):
        return False
    return token.cap and not (token.opens and not cut[j].is_surname)


def _run(text: str, cut: list[Token], i: int, titled: bool = False) -> Piece | None:
    """Take the words of a name from `i` on."""
    first = i
    last = None
    count = 0
    passed = False  # a 'van' or 'de' was passed
    while i < len(cut) and count < _MOST:
        token = cut[i]
        if last is not None and token.kind != "line" and not _touches(text, cut[i - 1], token):
            break
        if token.kind == "initials":
            if last is not None and passed:
                break
            last, i = i, i + 1
            continue
        if (
            token.kind == "word"
            and len(token.text) == 1
            and token.text.isupper()
            and not (token.text in "IA" and token.opens)
        ):
            nxt = cut[i + 1] if i + 1 < len(cut) else None
            if (
                nxt is None
                or not (_is_namelike(nxt) or nxt.low in cues.FIRM_INTERFIXES)
                or not _touches(text, token, nxt)
            ):
                if last is None:
                    return None
                if cut[last].is_surname and (nxt is None or nxt.kind != "word"):
                    last = i
                break
            last, i = i, i + 1
            continue
        if _is_namelike(token) and token.low not in cues.FIRM_INTERFIXES:
            if last is not None and (token.low in cues.TITLES or token.low in cues.NO_NAME):
                break
            last, i, count = i, i + 1, count + 1
            if token.low.endswith("'s"):
                break
            continue
        if token.low in cues.INTERFIXES and token.kind == "word":
            j = i
            while (
                j < len(cut)
                and j < i + 3
                and cut[j].low in cues.INTERFIXES
                and cut[j].kind == "word"
            ):
                j += 1
            fits = j < len(cut) and (
                _is_namelike(cut[j]) or (titled and cut[j].kind == "word" and cut[j].is_surname)
            )
            if not fits or (passed and not titled) or token.low not in cues.FIRM_INTERFIXES:
                break
            if last is not None and count >= 2 and not cut[j].is_surname:
                break
            if (
                last is not None
                and not token.cap
                and token.low in {"van", "de", "in", "op", "aan", "bij", "uit", "te", "het"}
            ):
                if (count and not (cut[last].is_first or cut[last].kind == "initials")) or cut[
                    last
                ].text.endswith("'s"):
                    break
                if cut[j].has("p") and not cut[j].is_surname:
                    break
            passed, i = True, j
            continue
        if titled and last is None and token.kind == "word" and _lower_name(token):
            return Piece(cut, first, _lower_end(text, cut, i), low=True)
        break
    if last is None:
        return None
    # 'Jansen, P.J.'
    if (
        last + 2 < len(cut)
        and cut[last + 1].text == ","
        and cut[last + 2].kind == "initials"
        and cut[last].is_surname
    ):
        last += 2
    elif (
        last == first
        and last + 2 < len(cut)
        and cut[last + 1].text == ","
        and cut[last].is_surname
        and cut[last + 2].cap
        and cut[last + 2].is_first
        and last + 3 < len(cut)
        and (cut[last + 3].kind == "initials" or len(cut[last + 3].text) == 1)
    ):
        last += 3 if cut[last + 3].kind == "initials" or cut[last + 3].text.isalpha() else 2
    return Piece(cut, first, last)


def _touches(text: str, left: Token, right: Token) -> bool:
    return (
        right.start - left.end <= (2 if left.kind == "initials" else 1)
        and "\n" not in text[left.end : right.start]
    )


def _trimmed(piece: Piece | None, cut: list[Token]) -> Piece | None:
    """Leave out words that open the sentence and say who is meant: 'Patiënt', 'Gisteren'."""
    if piece is None:
        return None
    while piece.first < piece.last:
        token = cut[piece.first]
        if token.kind != "word" or token.low in cues.FIRM_INTERFIXES:
            break
        is_noun = (
            token.low in cues.PERSONS or token.low in cues.GREETINGS or token.low in cues.CLOSINGS
        )
        is_word = (
            token.is_plain_word
            and (token.opens or token.low in cues.NO_NAME)
            and not (
                token.is_first and cut[piece.last].is_surname and not cut[piece.last].is_plain_word
            )
        )
        is_unknown_opening = (
            token.opens
            and token.is_unknown
            and token.shape < -0.2
            and cut[piece.first + 1].is_first
        )
        if (
            (is_noun and not token.has("n"))
            or is_word
            or token.low in cues.NO_NAME
            or is_unknown_opening
        ):
            piece.first += 1
        else:
            break
    while (
        piece.first < piece.last
        and cut[piece.first].kind == "word"
        and cut[piece.first].text in {"I"}
    ):
        piece.first += 1
    return piece


def _lower_name(token: Token) -> bool:
    """A word in lower case that can be a surname right after a title."""
    return (
        token.is_surname
        and token.low not in cues.DOES
        and not (token.is_plain_word and token.low in _COMMON)
    )


_COMMON = frozenset(
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


def _lower(text: str, cut: list[Token], i: int) -> Piece | None:
    """A name typed without capitals, as in a chat: 'jan de vries', 'hoi karin'."""
    token = cut[i]
    if token.kind != "word" or not token.text.islower() or token.digits or len(token.text) < 3:
        return None
    if (
        not token.is_first
        or token.low in cues.NO_NAME
        or token.low in cues.PERSONS
        or token.low in _COMMON
    ):
        announced = _low(cut, i - 1)
        if (
            announced in cues.NAMERS | cues.FAMILIES
            and token.is_surname
            and not token.is_plain_word
        ):
            return Piece(cut, i, i, low=True)
        return None
    last, j = i, i + 1
    if (
        j < len(cut)
        and cut[j].is_first
        and not token.is_plain_word
        and not cut[j].is_plain_word
        and cut[j].text.islower()
    ):
        last, j = j, j + 1  # 'jan willem'
    while (
        j < len(cut)
        and j < i + 4
        and cut[j].low in cues.FIRM_INTERFIXES
        and _touches(text, cut[j - 1], cut[j])
    ):
        j += 1
    if (
        j < len(cut)
        and cut[j].kind == "word"
        and _touches(text, cut[j - 1], cut[j])
        and cut[j].text.islower()
    ) and (
        cut[j].is_surname
        and (cut[j].low not in _COMMON or cut[j - 1].low in cues.FIRM_INTERFIXES)
        and (not cut[j].is_plain_word or j > i + 1 or not token.is_plain_word)
    ):
        last = j
    if last == i and token.is_plain_word:
        return None
    return Piece(cut, i, last, low=True)
