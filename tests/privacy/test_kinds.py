"""Each kind of identifier is found where it stands, and what only looks like one is left alone."""

from datetime import date

import pytest

from kring.lib.privacy import findings, redact

TODAY = date(2026, 11, 22)


def found(text: str, language: str = "nl", allow=()) -> list[tuple[str, str, str]]:
    return [
        (f.type, text[f.start : f.end], f.confidence)
        for f in findings(text, language, allow, today=TODAY)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BSN 111222333 klopt niet", ("BSN", "111222333", "certain")),
        ("bsn: 1112.22.333", ("BSN", "1112.22.333", "certain")),
        ("er stond 111222333 op de brief", ("BSN", "111222333", "likely")),
        ("NHS number 943 476 5919", ("NATID", "943 476 5919", "certain")),
        ("her NI number is AB 12 34 56 C", ("NATID", "AB 12 34 56 C", "certain")),
        ("naar NL91 ABNA 0417 1643 00 over", ("IBAN", "NL91 ABNA 0417 1643 00", "certain")),
        ("op nl91abna0417164300 graag", ("IBAN", "nl91abna0417164300", "certain")),
        ("to GB33BUKB20201555555555 please", ("IBAN", "GB33BUKB20201555555555", "certain")),
        ("patnr. 4471923 ligt op zaal", ("PERSON_ID", "4471923", "certain")),
        ("MRN 00918274, zie epd", ("PERSON_ID", "00918274", "certain")),
        ("lidnummer KHB21Q7 is ongeldig", ("PERSON_ID", "KHB21Q7", "certain")),
        ("passport number is 533401372", ("PERSON_ID", "533401372", "certain")),
        ("sort code 40-47-84 was used", ("PERSON_ID", "40-47-84", "certain")),
        ("bel 06-18453322 even", ("PHONE", "06-18453322", "certain")),
        ("bel +31 (0)6 51 23 45 67", ("PHONE", "+31 (0)6 51 23 45 67", "certain")),
        ("vanaf 0570 - 61 24 88 gebeld", ("PHONE", "0570 - 61 24 88", "certain")),
        ("rang from (020) 7946 0018", ("PHONE", "020) 7946 0018", "certain")),
        ("rang from 07700 900123", ("PHONE", "07700 900123", "certain")),
        ("mail j.jansen@example.nl", ("EMAIL", "j.jansen@example.nl", "certain")),
        ("mail j.jansen [at] ziggo [punt] nl", ("EMAIL", "j.jansen [at] ziggo [punt] nl", "certain")),
        ("hij woont Kerkstraat 12, 3512 AB Utrecht", ("ADDRESS", "Kerkstraat 12, 3512 AB Utrecht", "certain")),
        ("in de kerkstraat 12 in zwolle", ("ADDRESS", "kerkstraat 12 in zwolle", "likely")),
        ("at 3 Bramble Close, Nailsworth GL6 0QT", ("ADDRESS", "3 Bramble Close, Nailsworth GL6 0QT", "certain")),
        ("zie www.facebook.com/stefan.kuiper.73", ("URL", "www.facebook.com/stefan.kuiper.73", "likely")),
        ("geb. 12-03-1951 en verder gezond", ("BIRTHDATE", "12-03-1951", "certain")),
        ("DOB 14/02/1949, day 4", ("BIRTHDATE", "14/02/1949", "certain")),
        ("born on March 9, 1990 in Leeds", ("BIRTHDATE", "March 9, 1990", "certain")),
        ("geboren 4 mei '62 te Ede", ("BIRTHDATE", "4 mei '62", "certain")),
    ],
)  # fmt: skip
def test_an_identifier_is_found_with_its_kind(text, expected):
    assert (expected[0], expected[2]) in {(kind, sure) for kind, _, sure in found(text)}
    assert any(expected[1] in piece for kind, piece, _ in found(text) if kind == expected[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Graag advies over mw. Van der Heijden-Bos met koorts.", "mw. Van der Heijden-Bos"),
        ("Onze patiënt Yıldırım wil naar huis.", "Yıldırım"),
        ("In het dossier De Boer/Yilmaz staat de koopsom nog.", "De Boer"),
        ("Ik heb Szymon Wojciechowski gisteren gesproken.", "Szymon Wojciechowski"),
        ("De cliënt heet Soufiane Aït-Taleb en is boos.", "Soufiane Aït-Taleb"),
        ("Mijn collega Radjinder Baldewsingh belt u terug.", "Radjinder Baldewsingh"),
        ("weet jij of mw jansen al gebeld heeft", "mw jansen"),
        ("sprak net jan de vries over de kas", "jan de vries"),
        ("Hoi Karin,\nkun jij morgen?\n\nGroet,\nWietse", "Wietse"),
        ("His son Declan keeps ringing.", "Declan"),
        ("P.J. Jansen tekent morgen.", "P.J. Jansen"),
        ("The client is called Xiaoming Zhang.", "Xiaoming Zhang"),
        ("Mr O'Callaghan (81) refuses amputation.", "Mr O'Callaghan"),
    ],
)
def test_a_name_is_found_where_the_sentence_says_a_person(text, name):
    assert ("NAME", name, "likely") in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bij de ziekte van Parkinson en Crohn doen wij dat niet.",
        "Een Hartmann-procedure of een Whipple, wat kiest u?",
        "Volgens Jansen et al. (2019) is dat zo; De Vries (2020) vond het tegendeel.",
        "Het Erasmus MC en het Sint Antonius Ziekenhuis werken samen met de Rabobank.",
        "Op grond van art. 6:162 BW en NEN 7510, ISO 27001 en de AVG.",
        "De koopsom is € 412.000, in 2023 was dat 1.234.567,89 euro.",
        "Op 12 oktober 2026 vergaderen wij in Utrecht met de KNVB.",
        "doi 10.1016/j.jhsa.2019.04.003, ISBN 90-6834-123-4, versie 3.11.2",
        "Wie gebruikt Xarelto of Ozempic bij patiënten boven de 80 jaar?",
        "The ruling in Ilott v Mitson and Re Coventry settles this.",
        "Stuur het naar info@example.nl of bel 0800-1234.",
        "Published OCTOBER 7, 2016 BY TRAIN Home, see https://en.wikipedia.org/wiki/Robotic_mapping.",
        "In Kempense ziekenhuizen (Turnhout, Geel) en op overweg 30 te Binche.",
        "Order 44817263 en factuur 2024-00123 zijn betaald.",
    ],
)
def test_what_only_looks_like_a_person_is_left_alone(text):
    assert found(text) == []


def test_the_circle_s_own_words_are_no_person():
    text = "Mevrouw Wolters van de bond stuurde de circulaire rond."
    assert found(text)
    assert found(text, allow=["Wolters"]) == []


def test_one_person_keeps_one_number():
    text = "Kees Verhoeven belt. Zijn dochter Saskia Bos ook. Mw. Bos en dhr. Verhoeven komen."
    done = redact(text, findings(text, "nl", today=TODAY))
    assert done == "[naam 1] belt. Zijn dochter [naam 2] ook. [naam 2] en [naam 1] komen."


@pytest.mark.parametrize(("language", "instead"), [("nl", "20–29 jaar"), ("en", "20–29 years")])
def test_a_day_of_birth_becomes_ten_years_of_age(language, instead):
    text = "geb. 14-03-1999"
    assert findings(text, language, today=TODAY)[0].suggestion == instead


@pytest.mark.parametrize("before", ["", "😀👩‍⚕️ ", "e\u0301e\u0301n ", "a\u200bb\u00a0", "\u0130 "])
def test_places_are_exact_behind_any_character(before):
    text = f"{before}Mail j.jansen@example.nl, geb. 12-03-1951"
    assert ("EMAIL", "j.jansen@example.nl", "certain") in found(text)
    assert ("BIRTHDATE", "12-03-1951", "certain") in found(text)


def test_hidden_characters_hide_nothing():
    text = "BSN 111\u200b222\u200b333 en Ko\u0308c"
    kinds = {kind: piece for kind, piece, _ in found(text)}
    assert kinds["BSN"] == "111\u200b222\u200b333"


def test_the_same_text_gives_the_same_findings():
    text = "Dhr. Bakker, geb. 1-2-1950, Kerkstraat 1, 06-12345678, bakker@example.nl" * 3
    assert findings(text, today=TODAY) == findings(text, today=TODAY)
