"""How much speaks for a piece of text being somebody's name.

The weights were set by hand and tried on texts of which half was held back; `make guard-report`
shows what they are worth.
"""

import re
from bisect import bisect_left

from kring.lib.privacy import cues
from kring.lib.privacy.own_words import own

ENOUGH = 3.0
_AGE = re.compile(
    r"^'?s?,? ?(?:\(?(?:[mvfMVF][,/ ]? ?)?\d{1,3}(?:[,/ ]? ?[mvfMVF])?\)|\(?,? ?(?:inmiddels |nu |now |aged? |van )?\d{1,3}"
    r"(?:-| )?(?:jaar|jr|jarige?|j\b|years?|yrs?|yo\b|y/o|maanden|months|weken|weeks)|, (?:aged )?\d{1,2}(?=[,.)]))",
    re.I,
)
_YEAR = re.compile(r"^,? ?[(\[]?(?:18|19|20)\d{2}[a-z]?[)\]:,]")
_CITED = re.compile(
    r"^(?:,? (?:et al|e\.a\.|cs\b|c\.s\.|and colleagues|en collega's|en medewerkers)|,? ?(?:&|and|en) [A-Z][\w-]{1,20},? ?\(?(?:19|20)\d\d|,? ?\[\d)"
)
_CITED_BEFORE = re.compile(r"[A-Z][\w-]{1,20},? (?:&|and|en) $")
_FIRM = re.compile(
    r"^,? ?(?:&|en|and|\+) ?(?:Zn|Zonen|Co|Partners|Sons|Associates|[A-Z][\w-]+ (?:Advocaten|Notarissen|Accountants|LLP|Solicitors))\b|^ (?:B\.?V\.?|N\.?V\.?|Ltd|LLP|GmbH|Inc|S\.A\.|PLC)\b"
)
_VERSUS = re.compile(r"^ (?:v\.?|vs\.?|/|versus|tegen) ?[A-Z]|^ ?/ ?[A-Z]")
_VERSUS_BEFORE = re.compile(r"[A-Z][\w'-]+ (?:v\.?|vs\.?|versus) $|[A-Z][\w'-]+ ?/ ?$")
_COMMA_VERB = re.compile(r"^,? (?:die|who|whose|which)\b")


_TITLE_BY = re.compile(
    r"(?:[\"'*_)]|[A-Z][\w-]{2,20}),? (?:by|van|door) $|[\"*_)],? (?:by|van|door) $"
)
_BORN = re.compile(
    r"[ ,(;/:*°-]{1,4}(?:(?:geb|geboren|born|dob|d\.o\.b|gd|date of birth|geboortedatum)[. :]{0,3}(?:op |on |te [A-Z]\w{1,20} op )?)?",
    re.I,
)
_FAMILY = re.compile(
    r" (?:famil(?:y|ie)|household|estate|brothers|sisters|children|twins|couple)\b"
)
_FOLLOWED = re.compile(
    r"^,? ?\(?(?:pat\.?(?:i[eë]nt)?-?(?:nr|nummer)|patnr|mrn|nhs|bsn|lid(?:nr|nummer)?\b|leerlingn|dob\b|d\.o\.b|geb|born|ni no|tel\b|tel\.|kamer \d|bed \d|room \d|0\d|\+\d\d)",
    re.I,
)
_IN_CLASS = re.compile(
    r"^,? \(?(?:is |zit |sits )?(?:uit|van|in|from)? ?(?:groep|klas|jaar|year|grade|class|form|reception) ?\d|^ \((?:groep|klas|year|grade|[1-6] ?(?:havo|vwo|vmbo)|havo|vwo|vmbo)",
    re.I,
)
_REFERENCE = re.compile(r"\((?:19|20)\d\d[a-z]?\)|, (?:19|20)\d\d\b")
_PUBLISHED = re.compile(
    r"[A-Z]\.,|; [A-Z]|\bIn [A-Z]|\bpp?\. ?\d|\b(?:Vol|Proc|Journal|arXiv|doi|ISBN|Press|Springer|Wiley|Conference|eds?\.)",
    re.I,
)


def _near_birth(text: str, end: int, births: list[int]) -> bool:
    """Whether a day stands right behind, with nothing between but signs or the word 'born'."""
    place = _next(births, end)
    return place is not None and place - end <= 26 and bool(_BORN.fullmatch(text, end, place))


def _next(places: list[int], end: int) -> int | None:
    """The first of some places in the text that is not before `end`."""
    index = bisect_left(places, end)
    return places[index] if index < len(places) else None


def _in_references(text: str, piece) -> bool:
    """Whether the line is one of a list of literature."""
    start = max(text.rfind("\n", 0, piece.start) + 1, piece.start - 160)
    end = text.find("\n", piece.end)
    line = text[start : min(end if end >= 0 else len(text), piece.end + 200)]
    return bool(_REFERENCE.search(line) and len(_PUBLISHED.findall(line)) > 1)


def weight(text: str, piece, births: list[int]) -> float:
    """The sum of what speaks for and against; ENOUGH is a name."""
    total = own(piece)
    total += _before(text, piece)
    total += _after(text, piece, births)
    return total


def _neighbours(piece, step: int, count: int = 4) -> list[str]:
    """The words before (step -1) or after the piece, in its sentence, nearest first."""
    cut = piece.tokens
    i = (piece.first if piece.title is None else piece.title) - 1 if step < 0 else piece.last + 1
    found = []
    while 0 <= i < len(cut) and len(found) < count:
        token = cut[i]
        if token.kind == "line" or (
            token.kind == "sign"
            and token.text in ".!?;"
            and not (
                token.text == "."
                and i
                and cut[i - 1].kind == "word"
                and len(cut[i - 1].text) < 5
                and step < 0
            )
        ):
            break
        found.append(token.low if token.kind != "taken" else "")
        i += step
    return found


def _before(text: str, piece) -> float:
    cut, score = piece.tokens, 0.0
    if piece.title is not None:
        title = cut[piece.title].low
        score += 4.0 if title not in {"dr", "prof", "doctor", "ing", "ir", "professor"} else 2.6
        if title in {"coach", "nurse", "sister", "trainer"}:
            score -= 2.0
    near = _neighbours(piece, -1)
    start = piece.start
    words = [w for w in near if w.isalpha() or "-" in w]
    one = near[0] if near else ""
    two = words[1] if len(words) > 1 else ""
    if near and one in {".", ":"}:
        one = words[0] if words else ""
    if one in cues.PUBLIC_TITLES:
        score -= 4.0
    elif (
        one in cues.NAMERS
        or (one in {"called", "name"} or (two in {"naam", "name"} and one in {"is", "van"}))
        or one in cues.FAMILIES
        or (two in cues.FAMILIES and one in {"of", "van"})
    ):
        score += 3.2
    elif one in cues.PERSONS and near[0] not in {","}:
        score += 2.6
    elif near and near[0] in {",", "("} and words and words[0] in cues.PERSONS:
        score += 1.8
    elif one in cues.MATTERS or (
        two in cues.MATTERS
        and one in {"van", "of", "de", "inzake", "for", "tussen", "between", "money"}
    ):
        score += 2.4
    elif two in cues.PERSONS and one in {"van", "of"}:
        score += 1.6
    elif one in cues.WITH or (
        two in cues.WITH and one in {"met", "to", "with", "aan", "naar", "door", "by", "tegen"}
    ):
        score += 2.2
    elif one in {"met", "with", "door", "by", "tegen", "voor", "aan", "en", "and", "of", "or"}:
        score += 0.3
    elif one in cues.LOCATIVES:
        score -= 1.0 if not all(t.is_first and not t.has("p") for t in piece.words) else 0.2
    if (
        one in cues.ARTICLES
        and piece.title is None
        and not _FAMILY.match(text, piece.end)
        and cut[piece.first].low not in cues.FIRM_INTERFIXES
    ):
        score -= 1.6 if len(piece.words) == 1 else 2.4
    if one in {"via", "per", "using", "like", "zoals"}:
        score -= 1.0
    if one in cues.BEFORE_THING:
        score -= 3.5
    if (two in cues.OF_THING and one in {"van", "of", "de"}) or one == "morbus":
        score -= 5.0
    elif one in cues.OF_THING:
        score -= 1.5
    if (
        any(w in cues.CITING for w in words[:3])
        and not (set(words[:4]) & {"mij", "me", "hem", "haar", "ons"})
        and piece.title is None
        and one not in cues.PERSONS
    ):
        score -= 2.2
    line = text.rfind("\n", 0, start) + 1
    opening = text[line:start].strip(" *>").lower()
    if opening in cues.GREETINGS or re.fullmatch(
        r"(?:beste|dear|hoi|hallo|dag|hi|geachte) (?:mr|mrs|dr|heer|mevrouw|collega|dokter)\.?",
        opening,
    ):
        score += 3.2
    score += _signed(text, piece, line, opening)
    if _VERSUS_BEFORE.search(text[max(0, start - 30) : start]):
        score += 1.4
    if piece.title is None and (
        _TITLE_BY.search(text[max(0, start - 40) : start]) or _in_references(text, piece)
    ):
        score -= 2.4
    if _CITED_BEFORE.search(text[max(0, start - 30) : start]) and _YEAR.match(
        text[piece.end : piece.end + 10]
    ):
        score -= 6.0
    return score


def _signed(text: str, piece, line: int, opening: str) -> float:
    """A name that closes a letter."""
    end = text.find("\n", piece.end)
    rest = text[piece.end : end if end >= 0 else len(text)].strip(" .*_,")
    if rest and len(rest) > 40:
        return 0.0
    last_word = re.split(r"[\s,.]+", opening.strip(" ,-–!."))[-1] if opening else ""
    if last_word in cues.CLOSINGS or opening in {"-", "--"}:
        return 3.4 if not rest else 1.5
    if not opening and not rest and piece.start > 20:
        above = text[max(0, line - 60) : line].rstrip().lower().rsplit("\n", 1)[-1]
        words = re.split(r"[\s,.!]+", above.strip(" ,.!-"))
        if words and (words[-1] in cues.CLOSINGS or "groet" in above or "regards" in above):
            return 3.4
        if not text[piece.end :].strip():
            return 1.4
    return 0.0


def _after(text: str, piece, births: list[int]) -> float:
    score = 0.0
    end = piece.end
    rest = text[end : end + 60]
    near = _neighbours(piece, 1)
    one = near[0] if near else ""
    words = [w for w in near if w.isalpha()]
    if _CITED.match(rest):
        return -7.0
    if _YEAR.match(rest) and (_next(births, end) or end + 9) - end > 3:
        score -= 5.0
    if _FIRM.match(rest):
        return -7.0
    if _near_birth(text, end, births) and not any(
        t.has("p") or t.is_plain_word for t in piece.words
    ):
        score += 3.0
    elif _AGE.match(rest):
        score += 2.8
    if _IN_CLASS.match(rest):
        score += 1.6
    possessive = rest.startswith("'s") or (
        piece.words and piece.words[-1].stem != piece.words[-1].low
    )
    follower = near[0] if near and near[0] != "'" else ""
    if possessive and follower in cues.AUTHORED and piece.title is None:
        score -= 3.5
    elif possessive and follower in cues.KIN:
        score += 1.8
    elif possessive and re.match(r"'s [\"*_A-Z]", rest):
        score -= 2.0
    elif possessive:
        score += 0.4
    if one in cues.AFTER_THING and piece.title is None:
        score -= 5.0
    elif one in cues.LIVES:
        score += 2.7
    elif one in cues.STRONG_DOES:
        score += 1.2
    elif one in cues.WEAK_DOES:
        score += 0.6
        if any(w in cues.DONE for w in words[1:4]):
            score += 1.8
        elif any(w in cues.STRONG_DOES for w in words[1:4]):
            score += 0.6
    elif _FAMILY.match(rest):
        score += 3.0
    elif _FOLLOWED.match(rest):
        score += 1.8
    elif _COMMA_VERB.match(rest):
        score += 1.2
    elif one == "," and words and words[0] in cues.DOES:
        score += 0.6
    elif any(w in cues.STRONG_DOES for w in words[1:4]):
        score += 0.8
    stop = re.search(r"[.!?\n]", text[end : end + 120])
    sentence = text[end : end + (stop.start() if stop else 120)].lower()
    following = set(re.findall(r"[a-z]+", sentence))
    beyond = set(re.findall(r"[a-z]+", text[end : end + 160].lower())[:26])
    if following & cues.PRONOUNS:
        score += 0.7
    elif beyond & {"hij", "zij", "hem", "haar", "he", "she", "him", "her", "his"}:
        score += 0.5
    if _VERSUS.match(rest):
        around = set(re.findall(r"[a-z-]+", text[max(0, piece.start - 90) : end + 90].lower()))
        score += (
            -5.0
            if around & cues.CASE_LAW or re.search(r"\[(?:19|20)\d\d\]", text[end : end + 60])
            else 1.4
        )
    elif _VERSUS_BEFORE.search(text[max(0, piece.start - 30) : piece.start]):
        around = set(re.findall(r"[a-z-]+", text[max(0, piece.start - 110) : end + 90].lower()))
        score += (
            -6.0
            if around & cues.CASE_LAW or re.search(r"\[(?:19|20)\d\d\]", text[end : end + 60])
            else 0.0
        )
    return score
