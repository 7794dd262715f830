"""Numbers that are given to one person: their own proofs, and the labels that announce them."""

import re

from kring.lib.privacy.finding import BSN, CERTAIN, IBAN, LIKELY, NATID, PERSON_ID, Finding

_IBAN_LENGTHS = {
    "NL": 18, "BE": 16, "DE": 22, "GB": 22, "IE": 22, "FR": 27, "LU": 20, "ES": 24, "IT": 27,
    "PT": 25, "AT": 20, "CH": 21, "PL": 28, "TR": 26, "DK": 18, "SE": 24, "NO": 15, "FI": 18,
    "CZ": 24, "SK": 24, "HU": 28, "RO": 24, "BG": 22, "GR": 27, "HR": 21, "LT": 20, "LV": 21,
    "EE": 20, "SI": 19, "MT": 31, "CY": 28, "LI": 21, "MC": 27, "SM": 27, "IS": 26, "MA": 28,
    "UA": 29, "AE": 23, "SA": 24, "IL": 23, "PK": 24, "BA": 20, "RS": 22, "AL": 28, "MK": 19,
}  # fmt: skip
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ .-]?\d{2}(?:[ .-]{0,2}[A-Za-z0-9]){11,30}")
_NINE = re.compile(r"(?<![\w€$£#/-])(?<!\d[.,])\d(?:[ .-]?\d){7,8}(?![\w/-])(?![.,]\d)")
_BSN_LOOK = re.compile(r"\d{9}|\d{3}([ .-])\d{3}\1\d{3}|\d{4}([ .-])\d{2}\2\d{3}")
_BSN_LABEL = re.compile(
    r"\b(?:bsn|b\.s\.n\.|burger ?service ?(?:nummer|nr)|sofi(?:-?nummer|-?nr|nr)?"
    r"|citizen service (?:number|no)|dutch (?:social security|tax) (?:number|no))\b"
    r"[^\n\d;]{0,30}$",
    re.I,
)
_NHS_LABEL = re.compile(r"\b(?:nhs|chi|h&c)\b[^\n\d;]{0,24}$", re.I)
_NHS = re.compile(r"(?<![\w+.,/-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])(?![.,]\d)")
_NINO = re.compile(
    r"(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r" ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])",
    re.I,
)
_NI_LABEL = re.compile(
    r"\b(?:n\.?i\.?n\.?o?|n\.?i\.? ?(?:number|no)|national insurance(?: number| no)?)\b[^\n\d;]{0,20}?"
    r"(?<![A-Za-z])([A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Z])(?![A-Za-z0-9])",
    re.I,
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_SSN_LABEL = re.compile(r"\b(?:ssn|social security|social sec\b)[^\n\d;]{0,24}$", re.I)
_BELGIAN = re.compile(r"(?<![\w.])\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}(?![\w])")
_LICENCE = re.compile(
    r"(?<![A-Za-z0-9])[A-Z9]{5} ?\d[0156]\d[0-3]\d\d ?[A-Z9]{2} ?[A-Z0-9]{3}(?![A-Za-z0-9])"
)
_VAT = re.compile(
    r"(?<![A-Za-z0-9])(?:NL ?\d{9} ?\.?B ?\.?\d{2}|GB ?\d{3} ?\d{4} ?\d{2}|BE ?[01]\d{3}\.?\d{3}\.?\d{3}|DE ?\d{9})(?![A-Za-z0-9])"
)
_CARD = re.compile(r"(?<![\w.,/-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}(?![\w-])")

_NUMBER_WORDS = r"(?:nummers?|nrs?|num|number|no|id|code|ref(?:erence)?|#)"
_OWNERS = (
    r"pati[eë]nten|pati[eë]nts?|pat|pt|cli[eë]nten|cli[eë]nts?|client|klanten|klant|customer"
    r"|leerlingen|leerling|lln|pupil|student(?:en)?|studie|scholar|cursist|lidmaatschaps|leden|lid"
    r"|members?(?:hip)?|relatie|debiteur(?:en)?|zorg|verzekerden|verzekerings?|polis|policy"
    r"|insurance|paspoort|passport|rijbewijs|driving licen[cs]e|driver'?s licen[cs]e|licen[cs]e"
    r"|identiteitskaart|id-?kaart|id card|identity card|document|big(?:-registratie)?|agb|gmc|nmc"
    r"|personeels|medewerkers?|werknemers?|employee|staff|payroll|hospital|ziekenhuis|medisch"
    r"|medical record|record|dossier|status|kaart|opname|admission|episode|case ?file|mrn|epd"
    r"|registratie|registration|resident|bewoners?|deelnemers?|participant|proefpersoon|subject"
    r"|inschrijf|enrol?ment|candidate|kandidaat|examen|account|rekening|bank account|user"
    r"|gebruikers|speler|player|spelerspas|bonds|knvb|fan|fa|tax|steuer|utr|vreemdelingen|v"
    r"|uzovi|kenteken|number ?plate|licen[cs]e plate|registration plate|vehicle|onderwijs"
    r"|persoons|pgn|urn|uln|upn|fin|dbs|crb|pvg|vog|loan|lening|z|works|badge|pas|bibliotheek|library"
)
_LABELLED = re.compile(
    r"(?<![\w@/])(?:"
    rf"(?:{_OWNERS})[ .-]{{0,2}}{_NUMBER_WORDS}"
    r"|mrn|upn|uln|urn|p?atnr|patnr|ptnr|clnr|lidnr|llnr|big|agb|gmc|pgn|utr"
    r"|dbs|sort ?code|account|a/c|paspoort|passport|rijbewijs|driving licen[cs]e|kenteken"
    r"|number ?plate|licen[cs]e plate|client ref(?:erence)?|id-?kaart|sofi"
    rf"|(?:nummer|number|nr|no)\.?[ :]{{1,2}}(?:pati[eë]nt|cli[eë]nt|client|pupil|leerling)"
    r")(?![\w-])",
    re.I,
)
_HERS = re.compile(  # 'zijn polisnummer 123', 'her works number 88'
    r"\b(?:his|her|their|zijn|haar|hun|diens|wiens|[A-Z][a-z]{1,20}'s) (?:[\w-]{2,20} )?[\w-]{0,20}?(?:nummer|nr\.?|number|no\.|id)"
    r"(?![\w-])[ .:#=(-]{0,4}(?:is |was |luidt )?"
)
_OWNED = re.compile(  # 'patiënt 7734521', 'member 44821'
    r"(?<![\w-])(?:pati[eë]nte?|pt|cli[eë]nte?|client|pupil|student|leerling|lid|member|klant|customer|debiteur|crediteur|relatie"
    r"|passport|paspoort|policy|polis|loan|lening|employee|medewerker|dossier|mrn|dbs|crb|pvg|vog|fan|unit no|hosp(?:ital)? ?no)\.?"
    r" (?:nr\.? ?|no\.? ?|# ?|number |nummer |\()?(?=[\w./-]{0,14}\d{3})",
    re.I,
)
_LOGIN = re.compile(
    r"\b(?:uid|username|user ?id|login|gebruikersnaam|inlognaam|account name)[ :='\"]{1,3}(?:is )?(?=[\w.-]{0,20}\d)([a-zA-Z][\w.-]{3,24})",
    re.I,
)
_BARE_LABEL = re.compile(  # says what the number is of, not that it is one
    r"paspoort|passport|rijbewijs|driving licen[cs]e|kenteken|account|a/c|id-?kaart|big|agb|gmc|utr|dbs",
    re.I,
)
_BETWEEN = re.compile(
    r"[ .:#=(\[\"'-]{0,4}(?:(?:met|with|van|of|for|is|was|are|luidt|het|de|deze|this|the|his|her|hun|zijn"
    r"|haar|given|as|listed|registered|bekend|onder|under|in|ons|our|systeem|system|epd|hix|epic"
    r"|patient|pati[eë]nt|cli[eë]nt|client|lid|member|nummer|number|nr|no|ref|me?vr?o?u?w?|dhr|mr"
    r"|mrs|ms)[ .:#=(\[\"'-]{1,3}){0,5}",
    re.I,
)
_VALUE = re.compile(
    r"(?=[A-Za-z0-9./ -]{0,9}\d)[A-Za-z]{0,4}[ ./-]?\d[A-Za-z0-9]{0,14}"
    r"(?:[./-][A-Za-z0-9]{1,12}|[ ](?=\d{2,}\b)\d{2,8}){0,4}"
    r"|[A-Z]{2,8}\d[A-Z0-9]{1,14}"
)
_FREE = re.compile(
    r"\b(?:pati[eë]nt(?:e|en)?|cli[eë]nt(?:e|en)?|client|pt|leerling|pupil|student|lid|member"
    r"|speler|player|klant|customer|verzekerde|bewoner|resident|medewerker|employee|kind|child)\b"
    r"[^\n\d.;?!]{0,40}?(?<![A-Za-z])(?:nummer|nr\.?|number|no\.?|#|id|mrn|dossier|file|ref\.?)"
    r"[ .:#=(-]{0,4}(?:is[ :]|was[ :])?",
    re.I,
)
_UNDER = re.compile(
    r"\b(?:verzekerd|insured|bekend|geregistreerd|ingeschreven|opgenomen|staat|te vinden|registered|filed|listed"
    r"|known|look (?:him|her|them) up)\b[^\n\d.;?!]{0,24}?"
    r"\b(?:onder|under|with|met|als|as|by)\b[^\n\d.;?!]{0,24}?(?=[A-Z]{0,4}\d{2})",
    re.I,
)
_PLATE = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}"
    r"-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d{2}|\d{2}-[A-Z]{2}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|\d-[A-Z]{3}-\d{2}"
    r"|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}|[A-Z]{3}-\d{2}-[A-Z]|[A-Z]-\d{2}-[A-Z]{3}"
    r"|\d-[A-Z]{2}-\d{3}|[A-Z]{2}\d{2} ?[A-Z]{3})(?![\w-])"
)
_CAR = re.compile(
    r"\b(?:kenteken|auto|wagen|bus|busje|bestelbus|motor|voertuig|car|van|vehicle|plates?|reg"
    r"|registration|drives?|driving|rijdt|gezien in|volkswagen|vw|golf|toyota|ford|opel|renault"
    r"|peugeot|bmw|audi|mercedes|tesla|volvo|kia|skoda|seat|fiat|citroen|nissan)\b[^\n;]{0,40}$",
    re.I,
)


def eleven_proof(digits: str) -> bool:
    """The proof of a citizen service number (BSN)."""
    digits = digits.zfill(9)
    weighed = sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return weighed % 11 == 0 and len(set(digits)) > 1


def nhs_proof(digits: str) -> bool:
    """The modulus 11 of an NHS number."""
    check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9]) and check != 10 and len(set(digits)) > 1


def iban_proof(iban: str) -> bool:
    """The modulus 97 of an account number."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def numbers(text: str) -> list[Finding]:
    """Every number in a plain text that belongs to one person."""
    if not any(c.isdigit() for c in text):
        return []
    found = [*_ibans(text), *_national(text), *_coded(text), *_labelled(text)]
    return found


def _ibans(text: str):
    for match in _IBAN.finditer(text):
        raw = match[0]
        kept = [i for i, c in enumerate(raw) if c.isalnum()]
        iban = "".join(raw[i] for i in kept).upper()
        wanted = _IBAN_LENGTHS.get(iban[:2])
        if wanted is None or len(iban) < wanted:
            continue
        end = match.start() + kept[wanted - 1] + 1
        if len(iban) > wanted and text[end : end + 1].isalnum():
            continue
        iban = iban[:wanted]
        if iban.isascii() and iban_proof(iban):
            yield Finding(match.start(), end, IBAN, CERTAIN)
        elif (iban[:2] in {"NL", "GB"} and iban[4:8].isalpha() and iban[8:].isdigit()) or (
            iban[:2] in {"BE", "DE"} and iban[2:].isdigit() and raw.isupper()
        ):
            yield Finding(match.start(), end, IBAN, LIKELY)


def _national(text: str):
    for match in _NINE.finditer(text):
        digits, before = _digits(match[0]), text[max(0, match.start() - 60) : match.start()]
        if _BSN_LABEL.search(before):
            sure = CERTAIN if eleven_proof(digits) else LIKELY
            yield Finding(*match.span(), BSN, sure)
        elif (
            _BSN_LOOK.fullmatch(match[0])
            and eleven_proof(digits)
            and not _OTHER_NUMBER.search(before)
        ):
            yield Finding(*match.span(), BSN, LIKELY)
    for match in _NHS.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if _NHS_LABEL.search(before):
            sure = CERTAIN if nhs_proof(_digits(match[0])) else LIKELY
            yield Finding(*match.span(), NATID, sure)
        elif " " in match[0] and match[0][0] in "4679" and nhs_proof(_digits(match[0])):
            yield Finding(*match.span(), NATID, LIKELY)
    for match in _NINO.finditer(text):
        if match[0].isupper() or " " not in match[0]:
            yield Finding(*match.span(), NATID, CERTAIN)
    for match in _NI_LABEL.finditer(text):
        yield Finding(*match.span(1), NATID, LIKELY)
    for match in _SSN.finditer(text):
        labelled = _SSN_LABEL.search(text[max(0, match.start() - 40) : match.start()])
        yield Finding(*match.span(), NATID, CERTAIN if labelled else LIKELY)
    for match in _BELGIAN.finditer(text):
        digits = _digits(match[0])
        born, check = int(digits[:9]), int(digits[9:])
        if check in {97 - born % 97, 97 - (2_000_000_000 + born) % 97} and (
            "." in match[0] or "rijksregister" in text[max(0, match.start() - 40) :].lower()
        ):
            yield Finding(*match.span(), NATID, CERTAIN)


_OTHER_NUMBER = re.compile(
    r"\b(?:order|bestel\w*|factuur\w*|invoice|kvk|kamer van koophandel|rsin|artikel\w*|article"
    r"|item|serial|serie\w*|ticket|case|zaak\w*|kenmerk|isbn|issn|doi|pmid|track\w*|offerte\w*"
    r"|postzegel\w*|company|charity|registered|build|commit|error|fout\w*|code|totaal|total|euro"
    r"|eur|omzet|balans\w*|vestigings\w*|dossier van de kvk|imei|sku|ean|po|purchase)\b"
    r"[^\n\d;]{0,24}$",
    re.I,
)


def _coded(text: str):
    for match in _LICENCE.finditer(text):
        yield Finding(*match.span(), PERSON_ID, CERTAIN)
    for match in _VAT.finditer(text):
        yield Finding(*match.span(), PERSON_ID, LIKELY)
    for match in _CARD.finditer(text):
        digits = _digits(match[0])
        ordered = _OTHER_NUMBER.search(text[max(0, match.start() - 40) : match.start()])
        if 13 <= len(digits) <= 19 and digits[0] in "3456" and luhn(digits) and not ordered:
            yield Finding(*match.span(), PERSON_ID, CERTAIN)
    for match in _PLATE.finditer(text):
        if _CAR.search(text[max(0, match.start() - 60) : match.start()]):
            yield Finding(*match.span(), PERSON_ID, LIKELY)


def _labelled(text: str):
    for match in _LABELLED.finditer(text):
        between = _BETWEEN.match(text, match.end())
        value = _VALUE.match(text, between.end() if between else match.end())
        if value and _is_number(value[0], text, value.end()):
            sure = LIKELY if _BARE_LABEL.fullmatch(match[0]) else CERTAIN
            yield Finding(*value.span(), PERSON_ID, sure)
    for match in _LOGIN.finditer(text):
        yield Finding(*match.span(1), PERSON_ID, LIKELY)
    for rule in (_FREE, _UNDER, _HERS, _OWNED):
        for match in rule.finditer(text):
            value = _VALUE.match(text, match.end())
            if value and len(_digits(value[0])) >= 4 and _is_number(value[0], text, value.end()):
                yield Finding(*value.span(), PERSON_ID, LIKELY)


def _is_number(value: str, text: str, end: int) -> bool:
    """Whether a value is long enough to be somebody's, and no year, amount or age."""
    digits = _digits(value)
    mixed = len(value) >= 6 and len(digits) >= 2 and value.upper() == value
    if (len(digits) < 3 or len(value) < 4) and not mixed:
        return False
    if len(digits) == 4 and value.isdigit() and value[:2] in {"19", "20"}:
        return False
    after = text[end : end + 12].lower()
    return not after.lstrip(" ").startswith(
        ("euro", "jaar", "year", "%", "leden", "patiënten", "patients", "members", "pupils", "uur")
    )
