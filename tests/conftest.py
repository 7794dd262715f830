"""The cast, and the roles they act under.

anna leads the circle, vera vets in it, bram is in it, carla leads another, dirk applies, eva has
left; sam is the steward and in no circle. Rows are made as the owner of the tables; every request,
act and task runs under the restricted role of the web or the worker, so the policies are part of
every test.
"""

import os
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kring.settings")
os.environ.setdefault("KRING_SECRET_KEY", "only-for-tests-" + "0123456789" * 5)
os.environ["KRING_ROLE"] = "kring_owner"
HOME = Path(os.environ.get("KRING_TEST_HOME", Path(__file__).parents[1] / ".kring" / "test"))
os.environ.setdefault("KRING_HOME", str(HOME))
from kring.local import servers, translations

translations.compile_all(Path(__file__).parents[1] / "locale")
if "DATABASE_URL" not in os.environ:
    _servers = servers.ensure(HOME, fast=True)
    os.environ["DATABASE_URL"] = _servers.database_url
    os.environ["REDIS_URL"] = _servers.redis_url

# A further test process shares the database server, and has a broker of its own.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
if PROCESS != "gw0":
    del os.environ["REDIS_URL"]
    _broker = servers.ensure(HOME.with_name(f"{HOME.name}-{PROCESS}"), fast=True)
    os.environ["REDIS_URL"] = _broker.redis_url

import django
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

django.setup()
if PROCESS != "gw0":  # pytest-django has read the settings already, with the other's broker
    settings.REDIS_URL = os.environ["REDIS_URL"]
    settings.CELERY_BROKER_URL = settings.REDIS_URL.replace("unix://", "redis+socket://")

from kring.lib.acting import acting_as
from tests import make

# Folders and files whose tests share something costly to start, or are told in an order.
TOGETHER = ("tests/journeys/", "tests/local/", "tests/workflows/test_stack.py")
TOGETHER += ("tests/workflows/test_admission_live.py",)  # one worker
TOGETHER += ("tests/workflows/test_simulation.py",)  # one run
TOGETHER += ("tests/kring/test_keeping.py", "tests/kring/test_demo.py")  # one database, one file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep such tests in one process, when there are several. (What pytest-xdist 3.8 has for this,
    groups by a mark, no longer reaches pytest 9.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    return Scheduling(config, log)


def pytest_configure():
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )


@contextmanager
def role(name: str):
    """Drop to a restricted role; the owner comes back at the end."""
    with connection.cursor() as cursor:
        cursor.execute(f"set role {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            # Within a test's transaction a request's settings would outlive it.
            cursor.execute("set role kring_owner; select set_config('kring.member_id', '', true)")


class RestrictedClient(Client):
    """A browser whose requests are served under the role of the web."""

    def request(self, **request):
        with role("kring_web"):
            return super().request(**request)


@pytest.fixture
def client():
    return RestrictedClient()


@pytest.fixture
def as_():
    """A browser signed in as somebody; each call a browser of its own."""

    def enter(member):
        browser = RestrictedClient()
        browser.force_login(member)
        return browser

    return enter


@pytest.fixture
def acting(db):
    """`with acting(bram):` runs acts as the web does for bram."""

    @contextmanager
    def go(member):
        with role("kring_web"), acting_as(getattr(member, "pk", member)):
            yield

    return go


@pytest.fixture
def house(db):
    """`with house():` runs what the worker does on its own."""

    @contextmanager
    def go():
        with role("kring_worker"):
            yield

    return go


@pytest.fixture
def anna(db):
    return make.member("anna")


@pytest.fixture
def vera(db):
    return make.member("vera")


@pytest.fixture
def bram(db):
    return make.member("bram")


@pytest.fixture
def carla(db):
    return make.member("carla")


@pytest.fixture
def dirk(db):
    return make.member("dirk")


@pytest.fixture
def sam(db):
    return make.member("sam", is_steward=True)


@pytest.fixture
def eva(circle):
    return make.former_member("eva", circle)


@pytest.fixture
def elsewhere(carla):
    """Noise: another circle with content of its own, so a query that forgets its circle fails."""
    keepers = make.circle("Keepers", admin=carla)
    question = make.question(keepers, by=carla, title="Only for keepers?")
    make.answer(question, by=carla, body="Only keepers read this answer.")
    make.application(keepers, name="Applicant of the keepers")
    return keepers


@pytest.fixture
def circle(anna, vera, bram, elsewhere):
    return make.circle("Hand surgeons", admin=anna, vetters=[vera], members=[bram])


@pytest.fixture
def queries(db):
    """Count what a page asks the database, without the words that open and close transactions."""

    def count(page) -> int:
        with CaptureQueriesContext(connection) as captured:
            page()
        words = ("SAVEPOINT", "RELEASE", "ROLLBACK", "set role", "BEGIN", "COMMIT")
        return sum(not query["sql"].startswith(words) for query in captured)

    return count


@pytest.fixture
def unchanged(db):
    """`with unchanged():` fails when a row of ours was written inside."""

    def counts() -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables "
                "where relname ~ '^(members|circles|questions|account|mfa)_' order by 1"
            )
            return cursor.fetchall()

    @contextmanager
    def watch():
        before = counts()
        yield
        assert counts() == before

    return watch
