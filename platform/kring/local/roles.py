"""The database and its three roles, made where that is allowed."""

from pathlib import Path

from kring.local.home import Trouble
from kring.local.postgres import DATABASE, SUPERUSER, Postgres

SQL = Path(__file__).with_name("roles.sql")
MISSING = """
select wanted.name
from unnest(array['kring_owner', 'kring_web', 'kring_worker']) as wanted (name)
left join pg_roles on rolname = wanted.name
where rolname is null or not pg_has_role(current_user, pg_roles.oid, 'member')
"""


def ensure_private(database: Postgres) -> None:
    """Make the database and the roles in a cluster of our own."""
    import psycopg

    where = {"host": str(database.room.sockets), "port": 5432, "user": SUPERUSER}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE])
        if not known.fetchone():
            connection.execute(f"create database {DATABASE}")
    with psycopg.connect(dbname=DATABASE, autocommit=True, **where) as connection:
        connection.execute(SQL.read_text())


def ensure_given(url: str) -> None:
    """See that the given database and its roles can be used, making them if we may.

    Raises Trouble with what a superuser must do.
    """
    import psycopg

    try:
        _make_when_missing(url)
        with psycopg.connect(url, autocommit=True) as connection:
            if not connection.execute(MISSING).fetchall():
                return
            connection.execute(SQL.read_text())
            missing = [name for (name,) in connection.execute(MISSING)]
    except psycopg.errors.InsufficientPrivilege as error:
        raise Trouble(
            "DATABASE_URL names an account that may not make the database and roles of Kring. "
            f"As a superuser: psql --file {SQL} kring"
        ) from error
    except psycopg.Error as error:
        raise Trouble(f"DATABASE_URL does not work: {str(error).strip()}") from error
    if missing:
        raise Trouble(
            f"The account of DATABASE_URL may not act as {', '.join(missing)}. "
            f"As a superuser: grant {', '.join(missing)} to it, or name another account."
        )


def _make_when_missing(url: str) -> None:
    """Make the database that the address names."""
    import psycopg
    from psycopg import conninfo, sql

    parts = conninfo.conninfo_to_dict(url)
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error) or "database" not in str(error):
            raise
        name = sql.Identifier(parts["dbname"])
        with psycopg.connect(**{**parts, "dbname": "postgres"}, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(name))
