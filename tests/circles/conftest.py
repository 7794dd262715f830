"""What tests of admission share: starting an application, letting a timer fall due, voting."""

import re

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from circles import applying, vetting
from circles.models import Application, GuideEntry
from kring.lib.acting import acting_as
from members import due
from members.letters import KINDS
from members.models import Due, Letter

TEXTS = {
    "name": "Dirk de Boer",
    "profession": "hand surgeon",
    "brings": "Twelve years of tendons.",
    "seeks": "A second pair of eyes.",
}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def started(acting):
    """`started(circle)` begins an application as a stranger; `sent(circle)` sends it in too."""

    def start(circle, email="dirk@example.org") -> Application:
        entry = GuideEntry.objects.get(pk=circle.pk)
        with acting(None):
            return applying.start(entry, email=email, language="en")

    return start


@pytest.fixture
def sent(acting, started):
    def send(circle, email="dirk@example.org", mailed=True) -> Application:
        application = started(circle, email)
        with acting(None):
            applying.keep(application, mailed=mailed, **TEXTS)
            applying.submit(application, mailed=mailed)
        return application

    return send


@pytest.fixture
def votes(acting):
    """`votes(application, anna, "approve")` casts a vote as the web does for anna."""

    def cast(application, voter, choice="approve", sentence="I know the work.", **reason):
        seen = Application.objects.get(pk=application.pk)
        with acting(voter):
            vetting.vote(seen, by=voter, choice=choice, sentence=sentence, **reason)

    return cast


@pytest.fixture
def falls_due(house):
    """`falls_due(kind)` lets every timer of that kind fall due now, as the worker does."""

    def pass_time(*kinds) -> int:
        rows = Due.objects.filter(done_at=None)
        if kinds:
            rows = rows.filter(kind__in=kinds)
        rows.update(due_at=timezone.now())
        with house(), acting_as(None):
            return due.run_due()

    return pass_time


@pytest.fixture
def letters_of():
    """The kinds of letters written about an application, oldest first."""

    def kinds(application) -> list[str]:
        rows = Letter.objects.filter(subject_id=application.pk, link_id=application.link_id)
        return list(rows.order_by("id").values_list("kind", flat=True))

    return kinds


REASON = {"code": "other", "text": "We admit hand surgeons only, and you operate on feet."}


@pytest.fixture
def reason():
    return dict(REASON)


@pytest.fixture
def mail_of(house):
    """`mail_of(application, kind)` composes its newest letter of that kind, as the worker does."""

    def compose(application, kind):
        # A page asked for before leaves its reader behind in the transaction of the test.
        rows = Letter.objects.filter(subject_id=application.pk, kind=kind)
        with house(), acting_as(None):
            return KINDS[kind].compose(rows.order_by("-id")[0])

    return compose


@pytest.fixture
def link_in(mail_of):
    """`link_in(application)` is the path of the link in its newest letter with one."""

    def path(application, kind="application_address") -> str:
        return re.search(
            r"https?://[^/\s]+(/application/open/\S+)", mail_of(application, kind).text
        )[1]

    return path


@pytest.fixture(autouse=True)
def no_counts(db):
    """The limits count from nothing, whatever other tests left in the cache."""
    cache.clear()
