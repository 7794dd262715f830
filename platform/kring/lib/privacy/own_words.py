"""What the words of a piece say by themselves, before anything around it is read."""

from kring.lib.privacy import cues
from kring.lib.privacy.lexicon import marks
from kring.lib.privacy.tokens import Token


def own(piece) -> float:
    """What the words themselves say."""
    cut, words = piece.tokens, piece.words
    span = cut[piece.first : piece.last + 1]
    initials = any(t.kind == "initials" or len(t.text) == 1 for t in span)
    interfix = any(t.low in cues.FIRM_INTERFIXES for t in span[1:]) and len(words) > 1
    if not words:
        return -9.0
    if any(_hyphened_thing(t) for t in words):
        return -9.0
    whole = " ".join(t.low.removesuffix("'s") for t in span)
    named_after = "p" in marks(whole.replace(" ", "-")) and not words[-1].is_surname
    if piece.title is None and (whole in cues.FAMOUS or (len(span) > 1 and named_after)):
        return -4.0
    if piece.low:
        return _own_low(piece, words)
    if all(t.low in cues.NO_NAME for t in words) or (
        words[-1].low in cues.AFTER_THING and len(words) > 1
    ):
        return -6.0
    if (
        any(t.low in cues.BEFORE_THING for t in words[:1])
        and len(words) > 1
        and not words[0].is_first
    ):
        return -6.0
    if initials:
        last = words[-1]
        score = (
            3.6 if last.is_surname and not last.is_plain_word else 3.2 if last.is_unknown else 2.6
        )
        score -= 3.0 * (last.has("k") and not last.is_surname)
        if last.is_plain_word and not last.is_surname:
            score -= 1.6
        return score + (0.6 if interfix else 0)
    if len(words) == 1:
        return _own_single(piece, words[0], span)
    return _own_many(words, interfix)


def _own_low(piece, words: list[Token]) -> float:
    if piece.title is not None:
        return 1.0
    if len(words) > 1:
        return 3.6 if not words[0].has("w") else 3.0 if words[0].has("n") else 1.6
    token = words[0]
    if token.has("w"):
        return 0.2 if token.has("n") else -0.5
    if len(token.low) < 4 and not token.has("n"):
        return 0.4
    return 2.7 if len(token.low) > 4 else 2.2


def _hyphened_thing(token: Token) -> bool:
    """'Hartmann-procedure': the last part is an ordinary word in lower case."""
    if "-" not in token.text:
        return False
    tail = token.text.rsplit("-", 1)[1]
    return tail.islower() and len(tail) > 2 and tail not in cues.INTERFIXES


def _own_single(piece, token: Token, span: list[Token]) -> float:
    if token.low in cues.NO_NAME or token.stem in cues.NO_NAME:
        return -4.0
    if token.low in cues.LEARNED:
        return -3.0
    score = 0.0
    if token.is_first:
        score = 2.7 if not token.has("w") or token.has("n") else 1.4 if token.opens else 2.2
    elif token.is_surname:
        score = 1.9 if not token.is_plain_word else 0.5
    elif token.is_unknown:
        score = 0.8 + max(-0.8 if token.opens else -0.3, min(0.9, token.shape))
    elif token.has("w"):
        score = -2.0
    else:
        score = -1.0
    if len(span) > 1 and not (
        span[0].opens and span[0].low in {"de", "het", "le", "la"}
    ):  # with 'van', 'de', 'el'
        score += 1.8 if token.is_surname else 0.8
        if token.has("p") and not token.is_surname:
            score -= 2.5
    if token.has("p"):
        score -= 1.6 if not (token.is_first and token.has("n")) else 0.4
    if token.has("e"):
        score -= 2.0 if not token.is_surname else 1.2
    if token.has("k") and not token.is_first:
        score -= 1.0
    if token.low in cues.LITTLE:
        score -= 4.0
    if token.opens:
        if token.is_plain_word:
            score -= 1.5
        elif token.is_first:
            score -= 0.2
        elif token.is_unknown:
            score -= 0.6
    if token.upper:
        score -= 1.0
    return score


def _own_many(words: list[Token], interfix: bool) -> float:
    first, last = words[0], words[-1]
    learned = sum(t.low in cues.LEARNED for t in words)
    if learned and last.low in cues.LEARNED:
        return -3.0
    points = []
    for place, token in enumerate(words):
        if token.low in cues.NO_NAME or token.low in cues.LITTLE or token.low in cues.SIDES:
            points.append(-2.5)
        elif token.is_first and not token.is_plain_word:
            points.append(3.0 if place == 0 else 2.0)
        elif token.is_surname and not token.is_plain_word:
            points.append(1.8 if place else 1.4)
        elif token.is_first:
            points.append(1.5)
        elif token.is_surname:
            points.append(1.0 if place else 0.6)
        elif token.is_unknown:
            points.append(1.2 + max(-1.0, min(0.9, token.shape)))
        elif token.has("w"):
            points.append(-1.6)
        else:
            points.append(
                0.6
                if place
                and words[0].is_first
                and not words[0].has("p")
                and not words[0].is_plain_word
                else 0.6
                if token.has("k") and place + 1 < len(words) and words[place + 1].is_surname
                else -1.2
            )
    score = sum(points) if len(words) < 3 else sum(points) * 2.4 / len(words)
    if min(points) < 0 and not first.is_first:
        score -= 1.0
    if interfix:
        score += 0.8
    if first.opens and first.is_plain_word:
        score -= 1.2
    if last.has("p") and not last.is_surname and not first.is_first:
        score -= 1.0
    if first.has("p") and not first.is_first and not first.is_surname:
        score -= 1.0
    if all(t.has("e") for t in words):
        score -= 2.5
    return score
