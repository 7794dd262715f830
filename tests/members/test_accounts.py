"""The account pages: one frame, no enumeration, and letters that make their own links."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.test import RequestFactory
from django.urls import get_resolver, reverse

from members import account_letters, accounts
from members.letters import Skip
from members.models import AuditEntry, Browser, Letter, Member
from tests import make

pytestmark = pytest.mark.django_db
SECRET = "three odd words apart"
ADDRESS = {"action_add": "1", "email": "new@example.org"}


@pytest.fixture
def named(bram):
    """Bram with a password and a proven address, as an account really has."""
    bram.set_password(SECRET)
    bram.save()
    EmailAddress.objects.create(user=bram, email=bram.email, verified=True, primary=True)
    return bram


def _ask(client, email: str) -> str:
    page = client.post(reverse("account_reset_password"), {"email": email}, follow=True)
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', "", page.content.decode())


def _the_letter(kind: str) -> Letter:
    return Letter.objects.get(kind=kind)


def _path_in(text: str) -> str:
    return urlsplit(re.search(r"https?://\S+", text)[0]).path


def _account_paths() -> list[str]:
    """Every page of allauth that needs no key."""
    names = [name for name in get_resolver().reverse_dict if str(name).startswith("account_")]
    keyed = {"account_confirm_email", "account_reset_password_from_key"}
    return [reverse(name) for name in sorted(set(names) - keyed)]


def test_every_account_page_stands_in_our_frame(client, named, as_):
    signed_in = as_(named)
    for path in _account_paths():
        for browser in (client, signed_in):
            reply = browser.get(path)
            assert reply.status_code == 302 or b'class="masthead"' in reply.content, path


def test_a_member_signs_in_with_address_and_password(client, named):
    reply = client.post(reverse("account_login"), {"login": named.email, "password": SECRET})
    assert reply.url == reverse("home")


def test_a_wrong_password_and_an_unknown_address_read_the_same(client, named):
    def said(email):
        page = client.post(reverse("account_login"), {"login": email, "password": "wrong"})
        return page.content.decode().replace(email, "").split("<main")[1].split("<form")[0]

    assert said(named.email) == said("nobody@example.org")


def test_nobody_signs_up(client):
    page = client.post(reverse("account_signup"), {"email": "x@example.org", "password1": SECRET})
    assert page.status_code == 200
    assert not Member.objects.filter(email="x@example.org").exists()


def test_a_reset_reads_the_same_for_an_unknown_address(client, named):
    assert _ask(client, named.email) == _ask(client, "nobody@example.org")


def test_only_a_member_gets_a_reset_letter(client, named):
    _ask(client, "nobody@example.org")
    _ask(client, named.email)
    assert _the_letter("password_reset").member_id == named.pk


def test_asking_twice_within_a_minute_is_asking_once(client, named, monkeypatch):
    monkeypatch.setattr(account_letters.time, "time", lambda: 1_000_000.0)
    _ask(client, named.email)
    _ask(client, named.email)
    assert Letter.objects.count() == 1


def test_the_mailed_link_sets_a_new_password_once(client, named, house):
    _ask(client, named.email)
    with house():
        mail = account_letters.password_reset(_the_letter("password_reset"))
    path = _path_in(mail.text)
    form = client.get(path, follow=True)
    fresh = {"password1": "four more odd words", "password2": "four more odd words"}
    client.post(form.request["PATH_INFO"], fresh)
    named.refresh_from_db()
    assert named.check_password("four more odd words")
    assert b"account/password/reset/" in client.get(path, follow=True).content


def test_a_closed_account_gets_no_letter(named, house):
    Member.objects.filter(pk=named.pk).update(is_active=False)
    letter = Letter(kind="password_reset", member=named, subject_id=named.pk)
    with house(), pytest.raises(Skip):
        account_letters.password_reset(letter)


def test_letters_speak_the_members_language(named, house):
    letter = Letter(kind="password_reset", member=named, subject_id=named.pk)
    Member.objects.filter(pk=named.pk).update(language="en")
    with house():
        assert account_letters.password_reset(letter).subject == "Kring: a new password"


def test_a_new_address_is_proven_by_a_button_in_a_letter_to_it(named, as_, house):
    browser = as_(named)
    asked = browser.post(reverse("account_email"), ADDRESS)
    browser.post(asked.url, {"password": SECRET})
    with house():
        mail = account_letters.address_proof(_the_letter("address_proof"))
    assert mail.to == "new@example.org"
    path = _path_in(mail.text)
    browser.get(path)
    assert not EmailAddress.objects.get(email="new@example.org").verified
    browser.post(path)
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_after_a_sign_in_of_long_ago_a_new_address_takes_the_password(client, named):
    client.post(reverse("account_login"), {"login": named.email, "password": SECRET})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][0]["at"] -= 3600
    session.save()
    new = EmailAddress.objects.filter(email="new@example.org")
    asked = client.post(reverse("account_email"), ADDRESS)
    assert urlsplit(asked.url).path == reverse("account_reauthenticate")
    assert not new.exists()
    client.post(asked.url, {"password": SECRET})
    assert new.exists()


def test_a_new_password_takes_the_old_one(named, as_):
    fresh = {"password1": "four more odd words", "password2": "four more odd words"}
    for typed in (fresh, {**fresh, "oldpassword": "wrong"}):
        as_(named).post(reverse("account_change_password"), typed)
        named.refresh_from_db()
        assert named.check_password(SECRET)


def test_any_other_mail_of_allauth_goes_to_nobody(named):
    adapter = accounts.Adapter(RequestFactory().get("/"))
    adapter.send_mail("account/email/unknown_account", "nobody@example.org", {})
    assert not Letter.objects.exists()


# --- what changes in an account is told and recorded --------------------------------------------
def _told() -> set[tuple[str, int]]:
    return set(Letter.objects.exclude(kind="address_proof").values_list("kind", "subject_id"))


def test_a_new_address_is_told_to_the_one_there_is(named, as_, house):
    browser = as_(named)
    asked = browser.post(reverse("account_email"), ADDRESS)
    browser.post(asked.url, {"password": SECRET})
    letter = _the_letter("address_added")
    with house():
        assert account_letters.account_news(letter).to == named.email
    assert AuditEntry.objects.filter(act="address.added", about_id=named.pk).exists()


@pytest.fixture
def second(named):
    return EmailAddress.objects.create(user=named, email="new@example.org", verified=True)


@pytest.fixture
def sure(named, as_):
    """A browser that has just shown that it is bram."""
    browser = as_(named)
    browser.post(reverse("account_reauthenticate"), {"password": SECRET})
    return browser


def test_another_address_to_sign_in_with_is_told_to_both(named, second, sure, house):
    sure.post(reverse("account_email"), {"action_primary": "1", "email": second.email})
    with house():
        sent = {account_letters.account_news(row).to for row in Letter.objects.all()}
    assert sent == {"bram@example.org", "new@example.org"}


def test_the_old_address_goes_only_after_its_letter(named, second, sure):
    first = EmailAddress.objects.get(email=named.email)
    sure.post(reverse("account_email"), {"action_primary": "1", "email": second.email})
    sure.post(reverse("account_email"), {"action_remove": "1", "email": first.email})
    assert EmailAddress.objects.filter(pk=first.pk).exists()
    Letter.objects.update(state=Letter.State.SENT)
    sure.post(reverse("account_email"), {"action_remove": "1", "email": first.email})
    assert not EmailAddress.objects.filter(pk=first.pk).exists()
    assert ("address_removed", named.pk) in _told()


def test_a_password_set_by_the_mailed_link_is_told_and_ends_every_session(
    client, named, as_, house
):
    forgotten = as_(named)
    _ask(client, named.email)
    with house():
        mail = account_letters.password_reset(_the_letter("password_reset"))
    form = client.get(_path_in(mail.text), follow=True)
    fresh = {"password1": "four more odd words", "password2": "four more odd words"}
    client.post(form.request["PATH_INFO"], fresh)
    assert forgotten.get(reverse("settings_page")).status_code == 302
    assert not Browser.objects.exclude(session=None).exists()
    assert ("password_changed", named.pk) in _told()


def test_the_mailed_link_does_not_get_past_a_second_factor(client, named, house):
    make.passkey(named)
    _ask(client, named.email)
    with house():
        mail = account_letters.password_reset(_the_letter("password_reset"))
    form = client.get(_path_in(mail.text), follow=True)
    fresh = {"password1": "four more odd words", "password2": "four more odd words"}
    client.post(form.request["PATH_INFO"], fresh)
    login = {"login": named.email, "password": fresh["password1"]}
    assert client.post(reverse("account_login"), login).url == reverse("mfa_authenticate")


def test_a_chosen_language_is_recorded_once(named, as_):
    browser = as_(named)
    for _ in range(2):
        browser.post(reverse("language_choose"), {"language": "nl"})
    lines = AuditEntry.objects.filter(act="language.chosen", by_id=named.pk)
    assert [line.facts for line in lines] == [{"language": "nl"}]


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["http://[", "account_logout", "<x>"])
def test_sign_in_leads_on_to_a_page_of_ours_only(client, wanted):
    assert client.get("/account/login/", {"next": wanted}).status_code == 200
    assert not accounts.Adapter(RequestFactory().get("/")).is_safe_url(wanted)
