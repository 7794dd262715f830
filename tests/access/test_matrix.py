"""Who may read and write what: every table, every actor, as matrix.txt says; and every policy
makes a difference there, so that none can be lost unseen.

After a deliberate change: KRING_WRITE_MATRIX=1 pytest tests/access/test_matrix.py, then read the
difference in matrix.txt line by line against the access specification.
"""

import os
from itertools import groupby
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.access import world

FILE = Path(__file__).with_name("matrix.txt")
# Django's own tables without people or content; test_catalogue.py says what may be granted there.
WITHOUT_ROWS = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "kring_cache",
}


@pytest.fixture
def people(anna, vera, bram, carla, eva, sam):
    cast = {"anna": anna, "vera": vera, "bram": bram, "carla": carla, "eva": eva}
    return {**cast, "sam": sam}


@pytest.fixture
def rows(circle, elsewhere, people):
    return world.build(circle, elsewhere, people)


@pytest.fixture
def tokens(rows):
    link_of = {row.label: row.value for row in rows if row.table == "members_link"}
    return {
        "applicant": link_of["application link"],
        "drafter": link_of["draft link"],
        "vouched": link_of["vouched applicant's link"],
        "refused": link_of["refused applicant's link"],
        "invitee": link_of["invitation link"],
        "referee": link_of["reference link"],
        "unsubscriber": link_of["bram's unsubscribe link"],
    }


def measure(rows, people, tokens, *, actors=world.ACTORS, ways="riud") -> dict:
    found = {}
    whole = {row: world.as_json(row) for row in rows}
    for actor in actors:
        with world.acting(actor, people, tokens):
            for row in rows:
                key = f"{row.table}: {row.label}", actor
                found[key] = world.probe(row, whole[row], world.role_of(actor), ways)
    return found


def written(found, rows) -> str:
    names = [f"{row.table}: {row.label}" for row in rows]
    width = max(map(len, names))
    lines = [" " * width + " | " + " | ".join(f"{a:{len(a)}}" for a in world.ACTORS)]
    for _table, group in groupby(sorted(names), key=lambda name: name.split(":")[0]):
        for name in group:
            cells = " | ".join(
                f"{found[name, actor] or '-':{len(actor)}}" for actor in world.ACTORS
            )
            lines.append(f"{name:{width}} | {cells}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def test_everybody_may_do_exactly_what_the_matrix_says(rows, people, tokens):
    now = written(measure(rows, people, tokens), rows)
    if os.environ.get("KRING_WRITE_MATRIX"):
        FILE.write_text(now)
    assert now == FILE.read_text()


def test_every_table_has_its_row_in_the_matrix(rows):
    tables = set(connection.introspection.table_names())
    assert tables - {row.table for row in rows} == WITHOUT_ROWS


COMMANDS = {"SELECT": "r", "INSERT": "i", "UPDATE": "u", "DELETE": "d"}


def test_without_any_one_policy_the_matrix_is_another(rows, people, tokens):
    with connection.cursor() as cursor:
        cursor.execute(
            "select tablename, policyname, cmd, roles::text[] from pg_policies "
            "where schemaname = 'public' and policyname <> 'owner migrates' order by 1, 2"
        )
        policies = cursor.fetchall()
    before = measure(rows, people, tokens)
    idle = []
    for table, policy, command, roles in policies:
        concerned = [row for row in rows if row.table == table]
        actors = [actor for actor in world.ACTORS if world.role_of(actor) in roles]
        way = COMMANDS[command]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'drop policy "{policy}" on {table}')
            after = measure(concerned, people, tokens, actors=actors, ways=way)
            transaction.set_rollback(True)
        if all((way in before[key]) == (way in value) for key, value in after.items()):
            idle.append(f"{table}: {policy}")
    assert idle == []
