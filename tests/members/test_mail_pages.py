"""What a member sees and does when mail does not reach them."""

import pytest

from members import bounces
from members.models import Letter, Member
from tests import make


@pytest.fixture
def off(bram):
    """Mail to bram is off since the first of November."""

    def go(why="hard"):
        Member.objects.filter(pk=bram.pk).update(
            mail_off_why=why, mail_off_since="2026-11-01T12:00Z"
        )
        return bram

    return go


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("hard", "Since 1 November email to b…@example.org comes back"),
        ("soft", "came back three weeks in a row"),
        ("complaint", "On 1 November we heard"),
    ],
)
def test_every_page_says_that_mail_does_not_arrive_and_why(circle, off, as_, why, words):
    browser = as_(off(why))
    question = make.question(circle, by=off(why))
    home = f"/c/{circle.public_id}/"
    for page in ("/", "/settings/", home, f"{home}q/{question.public_id}/", "/account/email/"):
        shown = " ".join(browser.get(page).content.decode().split())
        assert words in shown
        assert "bram@example.org comes back" not in shown


def test_nobody_else_sees_it(circle, off, anna, as_, client):
    off()
    assert b"mail-off" not in as_(anna).get("/").content
    assert b"mail-off" not in client.get("/guide/").content


def test_the_notice_asks_the_database_nothing(circle, bram, off, as_, queries):
    browser = as_(bram)
    browser.get("/")
    before = queries(lambda: browser.get("/"))
    off()
    assert queries(lambda: browser.get("/")) == before


def test_the_notice_speaks_dutch(circle, off, as_):
    bram = off()
    Member.objects.filter(pk=bram.pk).update(language="nl")
    assert "Sinds 1 november" in as_(bram).get("/").content.decode()


def test_a_test_mail_goes_all_the_same_and_once(circle, off, as_, monkeypatch):
    monkeypatch.setattr(bounces.time, "time", lambda: 1_800_000_000)
    browser = as_(off())
    for _ in range(2):
        answer = browser.post("/settings/mail/try/", {"next": "/settings/"}, follow=True)
        assert b"A test email is on its way" in answer.content
    posted = Letter.objects.get()
    assert (posted.kind, posted.member_id) == ("mail_try", off().pk)
    mail = bounces.mail_try(posted)
    assert (mail.to, mail.subject) == ("bram@example.org", "Kring: a test email")
    assert "http://localhost:8000/settings/" in mail.text


def test_one_button_and_the_notice_is_gone(circle, off, as_):
    browser = as_(off())
    answer = browser.post("/settings/mail/works/", {"next": "//elsewhere.example"})
    assert answer.headers["Location"] == "/"
    assert b"mail-off" not in browser.get("/").content
    assert Member.objects.get(pk=off().pk).mail_works_since is not None


def test_reading_the_addresses_of_the_buttons_does_nothing(circle, off, as_):
    browser = as_(off())
    assert browser.get("/settings/mail/try/").status_code == 405
    assert browser.get("/settings/mail/works/").status_code == 405


@pytest.mark.parametrize("wanted", ["<x>", "account_logout", "https://evil.example/", "//x", "\0"])
def test_the_way_back_is_a_page_of_ours_or_the_front_door(circle, bram, as_, wanted):
    for page in ("/settings/mail/try/", "/settings/mail/works/"):
        assert as_(bram).post(page, {"next": wanted}).url == "/"
