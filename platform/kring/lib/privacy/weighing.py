"""How much speaks for a piece of text being somebody's name.

Each rule below answers one question about what stands around a piece. The weights were set by hand
and tried on texts of which half was held back; `make guard-report` shows what they are worth.
"""

import re
from bisect import bisect_left

from kring.lib.privacy import cues
from kring.lib.privacy.own_words import own

ENOUGH = 3.0

_AGE = re.compile(
    r"^'?s?,? ?(?:\(?(?:[mvfMVF][,/ ]? ?)?\d{1,3}(?:[,/ ]? ?[mvfMVF])?\)"
    r"|\(?,? ?(?:inmiddels |nu |now |aged? |van )?\d{1,3}(?:-| )?(?:jaar|jr|jarige?|j\b|years?|yrs?|yo\b|y/o|maanden|months|weken|weeks)"
    r"|, (?:aged )?\d{1,2}(?=[,.)]))",
    re.I,
)
_YEAR = re.compile(r"^,? ?[(\[]?(?:18|19|20)\d{2}[a-z]?[)\]:,]")
_CITED = re.compile(
    r"^(?:,? (?:et al|e\.a\.|cs\b|c\.s\.|and colleagues|en collega's|en medewerkers)"
    r"|,? ?(?:&|and|en) [A-Z][\w-]{1,20},? ?\(?(?:19|20)\d\d|,? ?\[\d)"
)
_CITED_BEFORE = re.compile(r"[A-Z][\w-]{1,20},? (?:&|and|en) $")
_FIRM = re.compile(
    r"^,? ?(?:&|en|and|\+) ?(?:Zn|Zonen|Co|Partners|Sons|Associates|[A-Z][\w-]{1,20} (?:Advocaten|Notarissen|Accountants|LLP|Solicitors))\b"
    r"|^ & [A-Z]|^ (?:B\.?V\.?|N\.?V\.?|Ltd|LLP|GmbH|Inc|S\.A\.|PLC)\b"
)
_VERSUS = re.compile(r"^ (?:v\.?|vs\.?|versus|tegen) [A-Z]")
_VERSUS_BEFORE = re.compile(r"[A-Z][\w'-]{1,24} (?:v\.?|vs\.?|versus) $")
_SLASH = re.compile(r"^ ?/ ?[A-Z]")
_SLASH_BEFORE = re.compile(r"[A-Za-z][\w'-]{1,24} ?/ ?$")
_LAW_REPORT = re.compile(r"\[(?:19|20)\d\d\]|\b(?:LJ|J|QC|KC|CJ|MR|SC|EWCA|UKSC|ECLI)\b")
_WHO = re.compile(r"^,? (?:die|who|whose|which)\b")
_TITLE_BY = re.compile(
    r"(?:[\"'*_)]|[A-Z][\w-]{2,20}),? (?:by|van|door) $|[\"*_)],? (?:by|van|door) $"
)
_BORN = re.compile(
    r"[ ,(;/:*°-]{1,4}(?:(?:geb|geboren|born|dob|d\.o\.b|gd|date of birth|geboortedatum|geboortejaar)[. :]{0,3}(?:op |on |te [A-Z]\w{1,20} op )?)?",
    re.I,
)
_FAMILY = re.compile(
    r" (?:famil(?:y|ie)|household|estate|brothers|sisters|children|twins|couple)\b"
)
_FOLLOWED = re.compile(
    r"^,? ?\(?(?:pat\.?(?:i[eë]nt)?-?(?:nr|nummer)|patnr|mrn|nhs|bsn|lid(?:nr|nummer)?\b|leerlingn|relatiecode|fan \d|dob\b|d\.o\.b|geb|born"
    r"|ni no|tel\b|tel\.|kamer \d|bed \d|room \d|0\d|\+\d\d)",
    re.I,
)
_PLACED = re.compile(
    r"^,? \(?(?:is |zit |sits |ligt |lies )?(?:(?:uit|van|in|from|op|on)? ?(?:groep|klas|jaar|year|grade|class|form|reception|kamer|zaal|bed|room|ward|bay) ?\d"
    r"|(?:uit|van|in|from|op|on) (?:kamer|zaal|bed|afdeling|room|ward|bay|\d{1,2}[a-z]?\b))"
    r"|^ \((?:groep|klas|year|grade|[1-6] ?(?:havo|vwo|vmbo)|havo|vwo|vmbo)",
    re.I,
)
_REFERENCE = re.compile(r"\((?:19|20)\d\d[a-z]?\)|, (?:19|20)\d\d\b")
_PUBLISHED = re.compile(
    r"[A-Z]\.,|; [A-Z]|\bIn [A-Z]|\bpp?\. ?\d|\b(?:Vol|Proc|Journal|arXiv|doi|ISBN|Press|Springer|Wiley|Conference|eds?\.)",
    re.I,
)
_SPOKEN_TO = re.compile(
    r"(?:beste|dear|hoi|hallo|dag|hi|geachte) (?:mr|mrs|ms|dr|heer|mevrouw|collega|dokter|colleague)\.?"
)


class Around:
    """What stands around a piece: words before and after in its sentence, nearest first."""

    def __init__(self, text: str, piece, births: list[int]):
        self.text, self.piece, self.births = text, piece, births
        self.start, self.end = piece.start, piece.end
        self.titled = piece.title is not None
        self.before = _neighbours(piece, -1, 7)
        self.after = _neighbours(piece, 1, 4)
        self.words = [w for w in self.before if w.isalpha() or "-" in w]
        self.one = self.before[0] if self.before else ""
        self.two = self.words[1] if len(self.words) > 1 else ""
        if self.one in {".", ":", '"', "'", "(", "*"}:
            self.one = self.words[0] if self.words else ""
        self.next = self.after[0] if self.after else ""
        self.coming = [w for w in self.after if w.isalpha()]
        self.rest = text[self.end : self.end + 60]

    def wide(self) -> set[str]:
        near = self.text[max(0, self.start - 110) : self.end + 90].lower()
        return set(re.findall(r"[a-z-]+", near))


def weight(text: str, piece, births: list[int]) -> float:
    """The sum of what speaks for and against; ENOUGH is a name."""
    around = Around(text, piece, births)
    return own(piece) + sum(rule(around) for rule in _RULES)


def _neighbours(piece, step: int, count: int) -> list[str]:
    cut = piece.tokens
    i = (piece.first if piece.title is None else piece.title) - 1 if step < 0 else piece.last + 1
    found = []
    while 0 <= i < len(cut) and len(found) < count:
        token = cut[i]
        ends = token.kind == "sign" and token.text in ".!?;"
        shortened = step < 0 and token.text == "." and i and 0 < len(cut[i - 1].text) < 5
        if token.kind == "line" or (ends and not (shortened and cut[i - 1].kind == "word")):
            break
        found.append(token.low if token.kind != "taken" else "")
        i += step
    return found


def _title(a: Around) -> float:
    """'Mw.', 'dhr.', 'Mr'; the titles of learning also stand before authors."""
    if not a.titled:
        return 0.0
    title = a.piece.tokens[a.piece.title].low
    if title in {"prof", "professor"}:
        return 1.0
    if title in {"dr", "doctor", "ing", "ir", "coach", "nurse", "sister", "trainer"}:
        return 2.4
    return 4.0


def _announced(a: Around) -> float:
    """A word before that says a person follows: 'heet', 'familie', 'patiënt', 'dossier', 'sprak'."""
    one, two = a.one, a.two
    if one in cues.PUBLIC_TITLES:
        return -4.0
    if one in cues.NAMERS or one in {"called", "name"} or one in cues.FAMILIES:
        return 3.2
    if one in {"is", "was", "luidt"} and {"name", "naam", "naamgenoot"} & set(a.words):
        return 3.2
    if two in cues.FAMILIES and one in {"of", "van"}:
        return 3.2
    if one in cues.PERSONS and a.before[0] != ",":
        return 2.6
    if a.before and a.before[0] in {",", "("} and a.words and a.words[0] in cues.PERSONS:
        return 1.8
    if one in cues.MATTERS or (two in cues.MATTERS and one in cues.LINKING):
        return 2.4
    if two in cues.PERSONS and one in {"van", "of"}:
        return 1.6
    if two in cues.PERSONS and one in {"is", "was"}:
        return 2.0
    if a.before and a.before[0] == "," and a.next == "," and set(a.words[:6]) & cues.PERSONS:
        return 1.8
    if one in cues.WITH or (two in cues.WITH and one in cues.LINKING):
        return 2.2
    if one in {
        "met",
        "with",
        "door",
        "by",
        "tegen",
        "voor",
        "aan",
        "en",
        "and",
        "of",
        "or",
        "over",
    }:
        return 0.3
    if one in cues.LOCATIVES:
        plainly = all(t.is_first and not t.has("p") for t in a.piece.words)
        return -0.2 if plainly else -1.0
    return 0.0


def _thing_before(a: Around) -> float:
    """What says a thing, a place or an institution follows: 'de', 'via', 'Stichting', 'ziekte van'."""
    score = 0.0
    interfix = a.piece.tokens[a.piece.first].low in cues.FIRM_INTERFIXES
    if a.one in cues.ARTICLES and not a.titled and not interfix and not _FAMILY.match(a.rest):
        score -= 1.6 if len(a.piece.words) == 1 else 2.4
    if a.one in {"via", "per", "using", "like", "zoals"}:
        score -= 1.0
    if a.one in cues.BEFORE_THING:
        score -= 3.5
    if (a.two in cues.OF_THING and a.one in {"van", "of", "de"}) or a.one == "morbus":
        score -= 5.0
    elif a.one in cues.OF_THING:
        score -= 1.5
    return score


def _quoted(a: Around) -> float:
    """Authors: 'volgens X', 'a book by X', a list of literature."""
    score = 0.0
    if a.titled:
        return score
    about_us = set(a.words[:4]) & {"mij", "me", "hem", "haar", "ons"}
    if any(w in cues.CITING for w in a.words[:3]) and not about_us and a.one not in cues.PERSONS:
        score -= 2.2
    near = a.text[max(0, a.start - 40) : a.start]
    if _TITLE_BY.search(near) or _in_references(a):
        score -= 2.4
    if _CITED_BEFORE.search(near) and _YEAR.match(a.rest):
        score -= 6.0
    return score


def _in_references(a: Around) -> bool:
    start = max(a.text.rfind("\n", 0, a.start) + 1, a.start - 160)
    end = a.text.find("\n", a.end)
    line = a.text[start : min(end if end >= 0 else len(a.text), a.end + 200)]
    return bool(_REFERENCE.search(line) and len(_PUBLISHED.findall(line)) > 1)


def _greeted_or_signed(a: Around) -> float:
    """'Hoi X,' at the start of a line; 'Groet, X' at its end."""
    line = a.text.rfind("\n", 0, a.start) + 1
    opening = a.text[line : a.start].strip(" *>").lower()
    if opening in cues.GREETINGS or _SPOKEN_TO.fullmatch(opening):
        return 3.2
    end = a.text.find("\n", a.end)
    rest = a.text[a.end : end if end >= 0 else len(a.text)].strip(" .*_,")
    if len(rest) > 40:
        return 0.0
    last = re.split(r"[\s,.]+", opening.strip(" ,-–!."))[-1] if opening else ""
    if last in cues.CLOSINGS or opening in {"-", "--"}:
        return 3.4 if not rest else 1.5
    if opening or a.start <= 20:
        return 0.0
    above = a.text[max(0, line - 60) : line].rstrip().lower().rsplit("\n", 1)[-1]
    words = re.split(r"[\s,.!]+", above.strip(" ,.!-"))
    if (words and words[-1] in cues.CLOSINGS) or "groet" in above or "regards" in above:
        return 3.4
    return 1.4 if not a.text[a.end :].strip() else 0.0


def _cited(a: Around) -> float:
    """'Jansen et al.', 'Jansen (2019)', 'Jansen & Zonen', 'Jansen BV'."""
    if _CITED.match(a.rest) or _FIRM.match(a.rest):
        return -7.0
    place = _next(a.births, a.end)
    if _YEAR.match(a.rest) and (place is None or place - a.end > 3):
        return -5.0
    return 0.0


def _next(places: list[int], end: int) -> int | None:
    index = bisect_left(places, end)
    return places[index] if index < len(places) else None


def _known_of(a: Around) -> float:
    """An age, a day of birth, a number, a class or a room right behind."""
    score = 0.0
    place = _next(a.births, a.end)
    near = place is not None and place - a.end <= 26 and _BORN.fullmatch(a.text, a.end, place)
    if near and not any(t.has("p") or t.is_plain_word for t in a.piece.words):
        score += 3.0
    elif _AGE.match(a.rest):
        score += 2.8
    if _PLACED.match(a.rest):
        score += 2.0
    elif _FAMILY.match(a.rest):
        score += 3.0
    elif _FOLLOWED.match(a.rest):
        score += 1.8
    elif _WHO.match(a.rest):
        score += 1.2
    return score


def _owns(a: Around) -> float:
    """'Declan's mother' is a person's, 'Asimov's laws' an author's."""
    words = a.piece.words
    if not a.rest.startswith("'s") and (not words or words[-1].stem == words[-1].low):
        return 0.0
    follower = a.next if a.next != "'" else ""
    if follower in cues.AUTHORED and not a.titled:
        return -3.5
    if follower in cues.KIN:
        return 1.8
    return -2.0 if re.match(r"'s [\"*_A-Z]", a.rest) else 0.4


def _does(a: Around) -> float:
    """A verb of a person behind it, or a noun that makes it a thing."""
    one, coming = a.next, a.coming
    if one in cues.AFTER_THING and not a.titled:
        return -5.0
    if one in cues.LIVES:
        return 2.7
    if one in cues.STRONG_DOES:
        return 1.2
    if one in cues.WEAK_DOES:
        if any(w in cues.DONE for w in coming[1:4]):
            return 2.4
        return 1.2 if any(w in cues.STRONG_DOES or w in cues.BODY for w in coming[1:4]) else 0.6
    if one == "," and coming and coming[0] in cues.DOES:
        return 0.6
    return 0.8 if any(w in cues.STRONG_DOES for w in coming[1:4]) else 0.0


def _spoken_of(a: Around) -> float:
    """'hij', 'haar', 'his' further on."""
    stop = re.search(r"[.!?\n]", a.text[a.end : a.end + 120])
    sentence = a.text[a.end : a.end + (stop.start() if stop else 120)].lower()
    sentence = sentence.removeprefix(" zijn ")  # a verb there
    if set(re.findall(r"[a-z]+", sentence)) & cues.PRONOUNS:
        return 0.7
    beyond = set(re.findall(r"[a-z]+", a.text[a.end : a.end + 160].lower())[:26])
    return 0.5 if beyond & {"hij", "zij", "hem", "haar", "he", "she", "him", "her", "his"} else 0.0


def _parties(a: Around) -> float:
    """Parties: 'De Boer/Yilmaz' in a file; 'Okafor v Brennan' of one's own, not of the law reports."""
    near = a.text[max(0, a.start - 30) : a.start]
    if _SLASH.match(a.rest) or _SLASH_BEFORE.search(near):
        return 1.4
    if not _VERSUS.match(a.rest) and not _VERSUS_BEFORE.search(near):
        return 0.0
    wide = a.wide()
    if wide & cues.CASE_LAW or _LAW_REPORT.search(a.text[max(0, a.start - 40) : a.end + 60]):
        return -5.0
    return 2.0 if wide & cues.OUR_CASE else -1.0


_RULES = (
    _title, _announced, _thing_before, _quoted, _greeted_or_signed, _cited, _known_of, _owns, _does,
    _spoken_of, _parties,
)  # fmt: skip
