"""What a command of manage.py finds in its environment."""

import json
import os

import pytest

from kring.local.environment import (
    BARE_COMMANDS,
    CLOSED_PORT,
    prepare_environment,
    surroundings,
)
from kring.local.home import is_held
from tests.local.conftest import left_in

SHOW = """
import json, os, sys
before = dict(os.environ)
from kring import local
local.prepare_environment(["manage.py", *sys.argv[1:]])
print(json.dumps({k: v for k, v in os.environ.items() if before.get(k) != v}))
"""


@pytest.fixture
def found_by(another, kept):
    """What is set for this command, in the kept home unless told otherwise."""

    def run(*argv, **given):
        process = another("-c", SHOW, *argv, **{"KRING_HOME": str(kept), **given})
        return json.loads(process.communicate()[0])

    return run


@pytest.mark.parametrize(
    ("command", "role"),
    [("prepare", "kring_owner"), ("digest_now", "kring_worker"), ("reset_factor", "kring_web")],
)
def test_a_command_has_servers_and_the_role_it_needs(found_by, kept, command, role):
    found = found_by(command)
    assert found["KRING_ROLE"] == role
    assert found["DATABASE_URL"].startswith("postgresql://kring@/kring?host=")
    assert found["REDIS_URL"].startswith("unix:///")
    assert left_in(kept) == []


def test_a_chosen_role_and_address_stay(found_by):
    found = found_by("migrate", KRING_ROLE="kring_web", KRING_URL="http://127.0.0.1:1")
    assert not {"KRING_ROLE", "KRING_URL"} & found.keys()


def test_a_command_that_asks_no_database_starts_none(found_by, kept):
    assert "check" in BARE_COMMANDS
    assert found_by("check")["DATABASE_URL"] == "postgresql:///kring"
    assert not is_held(kept / "keeper.lock")


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_with_a_given_database_nothing_is_set(monkeypatch, name):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv(name, "postgresql://elsewhere/kring")
    before = dict(os.environ)
    prepare_environment(["manage.py", "migrate"])
    assert dict(os.environ) == before


def test_without_a_running_sink_letters_find_a_closed_port(home):
    home.mkdir()
    assert surroundings(home, {})["SMTP_PORT"] == str(CLOSED_PORT)
    assert surroundings(home, {"port": 8123, "smtp_port": 7})["SMTP_PORT"] == "7"
    assert surroundings(home, {"port": 8123})["KRING_URL"] == "http://localhost:8123"
