"""'Never write to me again': one click, no address kept, honoured by the hand-over itself."""

import pytest
from django.db import ProgrammingError, connection

from kring.lib.acting import acting_as
from members import delivery, silence
from members.letters import KINDS, Kind, Mail
from members.models import AuditEntry, Letter, Silence
from tests.conftest import RestrictedClient

NOOR = "noor@example.org"


@pytest.fixture
def page():
    """The page behind the link in a mail to Noor, without its host."""
    return silence.url_for(NOOR).split("/", 3)[3].join(["/", ""])


@pytest.fixture
def unasked(monkeypatch):
    """A kind of letter to Noor that nobody asked for."""
    mail = Mail(to=NOOR, subject="Hello", text="Hello", html="<p>Hello</p>")
    monkeypatch.setitem(KINDS, "hello", Kind("hello", False, lambda letter: mail, unasked=True))
    return lambda seq, dirk: Letter.objects.create(
        kind="hello", member=dirk, subject_id=1, seq=seq
    )


def bring(house):
    with house(), acting_as(None):
        delivery.deliver_waiting()


@pytest.mark.parametrize(
    "again", ["NOOR@example.org", "noor+kring@example.org", " noor@Example.org "]
)
def test_an_address_is_known_again_however_it_is_spelled(again):
    assert silence.key_of(again) == silence.key_of(NOOR)


@pytest.mark.parametrize("spelled", ["A@B.nl", "a+x@b.nl", "a+x+y@b.nl", "+a@b.nl", "é+1@b.nl"])
def test_the_database_knows_the_same_mailbox(db, spelled):
    with connection.cursor() as cursor:
        cursor.execute("select kring_plain(%s)", [spelled])
        assert cursor.fetchone()[0] == silence.plain(spelled)


def test_reading_the_page_changes_nothing(db, client, page):
    """A mail scanner opens every link."""
    assert client.get(page).status_code == 200
    assert client.head(page).status_code == 200
    assert not Silence.objects.exists()


def test_the_button_keeps_a_hash_and_no_address(db, client, page):
    client.post(page)
    client.post(page)
    row = Silence.objects.get()
    assert row.address_key == silence.key_of(NOOR)
    assert "noor" not in row.address_key.lower()
    assert AuditEntry.objects.filter(act="silence.asked").first().facts == {}


def test_a_mail_program_presses_it_without_a_page(db, page):
    program = RestrictedClient(enforce_csrf_checks=True)
    answer = program.post(page, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert silence.is_asked(NOOR)


@pytest.mark.parametrize("token", ["x", "A" * 64, "%00", "é" * 64])
def test_a_wrong_link_silences_nobody(db, client, token):
    assert client.post(f"/never/{token}/").status_code == 404
    assert not Silence.objects.exists()


def test_the_link_for_one_address_silences_no_other(db, client, page):
    client.post(page)
    assert not silence.is_asked("other@example.org")


def test_an_unasked_mail_offers_it_in_one_click(unasked, dirk, house, mailoutbox):
    unasked(0, dirk)
    bring(house)
    headers = mailoutbox[0].extra_headers
    assert headers["List-Unsubscribe"] == f"<{silence.url_for(NOOR)}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_hand_over_holds_back_what_is_not_wanted(unasked, dirk, house, mailoutbox):
    letter = unasked(0, dirk)
    silence.ask(silence.key_of(NOOR))
    bring(house)
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("skipped", "never again")
    assert mailoutbox == []


def test_nobody_reads_the_list(db, acting, house):
    silence.ask(silence.key_of(NOOR))
    for who in (acting(None), house()):
        with pytest.raises(ProgrammingError, match="permission denied"), who, acting_as(None):
            Silence.objects.exists()
