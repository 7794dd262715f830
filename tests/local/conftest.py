"""A home of its own for the tests here, and eyes for what is left behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from kring.local import room, servers
from kring.local.home import REPOSITORY, wait_for

OUTSIDE = ("DATABASE_URL", "REDIS_URL", "KRING_HOME", "KRING_ROLE", "KRING_URL", "PORT")
USER = """
from pathlib import Path
from kring.local import servers
used = servers.ensure(Path({home!r}), fast=True)
print("there", flush=True)
input()
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No address from outside: the servers of a test are its own."""
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home():
    """A home below a folder that every account may enter."""
    with a_home() as path:
        yield path


@pytest.fixture(scope="session")
def kept():
    """One home for tests that leave it as it was: stopped, with a word in a table."""
    with a_home() as path:
        with pytest.MonkeyPatch.context() as outside:
            for name in OUTSIDE:
                outside.delenv(name, raising=False)
            found = servers.ensure(path, fast=True)
        with found, psycopg.connect(found.database_url, autocommit=True) as connection:
            connection.execute("create table kept as select 'still here' as word")
            connection.execute("grant select on kept to kring_owner")
        yield path


@contextmanager
def a_home() -> Iterator[Path]:
    """A folder for one home; afterwards no process may be left in it, and no file."""
    above = Path(tempfile.mkdtemp(prefix="kring-test-"))
    above.chmod(0o755)
    try:
        yield above / "home"
        assert wait_for(lambda: not left_in(above), 10, 0.1), left_in(above)
    finally:
        room.remove(above / "home")
        shutil.rmtree(above)


def left_in(folder: Path) -> list[str]:
    """The processes that name this folder in their command or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in command or str(folder) in os.readlink(process / "cwd"):
                found.append(f"{process.name} {command.strip()}")
        except OSError:
            continue
    return found


@pytest.fixture
def another():
    """Start a process with the local runtime at hand; it does not outlive the test."""
    started = []

    def start(*command: str, **environment: str) -> subprocess.Popen:
        path = os.pathsep.join([str(REPOSITORY / "platform"), str(REPOSITORY)])
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "PYTHONPATH": path, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def user(another):
    """Start a process that uses the servers of a home until it reads a line."""

    def start(home: Path) -> subprocess.Popen:
        process = another("-c", USER.format(home=str(home)))
        assert process.stdout.readline() == "there\n"
        return process

    return start


def ask(found: servers.Servers, question: str, role: str = "kring_owner"):
    """One row from the database, as this role."""
    options = f"-c role={role}"
    with psycopg.connect(found.database_url, options=options, autocommit=True) as connection:
        return connection.execute(question).fetchone()
