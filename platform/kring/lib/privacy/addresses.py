"""Where somebody lives: street and number, postcode, box, of the Netherlands, Britain and around."""

import re

from kring.lib.privacy.cues import NO_NAME
from kring.lib.privacy.finding import ADDRESS, CERTAIN, LIKELY, Finding
from kring.lib.privacy.lexicon import marks

_CAP = r"[A-ZÀ-ÖØ-ÞĲ]"
_LOW = r"[a-zß-öø-ÿĳ]"
_WORD = rf"{_CAP}{_LOW}[{_LOW[1:-1]}'-]{{0,24}}(?:-?{_CAP}{_LOW}{{1,20}}){{0,2}}"
_SUFFIX = (
    r"(?:straat|straatje|str\.|laan|ln\.|weg|plein|gracht|kade|singel|dijk|hof|hofje|pad|steeg|dreef|park"
    r"|plantsoen|oord|erf|wal|baan|brink|haven|akker|veld|horst|kamp|werf|hoek|tuin|weide|donk|meent|zoom"
    r"|allee|boulevard|oever|poort|markt|burg|beemd|gaarde|hout|kant|laantje|spoor|veste|wetering"
    r"|zijde|zicht|bos|berg|heuvel|eind|einde|schans|straße|strasse|gasse|platz|allee)"
)
_NL_STREET = (
    rf"(?:(?:{_CAP}[\w.'-]{{0,20}}|van|de|der|den|het|ten|ter|'t|op|aan|in|v\.d\.|vd|d|le|la|du)\.? ){{0,4}}"
    rf"(?:(?:Laan|Plein|Hof|Park|Weg|Kade|Pad|Singel) (?:van|der|naar|op) (?:de |den |der |het )?{_CAP}[\w'-]{{2,25}}|{_CAP}[\w'-]{{0,25}}{_SUFFIX}|(?:Straat|Laan|Weg|Plein|Hof|Kade|Dijk|Park|Singel|Gracht|Dreef"
    rf"|Markt|Pad|Steeg|Erf|Brink))"
)
_LOW_STREET = r"[a-z][a-z'-]{2,25}(?:straat|laan|weg|plein|gracht|kade|singel|dijk|hof|pad|steeg|dreef|plantsoen)"
_NUMBER = r"\d{1,4}(?:[ -]?(?:[a-zA-Z]|bis|hs|huis|[IVX]{1,4}|[1-9]\d{0,2}))?(?!\w)(?:,? (?:bus|bte|appartement|app\.|kamer|etage|verdieping|\d ?hoog) ?\w{1,5})?"
_NL_CODE = r"[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}(?!\w)"
_PLACE = rf"(?:'s-|'t )?{_CAP}[\w'-]{{1,24}}(?:[ -](?:aan|den|de|op|bij|en|a/d|upon|on|under|le|la|sur|am)[ -](?:den |de |het )?{_CAP}[\w-]{{1,20}}|[ -]{_CAP}[\w-]{{1,20}}){{0,2}}"
_TAIL = rf"(?:,? {{0,2}}\n? ?(?:\(|te |in )?(?:{_NL_CODE}|[1-9]\d{{3}}(?= {_CAP}{_LOW}))(?:,? {{0,2}}{_PLACE})?)"

STREET = re.compile(
    rf"(?<![\w-])(?P<street>{_NL_STREET}),? (?:(?:nr|nummer|no|huisnummer)\.? ?)?(?P<number>{_NUMBER})"
    rf"(?P<tail>{_TAIL}|,? (?:in|te|,) ?{_PLACE}|, ?{_PLACE})?"
)
_BARE_STREET = re.compile(rf"(?<![\w-]){_NL_STREET}(?![\w-])")
_LOWER = re.compile(
    rf"(?<![\w-]){_LOW_STREET},? (?:op )?(?:(?:nr|nummer|no|huisnummer)\.? ?)?{_NUMBER}"
    rf"(?:,? (?:[1-9]\d{{3}} ?[a-zA-Z]{{2}}(?!\w))?(?: ?(?:in |te )?[A-Za-z][\w-]{{2,24}}(?=[.,;!?\n]|$))?)?"
)
_ANY_STREET = re.compile(  # any name with a number, when a Dutch postcode follows
    rf"(?<![\w-])(?:(?:{_CAP}[\w.'-]{{0,24}}|van|de|der|den|het|ten|ter|'t|op|aan|in|v\.d\.) ){{0,4}}"
    rf"{_CAP}[\w'-]{{1,28}},? {_NUMBER}{_TAIL}"
)
_CODE = re.compile(
    rf"(?<![\w-])(?P<code>[1-9]\d{{3}}( ?)(?!SA|SD|SS)[A-Z]{{2}})(?![\w-])(?P<more>,? ?(?:nr\.? ?|huisnr\.? ?|huisnummer ?)?\d{{1,4}}[a-z]?(?!\w))?"
    rf"(?P<place>,? {{1,2}}(?:te |in )?{_PLACE})?"
)
_HOME = re.compile(
    r"\b(?:woon(?:t|de|achtig|adres)|wonend|wonen|adres|verblijft|verhuisd|thuis|huis|op|bezorg\w*"
    r"|lives?|living|resides?|residing|address|home|moved|stays?|staying)\b[^\n.;]{0,30}$",
    re.I,
)
_AT_HOME = re.compile(
    r"\b(?:woon(?:t|de|achtig)|wonend|wonen|adres|verblijft|verhuisd|buurman|buurvrouw|buren|huis|woning|huurders?|verstuurd|gestuurd|bezorgd|brief|pand|appartement"
    r"|lives?|lived|living|resides?|residing|address|home|moved|house|flat|neighbou?rs?|tenants?|sent|letters?|delivered|cottage|property|bungalow)\b[^\n.;]{0,20}"
    r"\b(?:op|aan|in|naar|te|at|on|in|to|is|:)(?: de| het| the)? ?$",
    re.I,
)
_BOX = re.compile(
    rf"\b(?:Postbus|postbus|P\.?O\.? ?Box|p\.?o\.? ?box) \d{{1,6}}(?:,? {{0,2}}(?:{_NL_CODE})(?:,? {_PLACE})?)?",
    re.I,
)
_UK_CODE = re.compile(
    r"(?<![A-Za-z0-9-])(?:GIR ?0AA|(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRVWXY])(?P<gap> {0,2})\d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9-])",
    re.I,
)
_UK_KINDS = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Cl|Drive|Dr|Way|Court|Ct|Crescent|Cres|Gardens|Gdns|Grove"
    r"|Terrace|Terr|Place|Pl|Square|Sq|Mews|Hill|Park|Row|Walk|Rise|View|Green|Parade|Wharf|Yard|Mount|Vale"
    r"|Gate|Croft|Meadows?|Broadway|Boulevard|Blvd|Quay|Chase|End|Fold|Bank|Circus|Embankment|Esplanade"
    r"|Promenade|Ridge|Spinney|Approach|Heights|Villas|Buildings|Cottages|Parkway|Highway|Pike|Trail|Loop)"
)
_FLAT = r"(?:(?:Flat|Apartment|Apt|Unit|Room|Suite|flat|apartment|apt)\.? ?\w{1,4},? )?"
_UK_PART = rf",? {{0,2}}\n? ?{_CAP}[\w'-]{{1,20}}(?:[ -](?:upon|on|under|le|the|in)[ -]{_CAP}?[\w-]{{1,15}}|[ -]{_CAP}[\w'-]{{1,20}}){{0,2}}"
_UK_STREET = re.compile(
    rf"(?<![\w-])(?:{_FLAT}(?:No\.? |number |nr )?\d{{1,5}}(?:[a-zA-Z]|[-/]\d{{1,4}})?,? |{_FLAT[:-1]})"
    rf"(?:(?:St\.?|{_CAP}[\w'.-]{{1,20}}|of|the|de|la|upon) ){{1,4}}{_UK_KINDS}\b\.?(?P<places>(?:,{_UK_PART[2:]}){{0,3}})?"
    rf"(?:,? {{0,2}}[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?)?"
)
_UK_LOWER = re.compile(
    r"(?<![\w-])(?:flat \w{1,4},? )?\d{1,4}[a-z]? (?:[a-z']{3,15} ){1,2}"
    r"(?:street|road|avenue|lane|close|drive|crescent|gardens|grove|terrace|mews)\b(?:,? (?:in )?[a-z]{4,15}(?=[.,;!?\n]|$))?"
)
_UK_BARE = re.compile(
    rf"(?<![\w-])(?:{_CAP}[\w'-]{{1,20}} ){{1,3}}{_UK_KINDS}\b(?P<places>(?:,{_UK_PART[2:]}){{0,2}})"
)
_HOUSE = re.compile(
    rf"(?<![\w-])(?:The )?(?:{_CAP}[\w'-]{{1,18}} ){{1,2}}(?:Cottage|House|Farm|Lodge|Barn|Manor|Villa|Hall|Mill|Rectory|Vicarage|Grange|Barns|Stables|Bungalow|Oaks|Elms|Orchard)"
    rf",? (?:{_CAP}[\w'-]{{1,20}} ){{1,3}}{_UK_KINDS}\b(?:,{_UK_PART[2:]}){{0,3}}"
)
_SEGMENT = re.compile(
    rf"(?:{_FLAT}(?:\d{{1,5}}[a-zA-Z]?,? )?(?:{_CAP}[\w'.-]{{0,20}}|\d{{1,5}}[a-z]?)(?: (?:{_CAP}[\w'.-]{{0,20}}|of|the|upon|on|under|le|\d{{1,4}}[a-z]?)){{0,5}})$"
)
_INSTITUTE = re.compile(
    r"\b(?:ziekenhuis|school|college|kliniek|hospital|praktijk|polikliniek|gemeentehuis|stadhuis|station|kantoor"
    r"|bureau|museum|clinic|surgery|office|stadion|sportpark|vestiging|locatie|branch|campus|terrein)\b[^\n.;]{0,20}$",
    re.I,
)
_NOT_STREET = {
    "huisvesting", "snelweg", "overweg", "spoorweg", "luchtweg", "werkplek", "rechtbank", "gerechtshof", "kantongerecht", "hof",
    "onderweg", "omweg", "uitweg", "urineweg", "galweg", "vliegveld", "voetbalveld", "vakgebied", "ziekenhuishof",
    "sportpark", "bedrijventerrein", "marktplein", "heidelberg", "spoor", "kant", "bos", "berg", "markt", "park", "tuin",
    "hoofdbos", "windows", "slide", "arrondissementsrechtbank",
}  # fmt: skip
_WEAK = ("burg", "berg", "bos", "hout", "park", "eind", "einde", "veld", "kamp", "hoek", "horst", "oord", "spoor", "kant", "zijde", "hof", "poort",
         "haven", "markt", "baan", "tuin", "werf", "zicht", "donk", "bank", "wal")  # fmt: skip


def addresses(text: str) -> list[Finding]:
    """Addresses of people in a plain text: as one span with postcode and place."""
    found = [*_dutch(text), *_british(text)]
    found += [Finding(*m.span(), ADDRESS, CERTAIN) for m in _BOX.finditer(text)]
    return _joined(text, found)


def _dutch(text: str):
    for match in STREET.finditer(text):
        street = match["street"]
        start = match.start() + _lead(street)
        last = street.split()[-1].lower()
        coded = bool(match["tail"] and re.search(r"\d{4}", match["tail"]))
        before = text[max(0, start - 60) : start]
        if not coded and (
            last in _NOT_STREET or (_weak(last, street) and not _HOME.search(before))
        ):
            continue
        if not coded and _unit_follows(text, match.end("number")):
            continue
        end = match.end()
        if not coded and match["tail"] and not _is_place(match["tail"]):
            end = match.start("tail")
        yield Finding(start, end, ADDRESS, CERTAIN if coded else LIKELY)
    if re.search(r"\d{4} ?[A-Z]{2}", text):
        for match in _ANY_STREET.finditer(text):
            word = re.split(r",? \d", match[0])[0].split()[-1]
            if re.search(r"\d{4} ?[A-Z]{2}(?!\w)", match[0]) and not (
                word.isupper() or word.lower() in NO_NAME
            ):
                yield Finding(match.start() + _lead(match[0]), match.end(), ADDRESS, CERTAIN)
        for match in _CODE.finditer(text):
            code = match["code"]
            year = code[:2] in {"19", "20"} and not match["more"]
            if year and not (match["place"] and _is_place(match["place"])):
                continue
            before = text[max(0, match.start() - 20) : match.start()]
            if re.search(
                r"(?:NEN|ISO|art\.?|artikel|€|\$|EUR|nr\.?|CA|type|model)[ -]?$", before, re.I
            ):
                continue
            end = (
                match.end() if match["place"] and _is_place(match["place"]) else match.end("more")
            )
            end = end if end > 0 else match.end("code")
            yield Finding(match.start(), end, ADDRESS, CERTAIN if match["more"] else LIKELY)
    for match in _LOWER.finditer(text):
        word = re.match(r"[a-z'-]+", match[0])[0]
        if word in _NOT_STREET or (
            "w" in marks(word)
            and not _AT_HOME.search(text[max(0, match.start() - 60) : match.start()])
        ):
            continue
        if not _unit_follows(text, match.end()):
            yield Finding(*match.span(), ADDRESS, LIKELY)
    for match in _BARE_STREET.finditer(text):
        start = match.start() + _lead(match[0])
        before = text[max(0, start - 70) : start]
        last = match[0].split()[-1].lower()
        named = not _weak(last, match[0]) and "p" not in marks(last)
        homed = _AT_HOME.search(before) or (named and _beside_place(text, match.end()))
        if homed and not _INSTITUTE.search(before):
            yield Finding(start, match.end(), ADDRESS, LIKELY)


def _beside_place(text: str, end: int) -> bool:
    """Whether a place follows after a comma: 'Populierenlaan, Nijverdal'."""
    match = re.match(rf", ({_CAP}[\w-]{{2,24}})", text[end : end + 30])
    return bool(match and "p" in marks(match[1].lower()))


def _lead(street: str) -> int:
    """How many characters at the start belong to the sentence, not to the street."""
    kept = street
    while True:
        first, _, rest = kept.partition(" ")
        if not rest or not re.match(rf"(?:.*{_CAP})", rest):
            break
        word = first.lower().strip(".")
        lower_start = first[:1].islower() and first not in {"'t"}
        if (
            lower_start
            or (
                word in {"op", "aan", "in", "het", "adres", "woont", "te"}
                and len(rest.split()) >= 1
            )
            or (
                "w" in marks(word)
                and not re.search(r"(?:e|se|er)$", word)
                and "f" not in marks(word)
                and "s" not in marks(word)
                and word
                not in {
                    "oude",
                    "nieuwe",
                    "lange",
                    "korte",
                    "grote",
                    "kleine",
                    "van",
                    "de",
                    "den",
                    "ten",
                    "ter",
                }
            )
        ):
            kept = rest
        else:
            break
    return len(street) - len(kept)


def _weak(last: str, street: str) -> bool:
    return last.endswith(_WEAK) and not last.endswith(("straat", "laan", "weg", "plein", "singel"))


def _unit_follows(text: str, end: int) -> bool:
    return bool(
        re.match(
            r" ?(?:%|euro|jaar|uur|km|m2|meter|mg|ml|keer|maal|mensen|minuten|years?|people|°)",
            text[end : end + 9],
        )
    )


def _is_place(tail: str) -> bool:
    words = re.sub(r"^[ ,]*(?:in|te)? ?", "", tail).strip()
    whole = words.lower().replace(" ", "-")
    return (
        "p" in marks(whole)
        or "p" in marks(words.split(" ")[0].lower())
        or "w" not in marks(words.split(" ")[0].lower())
    )


def _british(text: str):
    for match in _UK_CODE.finditer(text):
        code = match[0]
        if not match["gap"] and not code.isupper():
            continue
        if not code.isupper() and not code.islower():
            continue
        start = _back(text, match.start())
        alone = start == match.start()
        if (
            alone
            and (not match["gap"] or not code.isupper())
            and not _HOME.search(text[max(0, start - 60) : start])
        ):
            continue
        yield Finding(start, match.end(), ADDRESS, LIKELY if alone else CERTAIN)
    for match in _UK_STREET.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if _INSTITUTE.search(before):
            continue
        yield Finding(*match.span(), ADDRESS, LIKELY)
    for match in _UK_LOWER.finditer(text):
        yield Finding(*match.span(), ADDRESS, LIKELY)
    for match in _HOUSE.finditer(text):
        yield Finding(*match.span(), ADDRESS, LIKELY)
    for match in _UK_BARE.finditer(text):
        before = text[max(0, match.start() - 70) : match.start()]
        if _AT_HOME.search(before):
            yield Finding(*match.span(), ADDRESS, LIKELY)


def _back(text: str, end: int) -> int:
    """Walk back from a British postcode over the parts of its address."""
    start, floor = end, max(0, end - 120)
    for _ in range(5):
        gap = re.search(r"(?:,? {0,2}\n?|, ?)$", text[floor:start])
        stop = start - len(gap[0]) if gap else start
        cut = max(text.rfind(",", floor, stop), text.rfind("\n", floor, stop), text.rfind(". ", floor, stop), text.rfind(": ", floor, stop),
                  text.rfind("(", floor, stop), floor - 1)  # fmt: skip
        segment = text[cut + 1 : stop]
        match = _SEGMENT.search(segment)
        if not match or not match[0].strip():
            break
        begin = cut + 1 + match.start()
        words = segment[match.start() :].split()
        while (
            words
            and words[0].isalpha()
            and words[0][0].isupper()
            and (
                words[0].lower()
                in {
                    "address",
                    "adres",
                    "lives",
                    "home",
                    "at",
                    "in",
                    "he",
                    "she",
                    "they",
                    "his",
                    "her",
                    "the",
                    "letters",
                    "send",
                    "from",
                }
            )
        ):
            begin += len(words[0]) + 1
            words = words[1:]
        if begin >= stop:
            break
        whole = segment[: match.start()].strip() == ""
        start = begin
        if not whole or text[cut : cut + 1] not in {",", "\n"}:
            break
    return start


def _joined(text: str, found: list[Finding]) -> list[Finding]:
    """One address of parts that lie against each other: street, code, place."""
    joined: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        last = joined[-1] if joined else None
        if last and one.start <= last.end + 3 and not text[last.end : one.start].strip(" ,\n"):
            sure = CERTAIN if CERTAIN in (one.confidence, last.confidence) else LIKELY
            joined[-1] = Finding(last.start, max(last.end, one.end), ADDRESS, sure)
        else:
            joined.append(one)
    return joined
