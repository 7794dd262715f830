"""The second factor: added, asked for at every sign-in, told in letters, sealed where it lies."""

import json
import re
import time
from contextlib import contextmanager

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from kring.lib.acting import acting_as
from members import access, account_letters, encryption, factors, forms
from members.models import AuditEntry, Letter
from tests import make
from tests.conftest import RestrictedClient, role
from tests.passkeys import Passkey

pytestmark = pytest.mark.django_db
SECRET = "three odd words apart"


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """How slowly a password is hashed is not the subject."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def bram(bram):
    """Bram with a password and a proven address, as an account really has."""
    bram.set_password(SECRET)
    bram.save()
    EmailAddress.objects.create(user=bram, email=bram.email, verified=True, primary=True)
    return bram


@pytest.fixture
def signs_in():
    """A browser in which somebody typed the password; with a factor that is half the way."""

    def enter(member, browser=None, **more):
        browser = browser or RestrictedClient()
        browser.reply = browser.post(
            reverse("account_login"), {"login": member.email, "password": SECRET}, **more
        )
        return browser

    return enter


def code_of(secret: str, step: int = 0) -> str:
    """The code an app shows, now or some half minutes from now."""
    counter = int(time.time()) // 30 + step
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def secret_on(page) -> str:
    shown = re.search(r'class="spelled">(.*?)</code>', page.content.decode(), re.S)[1]
    return "".join(re.findall(r"<span>(\w+)</span>", shown))


def add_app(browser, **more) -> tuple[str, object]:
    secret = secret_on(browser.get(reverse("app_add")))
    return secret, browser.post(reverse("app_add"), {"code": code_of(secret), **more})


def is_in(browser) -> bool:
    return browser.get(reverse("settings_page")).status_code == 200


def codes_on(page) -> list[str]:
    spelled = re.findall(r'class="spelled">(.*?)</code>', page.content.decode(), re.S)
    return ["".join(re.findall(r"<span>(\d+)</span>", code)) for code in spelled]


def options_on(page) -> dict:
    told = re.search(r'id="passkey-options"[^>]*>(.*?)</script>', page.content.decode(), re.S)[1]
    return json.loads(told)


def letters_of(member) -> set[str]:
    return set(Letter.objects.filter(member=member).values_list("kind", flat=True))


# --- the authenticator app ----------------------------------------------------------------
def test_an_app_added_gives_recovery_codes_and_leads_back(bram, signs_in):
    browser = signs_in(bram)
    _secret, reply = add_app(browser, next="/guide/")
    assert reply.url == reverse("codes_page") + "?next=%2Fguide%2F"
    page = browser.get(reply.url)
    assert len(codes_on(page)) == 10
    assert b'href="/guide/"' in page.content


def test_then_the_password_alone_opens_nothing(bram, signs_in):
    secret, _ = add_app(signs_in(bram))
    browser = signs_in(bram)
    assert browser.reply.url == reverse("mfa_authenticate")
    assert not is_in(browser)
    assert browser.post(browser.reply.url, {"code": code_of(secret)}).url == reverse("home")
    assert is_in(browser)


def test_a_page_one_wanted_is_found_after_both_steps(bram, signs_in):
    secret, _ = add_app(signs_in(bram))
    browser = RestrictedClient()
    login = {"login": bram.email, "password": SECRET, "next": "/settings/"}
    browser.post(reverse("account_login"), login)
    reply = browser.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert reply.url == "/settings/"


@pytest.mark.parametrize("code", ["000000", "", "\x00", "\u0661\u0662\u0663", "x" * 500])
def test_any_other_code_is_refused_in_a_sentence(code, bram, signs_in):
    add_app(signs_in(bram))
    browser = signs_in(bram)
    page = browser.post(reverse("mfa_authenticate"), {"code": code})
    assert page.status_code == 200
    assert b'class="error"' in page.content
    assert not is_in(browser)


def test_a_code_lets_in_once(bram, signs_in):
    secret, _ = add_app(signs_in(bram))
    code = code_of(secret, step=1)
    signs_in(bram).post(reverse("mfa_authenticate"), {"code": code})
    cache.delete(f"allauth.mfa.totp.used?user={bram.pk}&code={code}")  # which lasts half a minute
    second = signs_in(bram)
    second.post(reverse("mfa_authenticate"), {"code": code})
    assert not is_in(second)


def test_after_five_wrong_codes_even_the_right_one_waits(bram, signs_in):
    secret, _ = add_app(signs_in(bram))
    browser = signs_in(bram)
    for _ in range(5):
        browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    page = browser.post(
        reverse("mfa_authenticate"), {"code": code_of(secret)}, headers={"Accept-Language": "en"}
    )
    assert b"Too many tries" in page.content
    assert not is_in(browser)


def test_without_the_first_step_there_is_no_second(client, bram):
    make.passkey(bram)
    assert client.get(reverse("mfa_authenticate")).url == reverse("account_login")
    assert client.post(reverse("mfa_authenticate"), {"code": "1"}).url == reverse("account_login")


def test_a_reload_shows_the_same_secret(bram, signs_in):
    browser = signs_in(bram)
    first = secret_on(browser.get(reverse("app_add")))
    assert secret_on(browser.get(reverse("app_add"))) == first


def test_a_second_app_is_not_added(bram, signs_in):
    browser = signs_in(bram)
    add_app(browser)
    assert browser.get(reverse("app_add")).url == reverse("app_remove")


def test_the_last_factor_takes_the_codes_with_it(bram, signs_in):
    browser = signs_in(bram)
    add_app(browser)
    assert b"your only second factor" in browser.get(reverse("app_remove")).content
    browser.post(reverse("app_remove"))
    assert not Authenticator.objects.exists()
    assert is_in(signs_in(bram))


# --- recovery codes -----------------------------------------------------------------------
def test_a_recovery_code_signs_in_once_and_is_told(bram, signs_in):
    browser = signs_in(bram)
    add_app(browser)
    code = codes_on(browser.get(reverse("codes_page")))[0]
    for wanted in (True, False):
        again = signs_in(bram)
        again.post(reverse("mfa_authenticate"), {"code": f"{code[:4]} {code[4:]}"})
        assert is_in(again) is wanted
    assert "code_used" in letters_of(bram)
    page = browser.get(reverse("factor_page"))
    assert not is_in(browser) or b"9 codes are left" in page.content


def test_looking_at_the_codes_changes_nothing(bram, signs_in, unchanged):
    browser = signs_in(bram)
    add_app(browser)
    with unchanged():
        browser.get(reverse("codes_page"))
        browser.get(reverse("codes_file"))


def test_new_codes_end_the_old_ones(bram, signs_in):
    browser = signs_in(bram)
    add_app(browser)
    old = codes_on(browser.get(reverse("codes_page")))
    browser.post(reverse("codes_make"))
    assert not set(old) & set(codes_on(browser.get(reverse("codes_page"))))
    assert "codes_made" in letters_of(bram)


def test_codes_without_a_factor_are_not_made(bram, signs_in):
    signs_in(bram).post(reverse("codes_make"))
    assert not Authenticator.objects.exists()


# --- passkeys -----------------------------------------------------------------------------
def add_passkey(browser, key: Passkey, **typed):
    options = options_on(browser.get(reverse("passkey_add")))
    credential = json.dumps(key.made(options))
    typed = {"name": "phone", "alone": "on", **typed}
    return browser.post(reverse("passkey_add"), {"credential": credential, **typed})


def test_a_passkey_is_the_second_step(bram, signs_in):
    key = Passkey()
    add_passkey(signs_in(bram), key)
    browser = signs_in(bram)
    options = options_on(browser.get(reverse("mfa_authenticate")))
    shown = json.dumps(key.shown(options))
    browser.post(reverse("mfa_authenticate"), {"credential": shown})
    assert is_in(browser)


def ask_options(browser) -> dict:
    reply = browser.get(reverse("mfa_login_webauthn"), HTTP_ACCEPT="application/json")
    return reply.json()["request_options"]


def test_a_passkey_signs_in_alone(bram, signs_in):
    key = Passkey()
    add_passkey(signs_in(bram), key)
    browser = RestrictedClient()
    shown = {"credential": json.dumps(key.shown(ask_options(browser))), "next": "/guide/"}
    assert browser.post(reverse("mfa_login_webauthn"), shown).url == "/guide/"
    assert is_in(browser)


def test_an_unknown_passkey_and_one_of_an_unknown_account_read_the_same(bram, client):
    make.passkey(bram)

    def said(key: Passkey, handle: str) -> str:
        shown = json.dumps(key.shown(ask_options(client), handle))
        page = client.post(reverse("mfa_login_webauthn"), {"credential": shown}, follow=True)
        return page.content.decode().split("<main")[1].split("<form")[0]

    known = Passkey()
    make.passkey(bram, known)
    assert said(Passkey(), known.handle) == said(Passkey(), "enp6enp6")


@pytest.mark.parametrize(
    "junk", ["", "x", "[]", "{}", "7", '"a"', '{"response": 1}', '{"id": {}, "rawId": []}', "\x00"]
)
@pytest.mark.parametrize("name", ["passkey_add", "mfa_login_webauthn", "mfa_authenticate"])
def test_what_is_no_passkey_is_no_fault(name, junk, bram, signs_in):
    browser = signs_in(bram) if name == "passkey_add" else RestrictedClient()
    if name == "mfa_authenticate":
        make.passkey(bram)
        browser = signs_in(bram)
    browser.get(reverse(name), HTTP_ACCEPT="application/json")
    page = browser.post(reverse(name), {"credential": junk, "name": "x"}, follow=True)
    assert page.status_code == 200


def test_a_passkey_is_renamed_and_removed(bram, signs_in):
    row = make.passkey(bram)
    browser = RestrictedClient()
    browser.force_login(bram)
    place = [access.name_in_address(row)]
    browser.post(reverse("passkey_rename", args=place), {"name": "On the ring"})
    assert "On the ring" in browser.get(reverse("factor_page")).content.decode()
    again = browser.post(reverse("passkey_remove", args=place))
    browser.post(again.url, {"password": SECRET})
    assert not Authenticator.objects.exists()
    assert "passkey_removed" in letters_of(bram)


# --- what else ends, is told and is recorded ------------------------------------------------
def test_a_new_factor_ends_the_other_sessions(bram, signs_in, as_):
    forgotten = as_(bram)
    browser = signs_in(bram)
    add_app(browser)
    assert is_in(browser)
    assert not is_in(forgotten)


def test_every_change_is_told_and_recorded(bram, signs_in):
    browser = signs_in(bram)
    add_app(browser)
    browser.post(reverse("codes_make"))
    browser.post(reverse("app_remove"))
    assert letters_of(bram) == {"app_added", "codes_made", "app_removed"}
    acts = set(AuditEntry.objects.filter(about_id=bram.pk).values_list("act", flat=True))
    assert acts >= {"factor.added", "factor.codes_made", "factor.removed"}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", account_letters.NEWS)
def test_every_letter_says_what_and_when_in_both_languages(kind, language, bram, house):
    bram.language = language
    bram.save()
    address = EmailAddress.objects.get(user=bram)
    subject = address.pk if kind == account_letters.ADDRESS_CHANGED else bram.pk
    letter = Letter.objects.create(kind=kind, member=bram, subject_id=subject)
    with house():
        mail = account_letters.account_news(letter)
    assert mail.to == bram.email
    assert {"nl": "Wanneer: ", "en": "When: "}[language] in mail.text
    assert "/account/password/reset/" in mail.html


# --- sealed where it lies -------------------------------------------------------------------
def stored() -> str:
    """Every row of the tables that could hold a secret, as a thief of the database reads them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select string_agg(t::text, ' ') from (select a::text from mfa_authenticator a union "
            "all select s::text from django_session s union all select b::text from "
            "members_browser b union all select e::text from members_auditentry e) t"
        )
        return cursor.fetchone()[0]


def test_a_stolen_database_shows_no_secret(bram, signs_in):
    browser = signs_in(bram)
    pending = secret_on(browser.get(reverse("app_add")))
    assert pending not in stored()
    browser.post(reverse("app_add"), {"code": code_of(pending)})
    codes = codes_on(browser.get(reverse("codes_page")))
    seed = encryption.unseal("factor", factors.factors_of(bram).codes.data["seed"])
    rows = stored()
    assert "secret" in rows
    assert not [secret for secret in (pending, seed, *codes) if secret in rows]


def test_a_form_that_waits_in_a_session_shows_no_cookie(bram, as_):
    browser = as_(bram)
    browser.post(reverse("account_email"), {"action_add": "1", "email": "new@example.org"})
    rows = stored()
    assert browser.cookies["sessionid"].value not in rows
    assert "new@example.org" not in rows


def test_an_earlier_key_still_opens_and_resealing_ends_it(bram, settings):
    with acting_as(bram.pk):
        sealed = encryption.seal("factor", "secret")
        row = Authenticator.objects.create(user=bram, type="totp", data={"secret": sealed})
    old, new = settings.SECRET_KEY, "another key " * 5
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
        assert encryption.unseal("factor", sealed) == "secret"
        call_command("reseal")
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        row.refresh_from_db()
        assert encryption.unseal("factor", row.data["secret"]) == "secret"
        with pytest.raises(encryption.InvalidToken):
            encryption.unseal("factor", sealed)


def test_keys_of_two_purposes_open_nothing_of_each_other():
    with pytest.raises(encryption.InvalidToken):
        encryption.unseal("session", encryption.seal("factor", "secret"))


# --- an operator helps somebody who lost everything -----------------------------------------
@contextmanager
def typing(answer: str, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _prompt: answer)
    yield


def test_an_operator_removes_the_factors_of_somebody_who_lost_them(bram, signs_in, monkeypatch):
    browser = signs_in(bram)
    add_app(browser)
    with typing(bram.email, monkeypatch), role("kring_web"):
        call_command("reset_factor", bram.email)
    assert not Authenticator.objects.exists()
    assert not is_in(browser)
    assert "factors_reset" in letters_of(bram)
    assert AuditEntry.objects.filter(act="factor.reset", by=None, about_id=bram.pk).exists()


@pytest.mark.parametrize(("email", "typed"), [("bram@example.org", "no"), ("nobody@x.org", "")])
def test_an_operator_who_hesitates_or_errs_removes_nothing(email, typed, bram, monkeypatch):
    make.passkey(bram)
    with typing(typed, monkeypatch), role("kring_web"), pytest.raises(CommandError):
        call_command("reset_factor", email)
    assert Authenticator.objects.exists()


# --- showing once more that it is you -------------------------------------------------------
def test_long_after_signing_in_a_factor_takes_the_password_again(bram, signs_in):
    browser = signs_in(bram)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][0]["at"] -= 3600 * 2
    session.save()
    asked = browser.get(reverse("app_add"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert browser.post(asked.url, {"password": SECRET}).url == reverse("app_add")
    assert browser.get(reverse("app_add")).status_code == 200


def test_it_is_shown_again_with_a_code_or_a_passkey(bram):
    key, browser = Passkey(), RestrictedClient()
    make.passkey(bram, key)
    browser.force_login(bram)
    page = browser.get(reverse("mfa_reauthenticate_webauthn") + "?next=/account/factor/app/")
    wrong = {"credential": json.dumps(Passkey().shown(options_on(page)))}
    assert b'role="alert"' in browser.post(reverse("mfa_reauthenticate_webauthn"), wrong).content
    page = browser.get(reverse("mfa_reauthenticate_webauthn"))
    shown = {"credential": json.dumps(key.shown(options_on(page))), "next": "/account/factor/app/"}
    assert browser.post(reverse("mfa_reauthenticate_webauthn"), shown).url == shown["next"]
    assert browser.get(shown["next"]).status_code == 200


def test_somebody_with_nothing_to_show_is_asked_for_nothing(bram, as_):
    bram.set_unusable_password()
    bram.save()
    assert as_(bram).get(reverse("app_add")).status_code == 200


def test_a_code_counts_no_longer_than_it_is_remembered():
    assert forms.VALID > 3 * 30


@pytest.mark.parametrize("wanted", ["<x>", "account_logout", "https://evil.example/"])
def test_after_showing_it_again_one_goes_to_a_page_of_ours(bram, signs_in, wanted):
    assert signs_in(bram).get(reverse("sign_in_again"), {"next": wanted}).url == reverse("home")
