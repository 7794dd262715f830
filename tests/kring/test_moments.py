from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from django.db import connection
from psycopg.pq import Format

pytestmark = pytest.mark.django_db
MOMENTS = [
    datetime(2026, 3, 29, 1, 59, 59, 999999, UTC),
    datetime(1901, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 3, 30, tzinfo=timezone(timedelta(hours=2))),
]


def test_a_moment_comes_back_as_it_went():
    with connection.cursor() as cursor:
        cursor.execute("select unnest(%s::timestamptz[])", [MOMENTS])
        found = [row[0] for row in cursor.fetchall()]
    assert found == MOMENTS
    assert {moment.utcoffset() for moment in found} == {timedelta()}


def test_moments_are_read_by_the_loader_of_psycopg():
    connection.ensure_connection()
    oid = psycopg.adapters.types["timestamptz"].oid
    adapters = connection.connection.adapters
    made = adapters.get_loader(oid, Format.TEXT)(oid, connection.connection)
    assert type(made) is psycopg.adapters.get_loader(oid, Format.TEXT)
