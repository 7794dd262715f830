"""Queries that are put together once: Django composes a query anew for every page, which costs more
than asking it. What is kept is the statement; never a row, never who may see it.

    @kept
    def _answers(circle_id: int, question_id: int):
        return Answer.objects.filter(circle_id=circle_id, question_id=question_id)

Calling it asks at once and gives a list. Everything that differs from call to call is an argument
and goes into the query as it is: an id, a name, a moment, a list of ids. What is read inside, such
as the time of day, would stand still. A list that may be long is asked for with `among`. Named
arguments choose the query, not its values.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from itertools import count

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.base import ModelState
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
)
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql

KEEPS = True  # tests that change queries while they run turn it off
Argument = int | str | datetime | list[int]
_HIGHEST = 9_000_000_000_000_000_000  # no id comes so far
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_MANY = 9  # a list of so many, unless asked for with `among`, makes a query of its own


class kept:
    """One query with places for its arguments."""

    def __init__(self, compose: Callable[..., QuerySet]):
        self.compose = compose
        self._shapes = {}
        update_wrapper(self, compose)

    def __call__(self, *arguments: Argument, **chosen) -> list:
        if not KEEPS:
            return list(self.compose(*arguments, **chosen))
        key = (*map(_kind, arguments), *chosen.items())
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = _Shape(self.compose, arguments, chosen)
        return shape.ask(arguments)

    def first(self, *arguments: Argument, **chosen):
        """The first row, or None. The query itself says how many it wants."""
        rows = self(*arguments, **chosen)
        return rows[0] if rows else None


def _kind(argument: Argument) -> type | int:
    return min(len(argument), _MANY) if type(argument) is list else type(argument)


def _mark(argument: Argument, numbers: Iterator[int]):
    """A value of the same kind that is nobody's, to be found again in the statement."""
    if isinstance(argument, list):
        return [_mark(part, numbers) for part in argument[:_MANY]]
    number = next(numbers)
    if isinstance(argument, datetime):
        return _LATEST + timedelta(days=number)
    return f"kept {number}" if isinstance(argument, str) else _HIGHEST + number


def _is_mark(value, mark) -> bool:
    return isinstance(value, type(mark)) and value == mark


def _wrapped(value, argument: Argument) -> Argument:
    """The argument as the field had its mark: a bigint, say, is a type of its own. A list of ids
    is written out here, which psycopg does with more care than numbers need."""
    if type(argument) is list:
        are_ids = not argument or type(argument[0]) is int
        return "{" + ",".join(map(str, argument)) + "}" if are_ids else argument
    kind = type(value)
    return argument if kind is type(argument) else kind(argument)


class _Shape:
    """The statement for arguments of these kinds."""

    def __init__(self, compose: Callable[..., QuerySet], arguments: tuple, chosen: dict):
        numbers = count()
        marked = [_mark(argument, numbers) for argument in arguments]
        queryset = compose(*marked, **chosen)
        self.compose, self.chosen = compose, chosen
        self.composed_anew = False
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            self.statement, given = compiler.as_sql()
        except EmptyResultSet:  # one of nothing: no row can be asked for
            self.statement = None
            return
        self.made = _MADE[queryset._iterable_class](compiler)
        self.given = list(given)
        self.places = []  # of each argument, or of each of a short list
        for number, mark in enumerate(marked):
            found = [(place, number, None) for place, v in enumerate(given) if _is_mark(v, mark)]
            if not found and isinstance(mark, list) and len(mark) < _MANY:
                parts = [
                    [(place, number, n) for place, v in enumerate(given) if _is_mark(v, part)]
                    for n, part in enumerate(mark)
                ]
                found = [place for part in parts for place in part] if all(parts) else []
            if not found and isinstance(mark, list) and len(mark) == _MANY:
                self.composed_anew = True
                return
            if not found and mark != []:  # an empty list says only that there is none
                raise TypeError(f"{compose.__name__} does not ask for an argument as it is given")
            self.places += found
        self._fix(given)

    def _fix(self, given: tuple) -> None:
        """Write into the statement what never differs, so that PostgreSQL plans with it: an index
        on open questions serves those that ask for 'open', not for $4."""
        moving = sorted({place for place, _number, _part in self.places})
        literals = iter([(at in moving, value) for at, value in enumerate(given)])

        def filled(found: re.Match) -> str:
            if found[0] == "%%":
                return "%%"
            moves, value = next(literals)
            return "%s" if moves else sql.Literal(value).as_string(raw).replace("%", "%%")

        connection.ensure_connection()
        raw = connection.connection
        self.statement = re.sub("%[%s]", filled, self.statement)
        self.given = [given[place] for place in moving]
        now = {place: at for at, place in enumerate(moving)}
        self.places = [(now[place], number, part) for place, number, part in self.places]

    def ask(self, arguments: tuple) -> list:
        if self.statement is None:
            return []
        if self.composed_anew:
            return list(self.compose(*arguments, **self.chosen))
        given = self.given.copy()
        for place, number, part in self.places:
            argument = arguments[number]
            argument = argument if part is None else argument[part]
            given[place] = _wrapped(given[place], argument)
        with connection.cursor() as cursor:
            cursor.execute(self.statement, given)
            return self.made.of(cursor.fetchall())


class _Tuples:
    """What a query gives, made of its rows; here the rows themselves. What Django works out for
    every query and every row is worked out once."""

    def __init__(self, compiler: SQLCompiler):
        self.compiler = compiler
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(columns)

    def of(self, rows: list[tuple]) -> list:
        if not self.converters:
            return rows
        return [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]


class _Values(_Tuples):
    def of(self, rows: list[tuple]) -> list:
        return [row[0] for row in super().of(rows)]


class _Dicts(_Tuples):
    def __init__(self, compiler: SQLCompiler):
        super().__init__(compiler)
        query = compiler.query
        self.names = list(query.selected or (*query.values_select, *query.annotation_select))

    def of(self, rows: list[tuple]) -> list:
        return [dict(zip(self.names, row, strict=True)) for row in super().of(rows)]


class _Objects(_Tuples):
    """Rows that name the same person share one object."""

    def __init__(self, compiler: SQLCompiler):
        super().__init__(compiler)
        self.one = _One(compiler.klass_info, compiler.select)
        self.noted = list(compiler.annotation_col_map.items())

    def of(self, rows: list[tuple]) -> list:
        rows = super().of(rows)
        known, made = {}, []
        for row in rows:
            one = self.one.made(row, known)
            for name, place in self.noted:
                setattr(one, name, row[place])
            made.append(one)
        return made


_MADE = {
    ModelIterable: _Objects,
    ValuesIterable: _Dicts,
    ValuesListIterable: _Tuples,
    FlatValuesListIterable: _Values,
}


class _One:
    """One object of a row, with those it refers to (select_related)."""

    def __init__(self, found: dict, select: list):
        places = found["select_fields"]
        self.model, self.start, self.end = found["model"], places[0], places[-1] + 1
        self.names = [column[0].target.attname for column in select[self.start : self.end]]
        self.key = self.start + self.names.index(self.model._meta.pk.attname)
        self.related = [
            (_One(part, select), part["local_setter"], part["remote_setter"])
            for part in found.get("related_klass_infos", ())
        ]

    def made(self, row: tuple, known: dict):
        """The object of this row as Model.from_db() makes it; fields not asked for are deferred."""
        one = self.model.__new__(self.model)
        state = one._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        one.__dict__.update(zip(self.names, row[self.start : self.end], strict=True))
        for related, here, there in self.related:
            other = related.known(row, known)
            here(one, other)
            if other is not None:
                there(other, one)
        return one

    def known(self, row: tuple, known: dict):
        """The object this row refers to, if any, made once for all rows."""
        key = row[self.key]
        if key is None:
            return None
        if (self, key) not in known:
            known[self, key] = self.made(row, known)
        return known[self, key]
