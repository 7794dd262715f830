"""Rows into tables by COPY: lines of text, with the models' own defaults for what is not named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import models
from django.db.models import NOT_PROVIDED
from psycopg import Connection, sql

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def field(value) -> str:
    """Write one value as COPY reads it."""
    match value:
        case None:
            return r"\N"
        case bool():
            return "t" if value else "f"
        case int() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list() | dict():
            value = json.dumps(value, ensure_ascii=False)
    return str(value).translate(_ESCAPES)


class Table:
    """One table while it is filled. `columns` are given with every row, in this order; every other
    column gets its model's default, so a column that comes later needs no word here."""

    def __init__(self, connection: Connection, model: type[models.Model], *columns: str):
        self.name = model._meta.db_table
        rest = {
            field_.column: field(field_.get_default())
            for field_ in model._meta.concrete_fields
            if field_.column not in columns and _needs_a_value(field_)
        }
        self._end = "".join(f"\t{value}" for value in rest.values()) + "\n"
        names = sql.SQL(", ").join(map(sql.Identifier, [*columns, *rest]))
        self._statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(self.name), names
        )
        self._connection, self._lines = connection, []

    def add(self, *values) -> None:
        """Add a row; text that was escaped already comes as `Ready`."""
        self._lines.append(
            "\t".join(v if type(v) is Ready else field(v) for v in values) + self._end
        )

    def send(self) -> None:
        """Bring what was added so far to the server."""
        with self._connection.cursor().copy(self._statement) as copy:
            copy.write("".join(self._lines).encode())
        self._lines.clear()


class Ready(str):
    """Text that is escaped already."""


def ready(value) -> Ready:
    return Ready(field(value))


def _needs_a_value(field_: models.Field) -> bool:
    return (
        not isinstance(field_, models.AutoField)
        and field_.db_default is NOT_PROVIDED
        and not field_.generated
    )


@contextmanager
def untouched_by_triggers(connection: Connection) -> Iterator[None]:
    """Neither triggers nor foreign keys: what they keep is filled directly. As a superuser, until
    the end of the transaction."""
    connection.execute("set local session_replication_role = replica")
    yield
    connection.execute("set local session_replication_role = origin")


@contextmanager
def indexes_put_aside(connection: Connection, tables: list[str]) -> Iterator[None]:
    """Drop the indexes that are no constraints; make them again when all rows are there."""
    found = connection.execute(
        """
        select indexname, indexdef from pg_indexes
        where schemaname = 'public' and tablename = any (%s)
          and not exists (select from pg_constraint
                          where conindid = format('public.%%I', indexname)::regclass)
          and indexdef not like 'CREATE UNIQUE%%'
        """,
        [tables],
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
    yield
    for _, definition in found:
        connection.execute(definition)


def set_sequences(connection: Connection) -> None:
    """Let every sequence go on after the highest number of its column."""
    owned = connection.execute(
        """
        select c.relname, a.attname, pg_get_serial_sequence(format('public.%I', c.relname), a.attname)
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind = 'r' and a.attidentity <> ''
        """
    ).fetchall()
    for table, column, sequence in owned:
        connection.execute(
            sql.SQL("select setval({}, greatest((select max({}) from {}), 1))").format(
                sequence, sql.Identifier(column), sql.Identifier(table)
            )
        )
