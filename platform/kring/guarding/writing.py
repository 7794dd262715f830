"""Sentences with invented people in them, as members write them: half to work with, half held back."""

import re

from kring.guarding.people import FIRST, Crowd

NL = [
    "Mw. {S}, geb. {BORN}, heeft sinds vorige week koorts. Wie denkt mee?",
    "Collega's, graag advies over {F} {S} ({BORN}), bekend met hartfalen.",
    "Gisteren belde dhr. {S} vanaf {PHONE} over de factuur.",
    "Onze penningmeester {F} {S} heeft 1.200 euro geleend van de kas. Wat nu?",
    "{F} zit in groep 7 en gooit met stoelen. Moeder, {F2} {S}, wil niet meewerken.",
    "Patiënt {S} is geopereerd en gaat morgen naar huis.",
    "In het dossier {S} staat nog 40.000 euro op {IBAN}. Uitbetalen?",
    "Hoi {F}, kun jij morgen mijn dienst overnemen? Groet, {F2}",
    "De cliënt heet {F} {S} en woont aan de {ADDRESS}.",
    "BSN {BSN} hoort bij {I} {S}, dat klopt niet met het systeem.",
    "Leerling {F} {S} spijbelt. Stuur de brief naar {ADDRESS}.",
    "Gesproken met {S}; hij weigert te tekenen.",
    "Mijn collega {F} vindt dat we moeten stoppen met de chemo.",
    "Kan iemand {F} {S} terugbellen? {PHONE}",
    "{S} is gisteren overleden aan een longembolie. Familie is boos.",
    "Fam. {S} eist inzage, mailadres {EMAIL}.",
    "pt {S}, patnr {PID}, wil naar huis.",
    "De erven {S} betwisten de taxatie van {ADDRESS}.",
    "volgens mij heeft {F} {S} dit ook gehad, bel hem op {PHONE}",
    "Aan de orde: het verzoek van mevrouw {I} {S}-{S2} om kwijtschelding.",
    "De moeder van {F} belt elke dag. Hoe houd je dat af?",
    "Ik heb {F} {S} geschorst na de wedstrijd van zaterdag.",
]  # fmt: skip
EN = [
    "Mrs {S}, DOB {BORN}, has been febrile since Monday. Any thoughts?",
    "Grateful for advice on {F} {S} ({BORN}), known heart failure.",
    "Mr {S} rang yesterday from {PHONE} about the invoice.",
    "Our treasurer {F} {S} lent himself 1,200 from club funds. What now?",
    "{F} is in Year 6 and throws chairs. Mum, {F2} {S}, will not engage.",
    "Patient {S} was discharged this morning and came back tonight.",
    "In the matter of {S} we still hold 40,000. Pay out?",
    "Hi {F}, could you take my shift tomorrow? Best wishes, {F2}",
    "The client is called {F} {S} and lives at {ADDRESS}.",
    "NHS number {NHS} belongs to {I} {S}, which does not match.",
    "Pupil {F} {S} truants. Letters go to {ADDRESS}.",
    "Spoke to {S}; he refuses to sign.",
    "My colleague {F} thinks we should stop chemotherapy.",
    "Can somebody ring {F} {S} back on {PHONE}?",
    "{S} died yesterday of a pulmonary embolism. The family is angry.",
    "The {S} family demands a copy, e-mail {EMAIL}.",
    "pt {S}, MRN {PID}, wants to go home.",
    "The executors of the late {F} {S} dispute the valuation of {ADDRESS}.",
    "I think {F} {S} had this too, her NI number is {NINO}",
    "A request by Ms {I} {S}-{S2} for a waiver of fees.",
    "{F}'s mother rings every day. How do you keep that at bay?",
    "I suspended {F} {S} after Saturday's match.",
]  # fmt: skip
_SLOT = re.compile(r"\{([A-Z0-9]+)\}")
_KIND = {"BORN": "BIRTHDATE", "PHONE": "PHONE", "ADDRESS": "ADDRESS", "IBAN": "IBAN", "EMAIL": "EMAIL", "BSN": "BSN", "NHS": "NATID", "NINO": "NATID", "PID": "PERSON_ID"}  # fmt: skip
_ONE_NAME = re.compile(r"(?:\{F2?\}|\{I\}|\{S2?\})(?:[ -](?:\{F2?\}|\{S2?\}))*")


def texts(count: int, seed: int, held_back: bool) -> list[dict]:
    """Make annotated texts; those held back use other sentences and other people."""
    crowd = Crowd(seed)
    made = []
    for number in range(count):
        language = "nl" if number % 2 == 0 else "en"
        sentences = (NL if language == "nl" else EN)[1 if held_back else 0 :: 2]
        culture = list(FIRST)[(number // 2) % len(FIRST)]
        pattern = sentences[(number // 2 // len(FIRST)) % len(sentences)]
        made.append(_written(f"made-{language}-{number:04}", language, culture, pattern, crowd))
    return made


def _written(name: str, language: str, culture: str, pattern: str, crowd: Crowd) -> dict:
    text, spans, at = "", [], 0
    listed = True
    for match in re.finditer(rf"{_ONE_NAME.pattern}|{_SLOT.pattern}", pattern):
        text += pattern[at : match.start()]
        at, start = match.end(), len(text)
        if match[1]:
            kind, value = _KIND[match[1]], _value(match[1], language, culture, crowd)
        else:
            kind, value = "NAME", match[0]
            for slot in re.findall(r"\{[FSI]2?\}", value):
                if slot[1] == "F":
                    value = value.replace(slot, crowd.first(culture), 1)
                elif slot[1] == "I":
                    value = value.replace(slot, f"{crowd.first(culture)[0]}.", 1)
                else:
                    surname, known = crowd.surname(culture)
                    listed = listed and known
                    value = value.replace(slot, surname, 1)
            if pattern[: match.start()].endswith((". ", ": ")) or not match.start():
                value = value[0].upper() + value[1:]
            if "{F}" not in match[0] and "{I}" not in match[0]:
                value = value[0].upper() + value[1:]
        text += value
        spans.append({"start": start, "end": len(text), "type": kind, "text": value, "must": True})
    text += pattern[at:]
    return {
        "id": name,
        "lang": language,
        "domain": culture,
        "text": text,
        "spans": spans,
        "listed": listed,
    }


def _value(slot: str, language: str, culture: str, crowd: Crowd) -> str:
    match slot:
        case "EMAIL":
            user = f"{crowd.first(culture)}.{crowd.surname('british')[0]}".lower()
            return (
                "".join(c for c in user if c.isascii() and (c.isalnum() or c == "."))
                + "@example.org"
            )
        case "PID":
            return f"{crowd.dice.randrange(10**6, 10**7)}"
        case "PHONE" | "BORN" | "ADDRESS":
            return getattr(crowd, slot.lower())(language)
        case _:
            return getattr(crowd, slot.lower())()
