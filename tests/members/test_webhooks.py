"""A provider takes a letter over its interface and tells later what became of it."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings as ours
from django.core.cache import cache

from members import bounces, delivery, webhooks
from members.letters import KINDS, Kind, Mail
from members.models import Letter

SECRET = "kring:a-long-password-of-the-webhook"
ADDRESS = "/mail/webhook/postmark/"


class _Interface(BaseHTTPRequestHandler):
    """As much of Postmark's interface as a letter needs."""

    def do_POST(self):
        server = self.server
        server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, answer = server.answer
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Say nothing."""


TAKEN = {"ErrorCode": 0, "Message": "OK", "MessageID": "abc-1", "To": "bram@example.org"}
INACTIVE = {
    "ErrorCode": 406,
    "Message": "You tried to send to recipients that have been marked as inactive. "
    "Found inactive addresses: bram@example.org. Inactive recipients are ones that have bounced.",
}


@pytest.fixture
def provider(settings, monkeypatch):
    """A provider that is set up: letters go by it, and it is heard."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Interface)
    server.asked, server.answer = [], (200, TAKEN)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.MAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {
        **ours.ANYMAIL,
        "POSTMARK_SERVER_TOKEN": "token",
        "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
        "WEBHOOK_SECRET": SECRET,
    }
    made = Mail("bram@example.org", "Subject", "Letter", "<p>Letter</p>", {"X-Kring": "yes"})
    monkeypatch.setitem(KINDS, "once", Kind("once", False, lambda letter: made, None, True))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def brought(bram, provider, house):
    """A letter to bram after the hand-over to the provider."""

    def go(number=1) -> Letter:
        letter = Letter.objects.create(kind="once", member=bram, subject_id=number)
        with house():
            delivery.deliver_waiting()
        letter.refresh_from_db()
        return letter

    return go


@pytest.fixture
def tell(client):
    """The provider calls; with its secret, unless the test says otherwise."""

    def go(news, *, secret=SECRET, address=ADDRESS, **more):
        proof = "Basic " + base64.b64encode(secret.encode()).decode()
        body = news if isinstance(news, str) else json.dumps(news)
        headers = {"HTTP_AUTHORIZATION": proof} if secret else {}
        return client.post(address, body, content_type="application/json", **headers, **more)

    return go


def bounce(kind="HardBounce", **facts) -> dict:
    news = {"RecordType": "Bounce", "Type": kind, "ID": 1, "Email": "bram@example.org"}
    return {**news, "MessageID": "abc-1", "BouncedAt": "2026-11-22T10:00:00Z", **facts}


COMPLAINT = {**bounce("SpamComplaint"), "RecordType": "SpamComplaint"}


def why(member) -> str:
    member.refresh_from_db()
    return member.mail_off_why


def test_a_letter_goes_by_the_provider_and_keeps_its_name_as_a_hash(brought, provider):
    letter = brought()
    assert (letter.state, letter.handed_as) == ("sent", bounces.mark("abc-1"))
    sent = provider.asked[0]
    assert sent["To"] == "bram@example.org"
    assert {"Name": "X-Kring", "Value": "yes"} in sent["Headers"]
    assert (sent["TrackOpens"], sent["TrackLinks"]) == (False, "None")


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        (bounce(), "hard"),
        (COMPLAINT, "complaint"),
        (bounce("SoftBounce"), ""),
        (bounce("Blocked"), ""),
        (bounce(Email="somebody@example.org"), ""),
        (bounce(MessageID="abc-2"), ""),
        ({"RecordType": "Delivery", "MessageID": "abc-1", "Recipient": "bram@example.org"}, ""),
        ({"RecordType": "Open", "MessageID": "abc-1", "Recipient": "bram@example.org"}, ""),
    ],
    ids=lambda value: (
        "" if isinstance(value, str) else f"{value.get('Type')} {value['MessageID']}"
    ),
)
def test_what_the_provider_tells_stops_mail_or_does_not(brought, tell, bram, news, expected):
    brought()
    for _ in range(2):
        assert tell(news).status_code == 200
    assert why(bram) == expected


@pytest.mark.parametrize("secret", ["", "kring:wrong", "kring", ":"])
def test_whoever_does_not_know_the_secret_is_refused(brought, tell, bram, secret):
    brought()
    assert tell(bounce(), secret=secret).status_code == 400
    assert why(bram) == ""


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "7", '"x"', "null", '{"RecordType": []}', "é" * 99]
)
def test_what_cannot_be_read_is_refused_with_a_word(brought, tell, body):
    assert tell(body).status_code in {200, 400}


def test_more_than_a_megabyte_is_refused(brought, tell):
    assert tell(json.dumps(bounce(Details="x" * webhooks.LARGEST))).status_code == 400


def test_who_comes_without_proof_too_often_is_not_looked_at_any_more(brought, tell, bram):
    brought()
    for _ in range(webhooks.MOST_WRONG):
        assert tell(bounce(), secret="kring:wrong").status_code == 400
    assert tell(bounce()).status_code == 429
    cache.clear()
    assert tell(bounce()).status_code == 200


def test_nobody_is_heard_where_no_secret_is_set(brought, tell, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": ""}
    assert tell(bounce(), secret=":").status_code == 404


def test_nobody_is_heard_where_mail_goes_by_smtp(db, tell):
    assert tell(bounce()).status_code == 404


def test_another_provider_than_the_one_in_use_is_not_heard(brought, tell):
    assert tell(bounce(), address="/mail/webhook/mailgun/").status_code == 404


def test_a_provider_may_look_whether_anybody_is_there(brought, client):
    assert client.head(ADDRESS).status_code == 200
    assert client.get(ADDRESS).status_code == 405


def test_an_address_the_provider_itself_refuses_stops_mail_at_once(brought, provider, bram):
    provider.answer = (422, INACTIVE)
    letter = brought()
    assert (letter.state, letter.reason, why(bram)) == ("dead", "refused", "hard")


@pytest.mark.parametrize(
    ("status", "state"), [(401, "failed"), (413, "dead"), (429, "failed"), (500, "unknown")]
)
def test_an_answer_of_the_interface_is_final_or_not(brought, provider, bram, status, state):
    provider.answer = (status, {"ErrorCode": 10, "Message": "no"})
    letter = brought()
    assert (letter.state, letter.reason, why(bram)) == (state, letter.reason, "")
    assert letter.reason in {f"http {status}", "broken off"}


def test_a_provider_that_does_not_answer_costs_no_letter(brought, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": "http://127.0.0.1:1/"}
    assert brought().state == "failed"


@pytest.mark.parametrize("key", ["the key", "another"])
def test_a_provider_that_signs_must_sign_too(brought, tell, bram, settings, key):
    letter = brought()
    Letter.objects.filter(pk=letter.pk).update(handed_as=bounces.mark("<x@mailgun>"))
    settings.MAIL_PROVIDER = "mailgun"
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_WEBHOOK_SIGNING_KEY": "the key"}
    signed = hmac.new(key.encode(), b"1700000000token", hashlib.sha256).hexdigest()
    event = {
        "event": "failed",
        "severity": "permanent",
        "recipient": "bram@example.org",
        "timestamp": 1700000000.5,
        "reason": "bounce",
        "delivery-status": {"code": 550, "message": "5.1.1 No such user"},
        "message": {"headers": {"message-id": "x@mailgun"}},
    }
    signature = {"timestamp": "1700000000", "token": "token", "signature": signed}
    news = {"signature": signature, "event-data": event}
    right = key == "the key"
    assert tell(news, address="/mail/webhook/mailgun/").status_code == (200 if right else 400)
    assert why(bram) == ("hard" if right else "")


def test_the_log_names_nobody(brought, tell, caplog):
    caplog.set_level("INFO")
    brought()
    tell(bounce())
    tell(bounce(), secret="kring:wrong")
    assert "postmark told 1 things, 1 of our letters" in caplog.text
    for word in ("bram", "abc-1", "wrong", "password"):
        assert word not in caplog.text


@pytest.mark.parametrize(
    "odd",
    [
        json.dumps(bounce(MessageID="abc\0-1\ud800", Email="a\0b\ud800")),
        json.dumps({**COMPLAINT, "Email": {"a": 1}}),
        "[" * 100_000,
    ],
    ids=["unstorable", "no text", "too deep"],
)
def test_odd_news_of_the_provider_is_no_fault_of_ours(brought, tell, odd):
    brought()
    assert tell(odd).status_code in (200, 400)
