"""Ways to reach a person: telephone, e-mail, and pages about somebody."""

import re

from kring.lib.privacy.finding import CERTAIN, EMAIL, LIKELY, PHONE, URL, Finding
from kring.lib.privacy.lexicon import marks

_RUN = re.compile(r"(?<![\w/.,=#€$£-])(?:\+ ?|00 ?)?\(?\d(?:[ ()./-]{0,3}\d){6,15}(?![\w€])")
_LABEL = re.compile(
    r"\b(?:tel(?:efoon(?:nummer|nr)?)?|phone|mobile|mobiel|mob|gsm|cell|bel(?:len|t|de)?|call(?:ed"
    r"|s|ing)?|ring(?:s|ing)?|rang|app(?:en|te|t)?|whatsapp|sms|text(?:ed)?|fax|nummer|number|bereik"
    r"baar|reach(?:able|ed)?|contact|dial|t|m|nr|06)\b[^\n\d;]{0,25}$",
    re.I,
)
_NOT_PHONE = re.compile(
    r"\b(?:isbn|issn|order|bestel\w*|factuur\w*|invoice|artikel\w*|kvk|btw|vat|kenmerk|serie\w*"
    r"|serial|doi|pmid|imei|ean|sku|ref|reference|account|rekening\w*|zaak\w*|ticket|case|bsn|nhs"
    r"|charity|company|versie|version|patnr|mrn)\b[^\n\d;]{0,20}$",
    re.I,
)
_SERVICE = ("0800", "0900", "0906", "0909", "0870", "0871", "0845", "0844", "0300", "0808", "085", "088",
            "0343", "0345", "0333")  # fmt: skip
_COUNTRIES = {
    "31": (9, 9), "32": (8, 9), "49": (7, 12), "44": (9, 10), "1": (10, 10), "33": (9, 9),
    "34": (9, 9), "39": (8, 11), "48": (9, 9), "90": (10, 10), "212": (9, 9), "597": (6, 7),
    "599": (7, 8), "297": (7, 7), "353": (7, 9), "352": (6, 9), "41": (9, 9), "43": (7, 12),
    "45": (8, 8), "46": (7, 10), "47": (8, 8), "351": (9, 9), "40": (9, 9), "36": (8, 9),
    "380": (9, 9), "91": (10, 10), "86": (10, 11), "62": (8, 12), "852": (8, 8), "234": (8, 10),
    "233": (9, 9), "254": (9, 9), "27": (9, 9), "92": (9, 10), "963": (8, 9), "20": (9, 10),
}  # fmt: skip
_LETTERS = r"A-Za-z0-9À-ÖØ-öø-ÿ"
_AROUND_AT = re.compile(rf"[{_LETTERS}](?:[{_LETTERS}_.+'-]{{0,62}}[{_LETTERS}_+-])?$")
_DOMAIN = re.compile(
    rf"(?:[{_LETTERS}](?:[{_LETTERS}-]{{0,61}}[{_LETTERS}])?\.){{1,5}}[A-Za-z]{{2,18}}"
)
_SPELLED = re.compile(
    r"(?<![\w@])([A-Za-z0-9](?:(?:[._-]|(?: ?[\[({] ?(?:dot|punt|\.) ?[\])}] ?))?[A-Za-z0-9]){0,50})"
    r" {0,2}(?:[\[({<] {0,2}(?:at|@|apenstaartje|a|ad) {0,2}[\])}>]| (?:at|apenstaartje|@) ) {0,2}"
    r"([A-Za-z0-9][A-Za-z0-9-]{0,40}(?: {0,2}[\[({] {0,2}(?:dot|punt|\.) {0,2}[\])}] {0,2}"
    r"| (?:dot|punt) |\.)[A-Za-z][A-Za-z0-9-]{1,40}(?:(?: {0,2}[\[({] {0,2}(?:dot|punt|\.)"
    r" {0,2}[\])}] {0,2}| (?:dot|punt) |\.)[A-Za-z]{2,10}){0,2})(?![\w@])",
    re.I,
)
_ROLE = re.compile(
    r"(?:info|contact|support|help(?:desk)?|no-?reply|admin|office|secretariaat|secretary|bestuur"
    r"|redactie|receptie|reception|balie|post|mail|webmaster|privacy|avg|fg|dpo|sales|verkoop"
    r"|servicedesk|service|klantenservice|administratie|administration|hello|hallo|enquiries"
    r"|inkoop|facturen|invoices|hr|pers|press|abuse|security|it|ict|ledenadministratie|poli"
    r"|vragen|questions|meldingen|noreply|postmaster|hostmaster|root|git)",
    re.I,
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"\])]{3,300}", re.I)
_BARE = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9][a-z0-9-]{0,40}\.){1,4}[a-z]{2,12}/[^\s<>\"\])]{2,200}", re.I
)
_SOCIAL = (
    "facebook", "linkedin", "instagram", "twitter", "tiktok", "snapchat", "x.com", "strava",
    "youtube", "threads", "mastodon", "bsky", "pinterest", "onlyfans", "vk.com", "hyves", "fb.com",
    "wa.me", "t.me", "telegram",
)  # fmt: skip
_GENERAL = re.compile(
    r"/(?:groups?|company|companies|pages?|events?|hashtag|watch|search|jobs?|posts?|school|pulse"
    r"|playlist|results|help|about|docs?|learning|business|legal|policies)(?:/|$|\?)",
    re.I,
)
_PERSON_PATH = re.compile(
    r"/(?:profiles?|profiel(?:en)?|pati[eë]nt(?:en|s)?|clients?|clienten|users?|u|members?|lid|leden"
    r"|leerling(?:en)?|pupils?|students?|people|person(?:en)?|persons?|personen|medewerkers?|staff|team"
    r"|employees?|spelers?|players?|dossiers?|records?|cases?|accounts?|klanten?|customers?|in"
    r"|artsen?|doctors?|cv)/(?P<who>[^/\s?#]{2,80})|[?&](?:patient(?:_?id)?|pid|client(?:_?id)?|user"
    r"(?:_?id)?|student(?:_?id)?|leerling|lid|member(?:_?id)?|bsn|mrn|dossier|naam|name|person)="
    r"[^&\s]{2,60}",
    re.I,
)
_NAMED = re.compile(
    r"/~?[a-z]{2,20}[._-](?:van[._-])?(?:de[rn]?[._-])?[a-z]{2,24}(?:[._-]?\d{1,4})?/?$", re.I
)


def contacts(text: str) -> list[Finding]:
    """Telephones, addresses of e-mail and pages about a person in a plain text."""
    found = []
    if "@" in text or "at" in text.lower() or "apenstaart" in text.lower():
        found += _emails(text)
    if "." in text:
        found += _links(text)
    found += _phones(text)
    return found


def _emails(text: str):
    at = text.find("@")
    while at >= 0:
        before = _AROUND_AT.search(text, max(0, at - 64), at)
        after = _DOMAIN.match(text, at + 1, min(len(text), at + 200))
        if before and after and not _ROLE.fullmatch(before[0]):
            yield Finding(before.start(), after.end(), EMAIL, CERTAIN)
        at = text.find("@", at + 1)
    for match in _SPELLED.finditer(text):
        known = re.search(
            r"(?:gmail|hotmail|outlook|live|ziggo|kpn|xs4all|yahoo|icloud)", match[2], re.I
        )
        spelled = re.search(r"[\[({<]|dot|punt|apenstaart", match[0], re.I)
        tld = re.search(r"\.(?:nl|com|org|net|be|uk|de|eu)$", match[2], re.I)
        if (spelled or known or (tld and "." in match[1])) and not _ROLE.fullmatch(match[1]):
            yield Finding(*match.span(), EMAIL, CERTAIN if spelled else LIKELY)


def _phones(text: str):
    for match in _RUN.finditer(text):
        start, end = match.span()
        before = text[max(0, start - 45) : start]
        if _NOT_PHONE.search(before):
            continue
        raw = match[0]
        if raw.startswith("(") and ")" not in raw:
            start, raw = start + 1, raw[1:]
        if (
            re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}", raw)
            or re.match(r"\d{1,3}(\.\d{3}){2,}$", raw)
        ) and (
            not raw.startswith(("06", "0")) or re.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}$", raw)
        ):
            continue
        sure = _surely(raw, bool(_LABEL.search(before)))
        if sure:
            yield Finding(start, end, PHONE, sure)


def _surely(raw: str, labelled: bool) -> str | None:
    """How sure it is that these digits reach somebody."""
    digits = "".join(c for c in raw if c.isdigit())
    if raw[0] == "+" or digits.startswith("00"):
        national = digits[2:] if digits.startswith("00") and raw[0] != "+" else digits
        for length in (3, 2, 1):
            if bounds := _COUNTRIES.get(national[:length]):
                rest = national[length:].removeprefix("0")
                if bounds[0] <= len(rest) <= bounds[1]:
                    return CERTAIN
        return LIKELY if raw[0] == "+" and 9 <= len(digits) <= 15 else None
    if digits.startswith(_SERVICE) and not digits.startswith(("0343", "0345")):
        return None
    spaced = len(digits) != len(raw)
    if digits[0] == "0" and digits[1] != "0":
        if digits.startswith("06") and len(digits) == 10:
            return CERTAIN
        if digits.startswith("07") and len(digits) == 11:
            return CERTAIN
        if digits.startswith("04") and len(digits) == 10:
            return CERTAIN
        if len(digits) in {10, 11}:
            return CERTAIN if labelled or (spaced and _grouped_as_phone(raw)) else LIKELY
        if len(digits) in {9, 12} and (labelled or (spaced and len(digits) == 9)):
            return LIKELY
        return None
    if re.fullmatch(r"\(?[2-9]\d{2}\)?[ .-]{1,2}[2-9]?\d{2}[ .-]\d{4}", raw):
        return CERTAIN if labelled else LIKELY
    if digits.startswith("6") and len(digits) == 9 and labelled:
        return LIKELY
    return LIKELY if labelled and 7 <= len(digits) <= 11 and re.search(r"[ -]", raw) else None


def _grouped_as_phone(raw: str) -> bool:
    return bool(re.match(r"\(?0\d{1,4}\)?[ ./-]{1,3}\d", raw))


def _links(text: str):
    seen = []
    for rule in (_LINK, _BARE):
        for match in rule.finditer(text):
            link = match[0].rstrip(".,;:!?'*_")
            if any(start <= match.start() < end for start, end in seen):
                continue
            seen.append(match.span())
            if _about_a_person(link):
                yield Finding(match.start(), match.start() + len(link), URL, LIKELY)


def _about_a_person(link: str) -> bool:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", link, flags=re.I)
    host, slash, path = bare.partition("/")
    if not slash or len(path) < 2:
        return False
    path = slash + path
    if any(name in host.lower() for name in _SOCIAL):
        return not _GENERAL.match(path)
    if match := _PERSON_PATH.search(path):
        who = match["who"]
        return who is None or bool(re.search(r"\d|[._-]", who))
    named = _NAMED.search(path)
    if (
        named is None
        or "wiki" in host
        or "f" not in marks(re.split(r"[._-]", named[0].strip("/~"))[0].lower())
    ):
        return False
    return not re.search(r"\.(?:html?|php|aspx?|pdf|js|css|py|md)$", path)
