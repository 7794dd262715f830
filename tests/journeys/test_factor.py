"""A second factor, in the browsers of people who set one up, lose it, and are asked for it."""

import re
import time
from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from members.models import Member
from tests import make
from tests.journeys.visitor import PHONE, Visitor, windows

BOTH_LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])


@dataclass
class Words:
    """What the buttons and links are called."""

    address: str
    password: str
    sign_in: str
    with_passkey: str
    second_factor: str
    add_app: str
    add: str
    go_on: str
    sign_out: str
    browsers: str
    sign_out_there: str
    add_passkey: str
    add_it: str
    use_passkey: str
    asks: str


WORDS = {
    "en": Words(
        "Email address",
        "Password",
        "Sign in",
        "With a passkey",
        "Second factor",
        "Add an authenticator app",
        "Add the app",
        "I have kept them, go on",
        "Sign out",
        "Where you are signed in",
        "Sign out there Chrome on Linux",
        "Add a passkey",
        "Add the passkey",
        "Use a passkey",
        "This circle asks for a second factor",
    ),
    "nl": Words(
        "Mailadres",
        "Wachtwoord",
        "Log in",
        "Met toegangssleutel",
        "Tweede stap bij het inloggen",
        "Voeg een authenticator-app toe",
        "Voeg de app toe",
        "Ik heb ze bewaard, ga verder",
        "Uitloggen",
        "Waar u bent ingelogd",
        "Log daar uit Chrome op Linux",
        "Voeg een toegangssleutel toe",
        "Voeg de toegangssleutel toe",
        "Gebruik een toegangssleutel",
        "Deze kring vraagt om een tweede stap",
    ),
}


@pytest.fixture
def speak(circle, language):
    """Everybody speaks this language; return its words."""
    Member.objects.update(language=language)
    return WORDS[language]


@pytest.fixture
def come(visit, language, speak):
    """A browser in which somebody types address and password, wherever they wanted to go."""

    def enter(member: Member, password: str, path="/account/login/") -> Visitor:
        visitor = visit(speaks={"nl": "nl-NL", "en": "en-GB"}[language])
        visitor.open(path)
        visitor.write(speak.address, member.email)
        visitor.write(speak.password, password)
        visitor.press(speak.sign_in)
        return visitor

    return enter


def code_of(secret: str, step: int = 0) -> str:
    counter = int(time.time()) // 30 + step
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def spelled(visitor: Visitor) -> list[str]:
    return [text.replace(" ", "") for text in visitor.page.locator(".spelled").all_inner_texts()]


def type_code(visitor: Visitor, code: str, button: str) -> None:
    visitor.write("Code", code)
    visitor.press(button)


def add_app(visitor: Visitor, words: Words) -> tuple[str, list[str]]:
    """Add an app on the page that shows the secret; return that and the recovery codes."""
    secret = re.sub(r"\s", "", spelled(visitor)[0])
    expect(visitor.page.locator("svg.qr path")).to_be_visible()
    type_code(visitor, code_of(secret), words.add)
    codes = [re.sub(r"\s", "", code) for code in spelled(visitor)]
    assert len(codes) == 10
    visitor.follow(words.go_on)
    return secret, codes


@windows((PHONE, True), (PHONE, False))
@BOTH_LANGUAGES
def test_an_app_is_set_up_asked_for_and_replaced_by_a_code_on_paper(
    speak, come, window, bram, with_password
):
    password = with_password(bram)
    first = come(bram, password)
    first.open("/settings/")
    first.follow(speak.second_factor)
    first.follow(speak.add_app)
    secret, codes = add_app(first, speak)
    first.open("/settings/")
    first.press(speak.sign_out)

    first = come(bram, password, "/account/login/?next=/settings/")
    type_code(first, code_of(secret, step=1), speak.sign_in)
    assert first.page.url.endswith("/settings/")

    second = come(bram, password)
    type_code(second, codes[0], speak.sign_in)
    second.open("/account/factor/")
    second.sees("9 codes")

    first.follow(speak.browsers)
    first.press(speak.sign_out_there)
    second.page.goto(second.address + "/settings/")
    assert "/account/login/" in second.page.url


@windows((PHONE, True))
@BOTH_LANGUAGES
def test_a_passkey_signs_in_alone(speak, come, window, bram, with_password):
    password = with_password(bram)
    visitor = come(bram, password)
    key = visitor.context.new_cdp_session(visitor.page)
    key.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    key.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visitor.open("/account/factor/")
    visitor.follow(speak.add_passkey)
    visitor.press(speak.add_it)
    visitor.follow(speak.go_on)
    visitor.open("/settings/")
    visitor.press(speak.sign_out)

    visitor.open("/account/login/?next=/account/factor/")
    visitor.press(speak.with_passkey)
    visitor.sees_heading(speak.second_factor)

    visitor.open("/settings/")
    visitor.press(speak.sign_out)
    visitor.open("/account/login/")
    visitor.write(speak.address, bram.email)
    visitor.write(speak.password, password)
    visitor.press(speak.sign_in)
    visitor.press(speak.use_passkey)
    visitor.open("/settings/")


@windows((PHONE, True), (PHONE, False))
@BOTH_LANGUAGES
def test_a_circle_that_asks_leads_to_setting_one_up_and_back_to_the_question(
    speak, come, window, circle, anna, bram, with_password
):
    question = make.question(circle, by=anna, title="Which splint for a pianist?")
    circle.demands_second_factor = True
    circle.save()
    wanted = f"/c/{circle.public_id}/q/{question.public_id}/"
    visitor = come(bram, with_password(bram), wanted)
    visitor.sees_heading(speak.asks)
    visitor.follow(speak.add_app)
    add_app(visitor, speak)
    assert visitor.page.url.endswith(wanted)
    visitor.sees_heading("Which splint for a pianist?")


@windows((PHONE, False))
@pytest.mark.parametrize("language", ["en"])
def test_without_script_a_passkey_says_that_it_needs_it(speak, visit, window, bram):
    visitor = visit(bram)
    visitor.open("/account/factor/passkey/")
    visitor.sees("A passkey needs JavaScript, which is off here.")
    visitor.follow(speak.add_app)
    visitor.sees_heading("Add an authenticator app")
