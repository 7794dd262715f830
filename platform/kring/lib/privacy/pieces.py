"""Pieces of a text that may be one name: neighbouring words, with what ties them together."""

from kring.lib.privacy import cues
from kring.lib.privacy.tokens import Token
from kring.lib.privacy.walking import COMMON, is_namelike, run, touches


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
        piece = _walked(text, cut, after, titled=True)
        if piece:
            piece.title = begin
        return piece
    if is_namelike(token) or token.kind == "initials" or _begins_with_interfix(cut, i):
        return _trimmed(_walked(text, cut, i), cut)
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


def _begins_with_interfix(cut: list[Token], i: int) -> bool:
    """'Van den Berg', 'De Boer', 'El Idrissi'; in lower case only where a name was announced."""
    token = cut[i]
    if token.low not in cues.FIRM_INTERFIXES:
        return False
    j = i
    while j < i + 3 and j < len(cut) and cut[j].low in cues.INTERFIXES and cut[j].kind == "word":
        j += 1
    if j >= len(cut) or not is_namelike(cut[j]):
        return False
    return token.cap and not (token.opens and not cut[j].is_surname)


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


def _lower(text: str, cut: list[Token], i: int) -> Piece | None:
    """A name typed without capitals, as in a chat: 'jan de vries', 'hoi karin'."""
    token = cut[i]
    if token.kind != "word" or not token.text.islower() or token.digits or len(token.text) < 3:
        return None
    if (
        not token.is_first
        or token.low in cues.NO_NAME
        or token.low in cues.PERSONS
        or token.low in COMMON
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
        and touches(text, cut[j - 1], cut[j])
    ):
        j += 1
    if (
        j < len(cut)
        and cut[j].kind == "word"
        and touches(text, cut[j - 1], cut[j])
        and cut[j].text.islower()
    ) and (
        cut[j].is_surname
        and (cut[j].low not in COMMON or cut[j - 1].low in cues.FIRM_INTERFIXES)
        and (not cut[j].is_plain_word or j > i + 1 or not token.is_plain_word)
    ):
        last = j
    if last == i and token.is_plain_word:
        return None
    return Piece(cut, i, last, low=True)


def _walked(text: str, cut: list[Token], i: int, titled: bool = False) -> Piece | None:
    end = run(text, cut, i, titled)
    return Piece(cut, i, end[0], low=end[1]) if end else None
