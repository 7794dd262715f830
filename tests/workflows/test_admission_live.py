"""Admission through real processes: pages under the role of the web, a real worker, broker and
mail server. What counts is what lies in the mailbox."""

import shutil
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection

from circles.models import Application, Membership
from kring.local import servers
from members.models import Letter, Member
from tests import live, make

pytestmark = pytest.mark.django_db(transaction=True)

DIRK = "dirk@example.org"
TEXTS = {
    "name": "Dirk de Boer",
    "profession": "hand surgeon",
    "brings": "Twelve years of tendons.",
    "seeks": "A second pair of eyes.",
    "pledge": "on",
}
ADMIT = {"choice": "approve", "sentence": "I know the work."}
REFUSE = {
    "choice": "decline",
    "sentence": "These are no hands.",
    "code": "other",
    "text": "We admit hand surgeons only, and you operate on feet.",
}
ONE_VOTE = {"approvals_needed": 1, "declines_to_stop": 1, "objection_days": 0}
ENGLISH = {"accept-language": "en"}
SWEEP = "members.tasks.deliver_letters"
BLOCKED = 4  # seconds; whoever waits for a broker that is silent waits five


@pytest.fixture(scope="module")
def worker(django_db_setup, tmp_path_factory):
    """A worker on the queue of the pages here, and the folder its mails come to."""
    current_app.control.purge()  # what other tests asked for, with nobody to hear it
    with live.sink(tmp_path_factory.mktemp("mails")) as sink, live.worker(sink.port):
        yield sink.folder


@pytest.fixture
def mailbox(worker, transactional_db):
    cache.clear()  # strangers of earlier tests have asked for letters too
    mails = live.Mailbox(worker)
    mails.empty()
    yield mails
    live.wait_until(live.at_rest, what="the end of the last request")


# --- one admission ------------------------------------------------------------------------
def test_each_step_of_an_admission_brings_its_letter(circle, anna, vera, client, as_, mailbox):
    link = apply(client, circle, mailbox)
    vote(as_(anna), **ADMIT)
    vote(as_(vera), **ADMIT)
    mailbox.wait_for("application_offered", DIRK)

    client.get(link)
    yes = {"password": "a long enough pass phrase", "charter": "on", "silence": "on"}
    assert client.post("/application/accept/", yes).url == "/"
    assert Membership.objects.get(circle=circle, member__name="Dirk de Boer").state == "probation"
    assert letters_to_dirk(mailbox) == ["address", "received", "offered"]


def test_a_refusal_brings_its_reason(circle, anna, vera, client, as_, mailbox):
    apply(client, circle, mailbox)
    vote(as_(anna), **REFUSE)
    vote(as_(vera), **REFUSE)
    declined = mailbox.wait_for("application_declined", DIRK)
    assert REFUSE["text"] in live.text_of(declined)
    assert letters_to_dirk(mailbox) == ["address", "received", "declined"]


def test_of_two_vetters_deciding_at_once_one_decides_and_one_letter_goes(
    circle, anna, vera, as_, mailbox
):
    application = make.application(circle, email=DIRK, policy=ONE_VOTE)
    Member.objects.update(language="en")
    one, other = as_(anna), as_(vera)
    pages = at_once(lambda: vote(one, **ADMIT), lambda: vote(other, **REFUSE))
    application.refresh_from_db()
    assert application.state in ("offered", "declined")
    assert sum("Already decided by" in page for page in pages) == 1
    mailbox.wait_for(f"application_{application.state}", DIRK)
    assert letters_to_dirk(mailbox) == [application.state]


# --- without the broker -------------------------------------------------------------------
def test_a_silent_broker_slows_no_page_and_loses_no_letter(circle, silent_broker, mailbox):
    with live.web(REDIS_URL=silent_broker) as address:
        for number in range(3):
            assert seconds_to_apply(address, circle, f"dirk{number}@example.org") < BLOCKED
    assert mailbox.mails() == []
    for _ in range(2):
        live.send(SWEEP, to=live.broker(0))
    live.wait_until(all_settled, seconds=60, what="the end of all letters")
    assert mailbox.kinds() == ["application_address"] * 3


def test_a_broker_that_was_away_finds_every_letter_once(circle, own_broker, tmp_path):
    with (
        live.sink(tmp_path) as sink,
        live.worker(sink.port, REDIS_URL=own_broker.redis_url),
        live.web(REDIS_URL=own_broker.redis_url) as address,
    ):
        mails = live.Mailbox(tmp_path)
        seconds_to_apply(address, circle, "before@example.org")
        mails.wait_for("application_address", "before@example.org")

        own_broker.stop()
        for number in range(3):
            seconds_to_apply(address, circle, f"dirk{number}@example.org")
        assert len(mails.mails()) == 1

        with servers.ensure(own_broker.home, fast=True) as back:
            for _ in range(2):
                live.send(SWEEP, to=back.redis_url)
            live.wait_until(all_settled, seconds=60, what="the end of all letters")
            assert mails.kinds() == ["application_address"] * 4
        live.wait_until(live.at_rest, what="the end of the last task")


@pytest.fixture
def silent_broker():
    """A broker that takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        yield f"redis://127.0.0.1:{line.getsockname()[1]}/0"


@pytest.fixture
def own_broker(monkeypatch):
    """A broker of this test alone, which it may stop."""
    monkeypatch.delenv("REDIS_URL")
    home = Path(tempfile.mkdtemp(prefix="kring-broker-"))
    home.chmod(0o755)  # servers of root run under another account
    with servers.ensure(home, fast=True) as broker:
        yield broker
    shutil.rmtree(home)


# --- people at pages ----------------------------------------------------------------------
def apply(client, circle, mailbox) -> str:
    """Apply as Dirk, from the guide to the vetters; return the link in his letters."""
    client.post(f"/guide/{circle.public_id}/apply/", {"email": DIRK}, headers=ENGLISH)
    link = live.link_in(mailbox.wait_for("application_address", DIRK), "/application/open/")
    client.get(link)
    assert client.post("/application/", TEXTS).status_code == 302
    assert live.link_in(mailbox.wait_for("application_received", DIRK), link) == link
    return link


def vote(vetter, **said) -> str:
    """Vote on Dirk's application; return the page one sees then."""
    application = Application.objects.select_related("circle").get(email=DIRK)
    address = f"/c/{application.circle.public_id}/vetting/{application.public_id}/vote/"
    return vetter.post(address, said, follow=True).content.decode()


def at_once(*acts) -> list[str]:
    """Do each in a thread with a connection of its own; return the pages."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def seconds_to_apply(address: str, circle, email: str) -> float:
    """Start an application in a browser of one's own; say how long the slower page took."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    took = []
    for path, typed in [("", None), ("apply/", {"email": email})]:
        if typed:
            typed["csrfmiddlewaretoken"] = next(c.value for c in cookies if c.name == "csrftoken")
        began = time.monotonic()
        body = typed and urlencode(typed).encode()
        assert browser.open(f"{address}/guide/{circle.public_id}/{path}", body).status == 200
        took.append(time.monotonic() - began)
    return max(took)


# --- letters ------------------------------------------------------------------------------
def letters_to_dirk(mailbox) -> list[str]:
    """The kinds of letters that came, after a sweep that must find nothing more."""
    live.send(SWEEP, to=live.broker(0))
    live.wait_until(all_settled, what="the end of all letters")
    return [kind.removeprefix("application_") for kind in mailbox.kinds(DIRK)]


def all_settled() -> bool:
    return not Letter.objects.filter(settled_at=None).exists()
