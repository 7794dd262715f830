"""How a database says that it was born as a demo, so that everybody in it came in the demo."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

_WORDS = "Kring demo: everybody in it is invented."


def is_demo() -> bool:
    """Say whether this database was filled as a demo."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select shobj_description(oid, 'pg_database') from pg_database "
            "where datname = current_database()"
        )
        return cursor.fetchone()[0] == _WORDS


def mark() -> None:
    """Make this database a demo for ever; only the owner can."""
    with connection.cursor() as cursor:
        name = sql.Identifier(connection.settings_dict["NAME"])
        # A command that describes takes no parameters.
        cursor.execute(sql.SQL("comment on database {} is {}").format(name, sql.Literal(_WORDS)))


def assert_demo() -> None:
    """Stop the start of a demo on a database that holds others.

    Raises ImproperlyConfigured with what to do.
    """
    if not is_demo():
        raise ImproperlyConfigured(
            "KRING_DEMO=1 signs anybody in with one click, and this database was not made by the "
            "demo: it may hold real people. Unset KRING_DEMO, or give the demo a database of its own."
        )
