"""How often a stranger may ask, and what is left when somebody asks too often."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from circles import limits
from circles.models import Application
from members.models import Link

pytestmark = pytest.mark.django_db


def counted() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from kring_cache where cache_key like '%mail:%'")
        return [row[0].split("mail:")[1].split(":")[0] for row in cursor.fetchall()]


def start(client, circle, number: int):
    address = reverse("application_start", args=[circle.public_id])
    return client.post(address, {"email": f"dirk{number}@example.org"})


def test_beyond_the_senders_limit_no_address_is_counted(monkeypatch):
    monkeypatch.setattr(limits, "PER_SENDER", 0)
    assert not limits.may_mail(RequestFactory().post("/"), "dirk@example.org")
    assert counted() == ["sender"]


def test_beyond_the_senders_limit_nothing_is_begun(client, circle, monkeypatch):
    monkeypatch.setattr(limits, "PER_SENDER", 2)
    before = Application.objects.count(), Link.objects.count()
    replies = [start(client, circle, number) for number in range(4)]
    assert {reply.url for reply in replies} == {reverse("application_mailed")}
    assert (Application.objects.count(), Link.objects.count()) == (before[0] + 2, before[1] + 2)


def test_a_count_lasts_the_day():
    limits.may_mail(RequestFactory().post("/"), "dirk@example.org")
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(expires) > now() + interval '23 hours' from kring_cache "
            "where cache_key like '%mail:%'"
        )
        assert cursor.fetchone()[0]


def test_no_flood_of_counts_culls_the_counts_before_it():
    limits.may_mail(RequestFactory().post("/"), "dirk@example.org")
    for number in range(400):
        cache.set(f"zz:{number}", 1)
    assert sorted(counted()) == ["address", "sender"]
