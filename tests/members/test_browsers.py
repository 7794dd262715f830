"""Where one is signed in: a list of one's own, signing out there, a letter about a new browser."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from members import browsers, tasks
from members.models import AuditEntry, Browser, Letter
from tests.conftest import RestrictedClient

pytestmark = pytest.mark.django_db
SECRET = "three odd words apart"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
)


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """How slowly a password is hashed is not the subject."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def bram(bram):
    bram.set_password(SECRET)
    bram.save()
    EmailAddress.objects.create(user=bram, email=bram.email, verified=True, primary=True)
    return bram


@pytest.fixture
def comes_in(bram):
    """A browser in which bram signs in with his password."""

    def enter(agent=FIREFOX, browser=None):
        browser = browser or RestrictedClient(headers={"User-Agent": agent})
        browser.post(reverse("account_login"), {"login": bram.email, "password": SECRET})
        return browser

    return enter


def is_in(browser) -> bool:
    return browser.get(reverse("settings_page")).status_code == 200


def told(member) -> int:
    return Letter.objects.filter(kind="new_browser", member=member).count()


# --- a browser that is new ------------------------------------------------------------------
def test_the_first_sign_in_is_told_to_nobody_the_next_new_browser_is(bram, comes_in):
    comes_in()
    assert told(bram) == 0
    comes_in(IPHONE)
    assert told(bram) == 1
    assert AuditEntry.objects.filter(act="browser.new", about_id=bram.pk).count() == 1


def test_a_known_browser_is_not_told_again(bram, comes_in):
    comes_in()
    phone = comes_in(IPHONE)
    phone.post(reverse("account_logout"))
    comes_in(browser=phone)
    assert told(bram) == 1
    assert Browser.objects.count() == 2


def test_a_token_that_somebody_made_up_is_not_taken(bram, comes_in):
    browser = RestrictedClient()
    browser.cookies["browser"] = "made-up:signature"
    comes_in(browser=browser)
    assert browser.cookies["browser"].value != "made-up:signature"


def test_two_accounts_in_one_browser_cannot_be_told_to_be_one(bram, carla, comes_in):
    browser = comes_in()
    browser.post(reverse("account_logout"))
    browser.force_login(carla)
    prints = Browser.objects.values_list("print", flat=True)
    assert len(set(prints)) == 2


def test_neither_token_nor_key_nor_address_on_the_network_is_kept(bram, comes_in):
    browser = comes_in()
    with connection.cursor() as cursor:
        cursor.execute(
            "select string_agg(t, ' ') from (select b::text from members_browser b "
            "union all select s::text from django_session s) rows (t)"
        )
        rows = cursor.fetchone()[0]
    token = browser.cookies["browser"].value.split(":")[0]
    for secret in (token, browser.cookies["sessionid"].value, "127.0.0.1", FIREFOX):
        assert secret not in rows


# --- the list ---------------------------------------------------------------------------------
def test_the_list_shows_one_s_own_browsers_in_words_this_one_first(bram, comes_in, carla, as_):
    as_(carla)
    comes_in(IPHONE)
    here = comes_in(EDGE)
    page = here.get(reverse("session_list")).content.decode()
    assert page.index("Edge on Windows") < page.index("Safari on iPhone")
    assert page.count("/end/") == 2  # one, and all


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (IPHONE, ("Safari", "iPhone")),
        (EDGE, ("Edge", "Windows")),
        ("curl/8", ("", "")),
    ],
)
def test_a_browser_is_called_what_it_calls_itself(agent, words):
    assert browsers.words_of(agent) == words


def test_signing_out_there_ends_that_session_and_no_other(bram, comes_in):
    phone, here, third = comes_in(IPHONE), comes_in(EDGE), comes_in()
    row = Browser.objects.get(system="iPhone")
    here.post(reverse("session_end", args=[row.public_id]))
    assert [is_in(phone), is_in(here), is_in(third)] == [False, True, True]


def test_signing_out_everywhere_else_leaves_this_one(bram, comes_in):
    others, here = [comes_in(IPHONE), comes_in()], comes_in(EDGE)
    here.post(reverse("session_end_others"))
    assert is_in(here)
    assert not any(map(is_in, others))
    page = here.get(reverse("session_list")).content.decode()
    assert "Nowhere else." in page


def test_a_session_that_no_list_knows_ends_too(bram, comes_in):
    """As one that begins in the very moment in which all others are ended."""
    unknown, here = comes_in(IPHONE), comes_in(EDGE)
    Browser.objects.filter(system="iPhone").delete()
    here.post(reverse("session_end_others"))
    assert not is_in(unknown)


def test_one_browser_holds_one_session(bram, comes_in):
    browser = comes_in()
    del browser.cookies["sessionid"]
    comes_in(browser=browser)
    assert Session.objects.count() == Browser.objects.count() == 1


def test_a_new_password_ends_the_others_and_is_told(bram, comes_in):
    phone, here = comes_in(IPHONE), comes_in(EDGE)
    fresh = {"password1": "four more odd words", "password2": "four more odd words"}
    here.post(reverse("account_change_password"), {"oldpassword": SECRET, **fresh})
    assert [is_in(phone), is_in(here)] == [False, True]
    assert Browser.objects.signed_in().count() == 1
    assert Letter.objects.filter(kind="password_changed", member=bram).count() == 1
    assert AuditEntry.objects.filter(act="password.changed", about_id=bram.pk).exists()


# --- what it costs ------------------------------------------------------------------------------
def test_a_session_in_use_is_noted_once_an_hour_and_at_no_other_time(bram, comes_in, queries):
    browser = comes_in()
    before = queries(lambda: browser.get(reverse("factor_page")))
    session = browser.session
    session[browsers.SEEN] -= browsers.HOUR + 1
    session.save()
    assert queries(lambda: browser.get(reverse("factor_page"))) == before + 1
    assert queries(lambda: browser.get(reverse("factor_page"))) == before


def test_the_end_of_a_session_tells_when_it_was_used(bram, comes_in):
    comes_in(IPHONE)
    here = comes_in(EDGE)
    last = timezone.now() - timedelta(days=3)
    rows = Session.objects.exclude(pk=here.session.row_key)
    rows.update(expire_date=last + timedelta(days=14))
    shown = browsers.signed_in(bram, here.session)
    assert [row.seen_at for row in shown[1:]] == [last]


def test_a_browser_of_long_ago_is_forgotten_but_never_the_last(bram, carla, house):
    old = timezone.now() - timedelta(days=500)
    for member, names in ((bram, "ab"), (carla, "c")):
        for name in names:
            Browser.objects.create(member=member, print=name, used_at=old)
    with house():
        tasks.clear_sessions()
    assert set(Browser.objects.values_list("print", flat=True)) == {"b", "c"}
