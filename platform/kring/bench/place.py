"""Where the bench works: private servers of its own (.kring/bench), one database a size.

Any other database is refused: filling writes tables as a superuser.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from kring.bench.sizes import Size
from kring.local import servers
from kring.local.environment import surroundings
from kring.local.home import REPOSITORY, Trouble, default_home, open_home
from kring.local.roles import SQL

EMPTY = "kring_bench_empty"
SETTINGS = "kring.bench.settings"


@dataclass
class Place:
    """The home of the bench with its running servers."""

    home: Path
    servers: servers.Servers

    def url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.servers.database_url)._replace(path=f"/{database}"))

    def connect(self, database: str) -> psycopg.Connection:
        """Connect as the superuser of the private server."""
        return psycopg.connect(self.url(database), autocommit=True)

    def environment(self, database: str, role: str, **more: str) -> dict[str, str]:
        """What a process of the bench finds in its environment: the product, not its demo."""
        path = os.pathsep.join([str(REPOSITORY / "platform"), str(REPOSITORY)])
        return {
            **os.environ,
            **surroundings(self.home, {}),
            "DATABASE_URL": self.url(database),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "KRING_DEMO": "0",
            "KRING_LOG": "WARNING",
            "KRING_ROLE": role,
            "PYTHONPATH": path,
            "REDIS_URL": self.servers.redis_url,
            **more,
        }

    def manage(self, database: str, *command: str) -> None:
        """Run a command of manage.py as the owner of the tables. Raises Trouble."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=REPOSITORY,
            env=self.environment(database, "kring_owner"),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Trouble(f"manage.py {command[0]} failed:\n{done.stdout}{done.stderr}")

    def has(self, database: str) -> bool:
        with self.connect("postgres") as connection:
            known = "select 1 from pg_database where datname = %s"
            return connection.execute(known, [database]).fetchone() is not None

    def copy(self, database: str, of: str = EMPTY) -> None:
        """Make a database like another one, in the place of the one that had its name."""
        self.drop(database)
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("create database {} template {} owner kring_owner").format(
                    sql.Identifier(database), sql.Identifier(of)
                )
            )

    def drop(self, database: str) -> None:
        with self.connect("postgres") as connection:
            name = sql.Identifier(database)
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))


def open_place() -> Place:
    """Start the private servers. Raises Trouble when somebody else's are named."""
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        raise Trouble(
            "make bench fills databases of its own with invented people. "
            "Unset DATABASE_URL and REDIS_URL."
        )
    home = open_home(open_home(default_home()) / "bench")
    place = Place(home, servers.ensure(home))
    if place.servers.keeper is None:
        raise Trouble("make bench runs already in this folder.")
    return place


def ready(place: Place) -> None:
    """Bring the empty database, which the others are copied from, up to today's tables."""
    if not place.has(EMPTY):
        place.copy(EMPTY, of="template1")
        with place.connect(EMPTY) as connection:
            connection.execute(SQL.read_text())
    place.manage(EMPTY, "migrate", "--verbosity", "0")
    place.manage(EMPTY, "collectstatic", "--noinput", "--verbosity", "0")


def ready_filled(place: Place, size: Size, fill: Callable) -> None:
    """Fill the database of a size unless it is there, and bring it up to today's tables.

    It gets its name when it is full, so an interrupted filling begins again.
    """
    if not place.has(size.database):
        draft = f"{size.database}_draft"
        place.copy(draft)
        with place.connect(draft) as connection:
            fill(connection, size)
        with place.connect("postgres") as connection:
            connection.execute(
                sql.SQL("alter database {} rename to {}").format(
                    sql.Identifier(draft), sql.Identifier(size.database)
                )
            )
    place.manage(size.database, "migrate", "--verbosity", "0")
