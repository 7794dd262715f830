"""What PostgreSQL is asked around a backup and a restore. As kring_owner, the owner of the tables.

Row-level security is forced, so it binds the owner too. Its own policy on every table, `true`,
lets it read everything; a table without that policy would be dumped as empty without a word, the
worst fault a backup can have. So that is asked first, and every row is counted twice.
"""

import os
import re
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import salted_hmac
from psycopg import conninfo, sql

from kring.demo import marker
from kring.local import postgres
from kring.local.home import Trouble

LEFT_OUT = ("kring_cache",)  # who tried how often

BLIND = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relrowsecurity
  and not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)
  and (not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*'
                   and p.polpermissive and pg_get_expr(p.polqual, p.polrelid) = 'true'
                   and (select oid from pg_roles where rolname = current_user) = any (p.polroles))
       or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive))
order by 1
"""
TABLES = """
select c.relname, pg_get_userbyid(c.relowner) = current_user
       or (select rolsuper from pg_roles where rolname = current_user)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1
"""
# Who may do what, as one list of lines: it must be the same before and after.
SHAPE = """
select format('table %s %s %s', c.relname, c.relrowsecurity, c.relforcerowsecurity)
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
union all
select format('policy %s %s %s %s %s', tablename, policyname, cmd, permissive, roles)
from pg_policies where schemaname = 'public'
union all
select format('trigger %s %s', t.tgrelid::regclass, t.tgname)
from pg_trigger t where not t.tgisinternal
union all
select format('function %s %s %s %s', p.oid::regprocedure, p.prosecdef, p.proconfig,
              pg_get_userbyid(p.proowner))
from pg_proc p where p.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select format('constraint %s %s %s', conrelid::regclass, conname, convalidated)
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
union all
select format('grant %s %s %s', c.relname, a.grantee::regrole, a.privilege_type)
from pg_class c cross join lateral aclexplode(c.relacl) a
where c.relnamespace = 'public'::regnamespace and a.grantee <> 0
  and a.grantee::regrole::text in ('kring_web', 'kring_worker')
union all
select format('grant %s.%s %s %s', c.relname, t.attname, a.grantee::regrole, a.privilege_type)
from pg_class c join pg_attribute t on t.attrelid = c.oid
cross join lateral aclexplode(t.attacl) a
where c.relnamespace = 'public'::regnamespace
  and a.grantee::regrole::text in ('kring_web', 'kring_worker')
union all
select format('grant %s %s', p.oid::regprocedure, case a.grantee when 0 then 'public'
              else a.grantee::regrole::text end)
from pg_proc p cross join lateral aclexplode(p.proacl) a
where p.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by 1
"""


def ask(query: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def tables() -> list[str]:
    """The tables there are, which are none in an empty database."""
    return [name for name, _ in ask(TABLES)]


def assert_owner() -> None:
    """Raise Trouble unless we are who owns the tables and sees every row of them."""
    role = ask("select current_user")[0][0]
    if "members_backup" not in tables():
        raise Trouble("The tables are not there, or of an older Kring. Run migrate first.")
    if others := [name for name, owned in ask(TABLES) if not owned]:
        raise Trouble(
            f"{role} does not own the tables ({others[0]}, for one). Set DATABASE_URL to the "
            "address of kring_owner for this command."
        )
    if blind := [name for (name,) in ask(BLIND)]:
        raise Trouble(
            f"{role} would not see every row of {', '.join(blind)}: its own policy is missing "
            "there, and they would be left out without a word. Run migrate first."
        )


def assert_maker() -> None:
    """Raise Trouble unless we are kring_owner, who may make databases."""
    role = ask("select current_user")[0][0]
    if role != "kring_owner":
        raise Trouble(
            f"This is done as kring_owner, and not as {role}. Set DATABASE_URL to its address."
        )
    if not ask("select rolcreatedb or rolsuper from pg_roles where rolname = current_user")[0][0]:
        raise Trouble("kring_owner may not make databases. Run: alter role kring_owner createdb")


def facts() -> dict:
    """What a manifest says of this database; within one transaction, the dump's own."""
    kept = [name for name in tables() if name not in LEFT_OUT]
    return {
        "postgres": version(),
        "migrations": sorted(map(".".join, MigrationRecorder(connection).applied_migrations())),
        "tables": {name: _count(name) for name in kept},
        "shape": shape(),
        "demo": marker.is_demo(),
        "secret": secret_marks()[0],
    }


def shape() -> list[str]:
    return [line for (line,) in ask(SHAPE)]


def counts() -> dict[str, int]:
    return {name: _count(name) for name in tables() if name not in LEFT_OUT}


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("public", table)))
        return cursor.fetchone()[0]


def version() -> int:
    """The major version of the server."""
    return connection.cursor().connection.info.server_version // 10000


def secret_marks() -> list[str]:
    """A word that only this KRING_SECRET_KEY gives, and one for each earlier one that is set
    still; they tell nothing of the keys."""
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [
        salted_hmac("kring.keeping", "which key", secret=key).hexdigest()[:16] for key in known
    ]


# Of the sessions of other roles PostgreSQL shows little more than whose they are.
OTHERS = "datname = current_database() and pid <> pg_backend_pid() and usename is not null"


def somebody_else() -> list[str]:
    """Which roles are connected to this database besides us."""
    rows = ask(f"select distinct usename from pg_stat_activity where {OTHERS} order by 1")  # noqa: S608
    return [who for (who,) in rows]


def send_away() -> None:
    """End the connections of others, where we may; ask again who is left."""
    for (pid,) in ask(f"select pid from pg_stat_activity where {OTHERS}"):  # noqa: S608
        with suppress(Error):
            ask("select pg_terminate_backend(%s, 2000)", pid)


# --- its programs -------------------------------------------------------------------------
def address(**instead) -> str:
    """Where the database is, for a program; the password goes another way."""
    known = connection.settings_dict
    given = {
        "dbname": known["NAME"],
        "user": known["USER"],
        "host": known["HOST"],
        "port": known["PORT"],
        **{key: value for key, value in known["OPTIONS"].items() if isinstance(value, str)},
        **instead,
    }
    return conninfo.make_conninfo(**{key: value for key, value in given.items() if value})


class Program:
    """One program of PostgreSQL at work; its words are kept for when it fails."""

    def __init__(self, name: str, *arguments: str, stdin=None, stdout=None):
        self.name = name
        self.words = tempfile.TemporaryFile()  # noqa: SIM115
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        if password := connection.settings_dict["PASSWORD"]:
            environment["PGPASSWORD"] = password
        self.process = subprocess.Popen(
            [postgres.client(name, version()), *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=self.words,
            env={**environment, "LC_ALL": "C"},
        )

    def ended(self) -> None:
        """Wait for its end. Raises Trouble with its own words when it failed."""
        if self.process.wait():
            self.words.seek(0)
            lines = self.words.read().decode(errors="replace").strip().splitlines()
            told = [line for line in lines if "error: " in line] or lines or ["without a word"]
            raise Trouble(f"{self.name} failed: {told[0]}.")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in filter(None, (self.process.stdin, self.process.stdout, self.words)):
            with suppress(BrokenPipeError):
                pipe.close()


def dump(snapshot: str) -> Program:
    """Start a dump of what a transaction of ours sees."""
    left_out = [f"--exclude-table-data=public.{name}" for name in LEFT_OUT]
    return Program(
        *("pg_dump", "--format=custom", "--no-password", "--enable-row-security"),
        *(f"--snapshot={snapshot}", *left_out),
        f"--dbname={address()}",
        stdout=subprocess.PIPE,
    )


class Fed:
    """A program that is fed a dump. Raises Trouble where the program itself says why."""

    program: Program

    def feed(self, piece: bytes) -> None:
        try:
            self.program.process.stdin.write(piece)
        except BrokenPipeError:
            self.program.ended()
            raise

    def done(self) -> None:
        with suppress(BrokenPipeError):
            self.program.process.stdin.close()
        self.program.ended()


class RowCount(Fed):
    """Reads a dump as pg_restore understands it, and counts the rows of every table in it."""

    _COPY = re.compile(rb'COPY public\."?(\w+)"? .*FROM stdin;\n')

    def __init__(self):
        self.counts: dict[str, int] = {}
        self.program = Program(
            *("pg_restore", "--data-only", "--file=-"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        table = None
        for line in self.program.process.stdout:
            if table is None:
                if found := self._COPY.fullmatch(line):
                    table = found[1].decode()
                    self.counts[table] = 0
            elif line == b"\\.\n":
                table = None
            else:
                self.counts[table] += 1

    def done(self) -> None:
        super().done()
        self._reader.join()


class Filling(Fed):
    """Puts a dump into an empty database: all of it, or nothing."""

    def __init__(self, database: str):
        self.program = Program(
            *("pg_restore", "--single-transaction", "--exit-on-error", "--no-password"),
            *("--enable-row-security", "--no-publications", "--no-subscriptions"),
            f"--dbname={address(dbname=database)}",
            stdin=subprocess.PIPE,
        )


# --- the database beside the one that serves ----------------------------------------------
@contextmanager
def turned_to(name: str):
    """Let Django speak to another database of the same server."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def make_empty(name: str) -> None:
    """Make a database with nothing in it; one that a restore left half done goes first."""
    try:
        remove(name)
        with connection.cursor() as cursor:
            name = sql.Identifier(name)
            cursor.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8'").format(name)
            )
    except Error as error:
        raise Trouble(f"No second database can be made: {_sentence(error)}") from error


def remove(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


def change_places(new: str, serving: str, old: str) -> None:
    """Give `new` the name of the one that serves, and that one the name `old`, both at once.

    Raises Trouble when that cannot be done now; then nothing has changed.
    """
    rename = sql.SQL("alter database {} rename to {}")
    pairs = ((serving, old), (new, serving))
    try:
        with turned_to(_third_place()), transaction.atomic(), connection.cursor() as cursor:
            for pair in pairs:
                cursor.execute(rename.format(*map(sql.Identifier, pair)))
    except Error as error:
        raise Trouble(f"The databases cannot change places: {_sentence(error)}") from error


def _third_place() -> str:
    """A database to stand in while others are renamed: none is from within. Raises Trouble."""
    for name in ("postgres", "template1"):
        with turned_to(name), suppress(Error):
            connection.ensure_connection()
            return name
    raise Trouble("kring_owner may connect to neither postgres nor template1, and needs one.")


def renew_numbers() -> None:
    """Let every row that comes now have a number no row ever had.

    What was written after the backup is lost, yet its numbers live on in mails. Given out again,
    an old link would open what is somebody else's. So numbers go on from the seconds of today.
    """
    for name, kind in ask(
        "select format('%I.%I', schemaname, sequencename), data_type::text from pg_sequences "
        "where schemaname = 'public'"
    ):
        today = "extract(epoch from now())::bigint * 1000" if kind == "bigint" else "0"
        ask(f"select setval('{name}', greatest(last_value + 100000, {today})) from {name}")  # noqa: S608


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())
