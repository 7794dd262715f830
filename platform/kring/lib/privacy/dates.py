"""Days of birth, in every way people write them. Other days are nobody's business here."""

import re
from datetime import date

from kring.lib.privacy.finding import BIRTHDATE, CERTAIN, LIKELY, Finding

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january", "februari feb february febr", "maart mrt march mar maa",
            "april apr", "mei may", "juni jun june", "juli jul july", "augustus aug august",
            "september sep sept", "oktober okt october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "(?P<{}>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?P<{}>(?:18|19|20)\d{{2}}|'?\d{{2}})"
DATE = re.compile(
    r"(?<![\w/.,-])(?:"
    r"(?P<y1>(?:19|20)\d{2}) ?[-/.] ?(?P<m1>\d{1,2}) ?[-/.] ?(?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2}) ?[-/. ] ?(?P<m2>\d{1,2}) ?[-/. ] ?" + _YEAR.format("y2") +
    r"|(?P<d3>\d{1,2})(?:st|nd|rd|th|e|de|ste)?(?: of)?[ -]{1,2}" + _MONTH.format("m3")
    + r"(?:,? ?-?|[ -])" + _YEAR.format("y3") +
    r"|" + _MONTH.format("m4") + r" (?P<d4>\d{1,2})(?:st|nd|rd|th)?,? " + _YEAR.format("y4") +
    r"|(?P<d5>\d{1,2})(?:st|nd|rd|th|e)?(?: of)? " + _MONTH.format("m5") +
    r"|" + _MONTH.format("m6") + r" (?P<y6>(?:19|20)\d{2})"
    r"|" + _MONTH.format("m7") + r" (?P<d7>\d{1,2})(?:st|nd|rd|th)?"
    r"|(?P<d8>\d{2})(?P<m8>\d{2})(?P<y8>(?:19|20)\d{2})"
    r")(?![\w/-]|[.,]\d)",
    re.I,
)  # fmt: skip
_BORN = re.compile(
    r"(?:\b(?:geb(?:oren|ortedatum|oortedatum|datum|\.datum|\.dat|\.)?|geboorte-?datum|geboortedag"
    r"|birth ?date|date of birth|day of birth|d\.?o\.?b\.?|born|birthday|verjaardag|verjaart|jarig"
    r"|g\.?d\.?|gebdat|gebdd|geb\.?dd|gbd|bd|turns? \d{1,3}|wordt \d{1,3})(?![\w-])"
    r"|(?<![\w)])[°*✶])[^\n\d;]{0,28}$",
    re.I,
)
_BORN_AFTER = re.compile(
    r"\s{0,2}\(?(?:geboren|born|is (?:zijn|haar) verjaardag|geb\.|is (?:his|her) birthday"
    r"|is (?:zijn|haar) geboortedatum|\(?d\.?o\.?b\.?\)?)\b",
    re.I,
)
_OF = re.compile(
    r"\b(?:(?:hij|zij|ze|he|she) is (?:van|from) $|pati[eë]nte?|pt|pat|mevrouw|meneer|mw|dhr|m|v|man|vrouw|jongen|meisje|kind|leerling|pupil"
    r"|cli[eë]nte?|client|zoon|dochter|baby|male|female|boy|girl|child)\.?,? ?(?:\(|van|uit|dd\.?|,)? ?$",
    re.I,
)
_BESIDE_NAME = re.compile(r"^[ ]{0,2}[(,;:/-]?[ ]{0,2}$")
_EVENT = re.compile(
    r"\b(?:op|dd|d\.d\.|datum|per|sinds|tot|vanaf|on|since|until|from|due|before|voor|na|after|gezien"
    r"|opgenomen|geopereerd|admitted|seen|operated|ok|overleden|died|getrouwd|gescheiden)\.?:? ?$",
    re.I,
)


def day_of(match: re.Match) -> tuple[int | None, int, int | None] | None:
    """Year, month and day of a match, or None where there is no such day."""
    group = match.groupdict()
    for n in "12345678":
        month = group.get(f"m{n}")
        if month is None:
            continue
        year, day = group.get(f"y{n}"), group.get(f"d{n}")
        month = int(month) if month.isdigit() else _MONTHS[month.lower()]
        day = int(day) if day else None
        if month > 12 and day and day <= 12:  # the American way round
            month, day = day, month
        if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
            return None
        return _full(year), month, day
    return None


def _full(year: str | None) -> int | None:
    if year is None:
        return None
    number = int(year.lstrip("'"))
    if len(year.lstrip("'")) == 2:
        return 1900 + number if number > 26 else 2000 + number
    return number


def births(text: str, names: list[Finding], today: date) -> list[Finding]:
    """Days of birth in a plain text: by label, or beside the name of a person."""
    ends = {one.end for one in names}
    found = []
    for match in DATE.finditer(text):
        if (day := day_of(match)) is None:
            continue
        sure = _sure(text, match, day, ends, today)
        if sure:
            found.append(Finding(*match.span(), BIRTHDATE, sure))
    return found


def _sure(text: str, match: re.Match, day, ends: set[int], today: date) -> str | None:
    start = match.start()
    before = text[max(0, start - 48) : start]
    year = day[0]
    complete = year is not None and day[2] is not None
    if _BORN.search(before) or _BORN_AFTER.match(text, match.end()):
        return CERTAIN if complete else LIKELY
    if not complete or not 1900 <= year <= today.year:
        return None
    if match["d8"]:
        return None
    recent = date(year, day[1], min(day[2], 28)) > date(today.year - 4, today.month, 1)
    for back in range(0, 5):
        if start - back in ends and _BESIDE_NAME.match(text[start - back : start]):
            return LIKELY
    if recent or _EVENT.search(before):
        return None
    return LIKELY if _OF.search(before) else None


def band(text: str, language: str, today: date) -> str:
    """The ten years of age that go with a day of birth, or a word where its year is not said."""
    match = DATE.search(text)
    day = day_of(match) if match else None
    nl = language == "nl"
    if day is None or day[0] is None:
        return "[datum]" if nl else "[date]"
    year, month, dom = day[0], day[1], day[2] or 1
    age = today.year - year - ((today.month, today.day) < (month, dom))
    low = max(age, 0) // 10 * 10
    return f"{low}–{low + 9} {'jaar' if nl else 'years'}"
