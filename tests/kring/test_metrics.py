"""Figures for the operator alone: by token, and without one nothing is there."""

import pytest

from kring import health
from members.models import Letter
from tests import make

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-operator-0123456789"


@pytest.fixture(autouse=True)
def read_anew(monkeypatch):
    monkeypatch.setattr(health, "_last", None)


def ask(client, token: str = TOKEN):
    return client.get("/metrics", headers={"authorization": f"Bearer {token}", "host": "web:8000"})


def figures(client) -> dict[str, float]:
    lines = ask(client).content.decode().splitlines()
    return {
        name: float(n) for name, n in (line.rsplit(" ", 1) for line in lines if line[0] != "#")
    }


@pytest.mark.parametrize(
    ("set_to", "brought"), [(TOKEN, TOKEN[:-1]), (TOKEN, ""), ("", ""), ("", TOKEN)]
)
def test_without_the_token_there_is_nothing(client, settings, set_to, brought):
    settings.METRICS_TOKEN = set_to
    headers = {"authorization": f"Bearer {brought}"}
    reply, nowhere = (client.get(path, headers=headers) for path in ("/metrics", "/metrix"))
    assert reply.status_code == nowhere.status_code == 404
    assert b"kring_" not in reply.content


def test_requests_are_counted_by_route_never_by_address(client, settings, circle):
    settings.METRICS_TOKEN = TOKEN
    ready = 'kring_requests_total{method="GET",route="charter_page",status="200"}'
    before = figures(client).get(ready, 0)
    make.application(circle)
    client.get(f"/guide/{circle.public_id}/")
    client.get("/nowhere/at-all/")
    client.generic("BREW", "/healthz")
    text = ask(client).content.decode()
    assert figures(client)[ready] == before + 1
    assert 'kring_request_seconds_count{route="charter_page"}' in text
    assert 'method="other",route="healthz",status="405"' in text
    assert circle.public_id not in text
    assert "at-all" not in text


def test_what_waits_is_told(client, settings, bram):
    settings.METRICS_TOKEN = TOKEN
    Letter.objects.create(kind="x", member=bram, subject_id=1)
    found = figures(client)
    assert found['kring_letters{state="queued"}'] == 1
    assert found["kring_degraded"] == 1  # no worker was ever seen
    assert found["kring_database_connections"] >= 1
    assert any(name.startswith('kring_info{django="5.2') for name in found)


def test_without_the_database_it_says_so(settings):
    """As the owner: no pages are served under such a role, so it is down."""
    from django.test import Client

    settings.METRICS_TOKEN = TOKEN
    found = figures(Client())
    assert found["kring_ready"] == 0
    assert "kring_due" not in found
