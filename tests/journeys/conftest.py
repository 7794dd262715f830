"""A real browser before a real Kring: gunicorn, worker and mail server on the test's own database.

Without Chromium the journeys are left out; KRING_BROWSER=required makes that a failure.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, pgettext
from playwright.sync_api import sync_playwright

from circles.models import Circle
from members.models import Member
from tests import live
from tests.journeys.visitor import Visitor

LEFT_OUT = "Journeys left out: install Debian's chromium (apt install chromium)"
REQUIRED = os.environ.get("KRING_BROWSER") == "required"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
PASSWORD = "twelve tendons in one hand"


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def pytest_terminal_summary(terminalreporter):
    if not chromium() and not REQUIRED:
        terminalreporter.write_line(LEFT_OUT)


@pytest.fixture(scope="session")
def browser():
    found = chromium()
    if not found:
        (pytest.fail if REQUIRED else pytest.skip)(LEFT_OUT)
    # Playwright keeps an event loop in this thread, where Django would refuse to ask anything.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield running
        running.close()


@dataclass
class Running:
    """A Kring that runs: its address, its queue, the mails it sent, and what it logged."""

    address: str
    broker: str
    mailbox: live.Mailbox
    log: Path

    def send(self, task: str) -> None:
        live.send(task, to=self.broker)


@pytest.fixture(scope="session")
def running(browser, django_db_setup, tmp_path_factory):
    """Web, worker and mail server, started once. They stay until the end of all tests, so their
    queue is their own."""
    port = live.free_port()
    broker = live.broker(1)
    mails = tmp_path_factory.mktemp("mails")
    log = tmp_path_factory.mktemp("log") / "log"
    told = {"REDIS_URL": broker, "KRING_LOG": "INFO", "KRING_TEST_LOG": str(log)}
    with (
        live.sink(mails) as sink,
        live.worker(sink.port, KRING_URL=f"http://localhost:{port}", **told),
        live.web(port, **told) as address,
    ):
        yield Running(address, broker, live.Mailbox(mails), log)
    troubles = [line for line in log.read_text().splitlines() if '"ERROR"' in line]
    sys.stderr.write("\n".join(troubles))


@pytest.fixture
def kring(running, transactional_db):
    """The running Kring with an empty database and mailbox."""
    cache.clear()  # the rate limits of earlier journeys
    running.mailbox.empty()
    yield running
    live.wait_until(live.at_rest, what="the end of the last request")


@pytest.fixture
def circle(kring, circle):
    """The cast speaks English here."""
    Member.objects.update(language="en")
    return circle


@pytest.fixture
def visit(kring, browser, window):
    """`visit()` opens a browser of one's own, `visit(bram)` one in which bram is signed in;
    `visit(speaks="nl-NL")` one that asks for Dutch."""
    visitors = []

    def enter(member: Member | None = None, speaks: str = "en-GB") -> Visitor:
        context = browser.new_context(locale=speaks, **window.options())
        visitor = Visitor(context, kring.address)
        visitors.append(visitor)
        if member:
            client = Client()
            client.force_login(member)
            visitor.hold("sessionid", client.cookies["sessionid"].value)
        return visitor

    yield enter
    for visitor in visitors:
        visitor.context.close()
    assert not [trouble for visitor in visitors for trouble in visitor.troubles]


@pytest.fixture
def with_password():
    """`with_password(bram)` lets bram sign in with the form."""

    def give(member: Member) -> str:
        member.set_password(PASSWORD)
        member.save(update_fields=["password"])
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
        return PASSWORD

    return give


@pytest.fixture
def say(language, circle):
    """`say(text)` is that text in the language everybody speaks this time."""
    Member.objects.update(language=language)
    Circle.objects.update(language=language)

    def in_it(text: str, context: str = "", **facts) -> str:
        with translation.override(language):
            said = pgettext(context, text) if context else gettext(text)
        return said % facts if facts else said

    return in_it


@pytest.fixture
def come(visit, language):
    """`come()` opens a browser of somebody without an account, `come(anna)` one of hers."""

    def enter(member=None):
        visitor = visit(member)
        visitor.hold("django_language", language)
        return visitor

    return enter


@pytest.fixture
def by_mail(kring, come):
    """`by_mail(kind, address, path)` follows the link in a mail, on a device of its own."""

    def follow(kind, address, path, member=None):
        visitor = come(member)
        visitor.open(live.link_in(kring.mailbox.wait_for(kind, address), path))
        return visitor

    return follow
