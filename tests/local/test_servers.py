"""The private servers: they start after anything, serve everybody, and leave nothing."""

import os
import signal
import subprocess

import psycopg
import pytest

from kring.local import servers
from kring.local.home import Trouble, is_held, wait_for
from tests.local.conftest import ask, left_in

WORD = ("still here",)


def kill_everything(found):
    """Keeper, PostgreSQL and Valkey, as a power cut would."""
    database = (found.private[0].data / "postmaster.pid").read_text().split()[0]
    broker = [line.split()[0] for line in left_in(found.home) if "valkey-server" in line]
    for pid in [found.keeper.pid, database, *broker]:
        os.kill(int(pid), signal.SIGKILL)


def test_the_three_roles_are_restricted(kept):
    with servers.ensure(kept, fast=True) as found:
        roles = (
            "select string_agg(rolname, ' ' order by 1) from pg_roles where rolname ~ '^kring_'"
        )
        assert ask(found, roles) == ("kring_owner kring_web kring_worker",)
        assert ask(found, f"{roles} and (rolsuper or rolbypassrls)") == (None,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(found, "create table mine ()", role="kring_web")


def test_the_database_belongs_to_its_owner(kept):
    with servers.ensure(kept, fast=True) as found:
        owner = "select pg_get_userbyid(datdba) from pg_database where datname = 'kring'"
        assert ask(found, owner) == ("kring_owner",)


def test_no_server_listens_on_the_network(kept):
    with servers.ensure(kept, fast=True) as found:
        assert ask(found, "show listen_addresses") == ("",)
        assert found.private[0].room.sockets.stat().st_mode & 0o777 == 0o700


def test_a_stop_leaves_no_process(kept):
    with servers.ensure(kept, fast=True):
        assert len(left_in(kept)) >= 2
    assert left_in(kept) == []


def test_servers_end_with_their_last_user_and_not_before(kept, user):
    first = user(kept)
    with servers.ensure(kept, fast=True) as second:
        assert second.keeper is None
        first.communicate("\n")
        assert ask(second, "select word from kept") == WORD
    assert left_in(kept) == []


def test_a_killed_user_leaves_nothing(kept, user):
    user(kept).kill()
    assert wait_for(lambda: not left_in(kept), 5, 0.1)


def test_a_killed_keeper_takes_its_servers_along(kept):
    with servers.ensure(kept, fast=True) as found:
        found.keeper.kill()
        with servers.ensure(kept, fast=True) as again:
            assert ask(again, "select word from kept") == WORD


@pytest.mark.parametrize("left", ["a living process", "no process", "a zombie"])
def test_after_killing_everything_the_next_start_is_clean(kept, left):
    with servers.ensure(kept, fast=True) as found:
        kill_everything(found)
    database = found.private[0]
    alike = database.room.command_as()  # PostgreSQL distrusts only processes of its own account
    other = subprocess.Popen(["sleep", "60" if left == "a living process" else "0"], **alike)
    note = database.data / "postmaster.pid"
    pid = 4194304 if left == "no process" else other.pid
    note.write_text("\n".join([str(pid), *note.read_text().splitlines()[1:], ""]))
    with servers.ensure(kept, fast=True) as again:
        assert ask(again, "select word from kept") == WORD
    other.kill()
    other.wait()


def test_a_start_that_fails_says_why_and_leaves_nothing(home):
    servers.ensure(home, fast=True).stop()
    data = next((home / "servers").glob("pg*"))
    (data / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with (data / "pg_hba.conf").open("w") as rules:
        rules.write("nonsense\n")
    with pytest.raises(Trouble, match=r"(?s)Postgres did not start.*nonsense"):
        servers.ensure(home, fast=True)
    assert wait_for(lambda: not is_held(home / "keeper.lock"), 10)


def test_a_given_database_is_made_with_its_roles(kept, monkeypatch):
    with servers.ensure(kept, fast=True) as found:
        given = found.database_url.replace("/kring?", "/given?")
        monkeypatch.setenv("DATABASE_URL", given)
        monkeypatch.setenv("REDIS_URL", found.redis_url)
        used = servers.ensure(kept)
        assert (used.database_url, used.private) == (given, [])
        assert ask(used, "select current_database()") == ("given",)


def test_a_given_account_without_rights_is_told_what_it_lacks(kept, monkeypatch):
    with servers.ensure(kept, fast=True) as found:
        monkeypatch.setenv("DATABASE_URL", found.database_url.replace("//kring@", "//kring_web@"))
        with pytest.raises(Trouble, match="may not act as kring_owner, kring_worker"):
            servers.ensure(kept)
