"""Names of people: pieces of text that look like one, weighed by everything around them.

No single rule decides. A piece starts with what its own words say (a first name, a surname, an
unknown word of the shape of a name, an ordinary word), and gains or loses by its neighbours: a
title, an age, a verb of a person, a greeting; or a disease, a citation, a company.
"""

import re
from itertools import pairwise

from kring.lib.privacy.finding import LIKELY, NAME, Finding
from kring.lib.privacy.pieces import Piece, pieces_of
from kring.lib.privacy.tokens import tokens
from kring.lib.privacy.weighing import ENOUGH, weight

_FENCED = re.compile(
    r"```.{0,5000}?(?:```|\Z)|`[^`\n]{1,200}`|\$[^$\n]{1,200}\$|<[^>\n]{1,200}>", re.S
)
_PAIRED = re.compile(r" (?:en|and|&|or|of) |, | ?/ ?")
_LINK = re.compile(r"https?://\S{1,300}|www\.\S{1,300}|\S{1,64}@\S{1,100}")


def names(text: str, taken: list[tuple[int, int]], births: list[int], allow: frozenset[str]):
    """The names in a plain text. `taken` spans are something else already; `births` are the
    starts of days of birth, which stand beside names."""
    code = [m.span() for rule in (_FENCED, _LINK) for m in rule.finditer(text)]
    cut = tokens(text, [*taken, *code])
    pieces = [p for p in pieces_of(text, cut) if not _allowed(text, p, allow)]
    for piece in pieces:
        piece.score = weight(text, piece, births)
    _pair(text, pieces)
    _echo(pieces)
    return [
        Finding(piece.start, piece.end, NAME, LIKELY) for piece in pieces if piece.score >= ENOUGH
    ]


def _allowed(text: str, piece: Piece, allow: frozenset[str]) -> bool:
    if not allow:
        return False
    whole = text[piece.tokens[piece.first].start : piece.end].lower()
    return whole in allow or all(t.stem in allow or t.low in allow for t in piece.words)


def _pair(text: str, pieces: list[Piece]) -> None:
    """'Roos en Mees': whoever is named in one breath with a person is one more likely."""
    for left, right in pairwise(pieces):
        if not _PAIRED.fullmatch(text, left.end, right.start):
            continue
        for one, other in ((left, right), (right, left)):
            if other.score >= ENOUGH > one.score > -0.6 and all(
                t.is_first or t.is_surname for t in one.words
            ):
                one.score += 3.0 if one.words[0].is_first and len(one.words) == 1 else 1.6
        if (
            min(left.score, right.score) > 1.0
            and left.words[0].is_first
            and right.words[0].is_first
        ):
            left.score, right.score = left.score + 0.6, right.score + 0.6


def _echo(pieces: list[Piece]) -> None:
    """Who was named in full once is meant wherever a part of the name stands again."""
    sure = [p for p in pieces if p.score >= ENOUGH]
    known = {t.stem for p in sure for t in p.words if len(t.stem) > 2 and not t.is_plain_word}
    known |= {
        t.stem for p in sure if len(p.words) > 1 or p.title is not None for t in p.words[-1:]
    }
    for piece in pieces:
        meant = any(t.stem in known for t in piece.words[-1:])
        if meant and 0 > piece.score - ENOUGH > -4.5 and not _is_low_word(piece):
            piece.score = ENOUGH


def _is_low_word(piece: Piece) -> bool:
    return piece.low and piece.words[-1].is_plain_word
