"""What /healthz and /readyz say: ready, degraded or down, in sentences and numbers."""

import socket
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from kring import health
from members import condition
from members.models import Due, Letter, Sweep
from tests.conftest import role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def read_anew(monkeypatch):
    monkeypatch.setattr(health, "_last", None)


@pytest.fixture
def seen():
    """A worker has just brought letters."""
    condition.note_sweep(health.SWEEP, 0.1, worked=True)


def says(client) -> tuple[int, str, str]:
    reply = client.get("/readyz")
    found = reply.json()
    return reply.status_code, found["state"], " ".join(found["says"])


def ago(**time):
    return timezone.now() - timedelta(**time)


def test_living_asks_the_database_nothing(django_assert_num_queries, client):
    client.cookies["sessionid"] = "whoever"
    with django_assert_num_queries(0):
        reply = Client().get("/healthz")
    assert (reply.status_code, reply.json()) == (200, {"alive": True})


def test_all_is_well(client, seen):
    found = client.get("/readyz").json()
    assert found == {
        "state": "ready",
        "says": [],
        "oldest_letter_seconds": 0,
        "oldest_due_seconds": 0,
    }


def test_it_answers_under_any_name_and_without_the_member(client, seen, bram):
    client.force_login(bram)
    reply = client.get("/readyz", headers={"host": "10.0.0.7:8000"})
    assert reply.status_code == 200
    assert not reply.cookies
    assert not hasattr(reply.wsgi_request, "session")


def test_the_owner_of_the_tables_is_down(seen):
    assert says(Client()) == (
        503,
        "down",
        "The database role is too strong. Set DATABASE_URL to kring_web.",
    )


def test_a_missing_migration_is_down(client, seen, monkeypatch):
    monkeypatch.setattr(health, "_wanted", lambda: {("circles", "0999_later")})
    status, state, words = says(client)
    assert (status, state) == (503, "down")
    assert "1 migrations are missing" in words


def test_a_database_that_is_away_is_down_and_its_words_stay_inside(client, monkeypatch):
    def refuse():
        raise OperationalError("password for kring_web at db.internal failed")

    monkeypatch.setattr(condition, "read", refuse)
    assert says(client) == (503, "down", "The database does not answer (OperationalError).")


def test_without_a_broker_it_is_degraded_and_open(client, seen, settings):
    settings.REDIS_URL = "unix:///nowhere"
    status, state, words = says(client)
    assert (status, state) == (200, "degraded")
    assert "broker does not answer" in words


def test_a_silent_broker_is_asked_once_for_a_second(settings):
    with socket.create_server(("127.0.0.1", 0)) as line:
        line.settimeout(0)
        settings.REDIS_URL = f"redis://127.0.0.1:{line.getsockname()[1]}/0"
        assert health._broker_answers() is False
        line.accept()
        with pytest.raises(BlockingIOError):
            line.accept()


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        (None, "No worker was ever seen"),
        ({"ended_at": 12, "worked": True}, "No worker was seen for 12 minutes"),
        ({"ended_at": 0, "worked": False}, "The last sweep of letters failed"),
    ],
)
def test_a_worker_that_is_not_seen_degrades(client, sweep, words):
    if sweep:
        ended_at = ago(minutes=sweep["ended_at"])
        Sweep.objects.create(
            task=health.SWEEP, seconds=1, ended_at=ended_at, worked=sweep["worked"]
        )
    status, state, found = says(client)
    assert (status, state) == (200, "degraded")
    assert words in found


def test_letters_and_timers_that_wait_degrade(client, seen, bram):
    facts = {"kind": "x", "member": bram}
    Letter.objects.create(**facts, subject_id=1, due_at=ago(minutes=20))
    Letter.objects.create(
        **facts, subject_id=2, due_at=ago(minutes=-9), state="failed", attempts=3
    )
    Due.objects.create(**facts, subject_id=1, due_at=ago(minutes=40))
    status, state, words = says(client)
    assert (status, state) == (200, "degraded")
    assert "A letter waits for 20 minutes" in words
    assert "1 letters were tried three times" in words
    assert "A timer is 40 minutes late" in words


def test_asking_often_asks_the_database_once(django_assert_num_queries, client, seen):
    with role("kring_web"):
        health.read()
    with django_assert_num_queries(0):
        for _ in range(3):
            assert Client().get("/readyz").status_code == 200
