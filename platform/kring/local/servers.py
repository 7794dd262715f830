"""PostgreSQL and Valkey for one machine: there when somebody needs them, gone with the last.

A server named by DATABASE_URL or REDIS_URL is used instead of a private one.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kring.local import postgres, roles, room, valkey
from kring.local.home import (
    Trouble,
    alone,
    default_home,
    fresh_log,
    is_held,
    last_lines,
    open_home,
    take,
    wait_for,
)

KEEPER = Path(__file__).with_name("keeper.py")
STARTING = 60  # seconds; reading the journal after a power cut takes a while


@dataclass
class Servers:
    """The addresses of both servers, held until `stop` or the end of this process."""

    home: Path
    database_url: str
    redis_url: str
    private: list = field(default_factory=list)
    hold: int | None = None
    keeper: subprocess.Popen | None = None

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def alive(self) -> bool:
        """Whether the private servers still run; their keeper ends when one of them does."""
        return not self.private or is_running(self.home)

    def stop(self) -> None:
        """Let go of the servers; when nobody else uses them, wait until they have ended."""
        if self.hold is None:
            return
        last = _try_alone(self.hold)
        os.close(self.hold)
        self.hold = None
        if last:
            wait_for(lambda: not is_held(self.home / "keeper.lock"), 30)
        if self.keeper and last:
            self.keeper.wait()


def ensure(home: Path | None = None, *, fast: bool = False) -> Servers:
    """Start the private servers unless they run, and make the roles and the database.

    They end with the last process that uses them. `fast` is for tests: data may be lost in a
    power cut. Raises Trouble.
    """
    home = open_home(Path(home).absolute() if home else default_home())
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if database_url:
        roles.ensure_given(database_url)
    if database_url and redis_url:
        return Servers(home, database_url, redis_url)
    with alone(home / "start.lock"):
        hold = take(home / "users.lock", fcntl.LOCK_SH)  # waits for servers that are ending
        try:
            own_room = room.room_of(home)
            database = None if database_url else postgres.find(own_room)
            broker = None if redis_url else valkey.find(own_room)
            wanted = [server for server in (database, broker) if server]
            keeper = None
            if not is_held(home / "keeper.lock"):
                keeper = _start(home, wanted, fast)
                if database:
                    roles.ensure_private(database)
            elif not all(server.ready() for server in wanted):
                raise Trouble(f"The servers of {home} run but do not answer. Stop their user.")
        except BaseException:
            os.close(hold)
            raise
    return Servers(
        home,
        database_url or database.url,
        redis_url or broker.url,
        wanted,
        hold,
        keeper,
    )


def is_running(home: Path) -> bool:
    """Whether anybody uses private servers of this home."""
    return is_held(home / "keeper.lock")


def _start(home: Path, wanted: list, fast: bool) -> subprocess.Popen:
    """Start the keeper with its servers and wait until they are ready."""
    plan = {"alive": str(home / "keeper.lock"), "users": str(home / "users.lock"), "servers": []}
    logs = {}
    for server in wanted:
        server.prepare()
        name = type(server).__name__
        logs[name] = fresh_log(home / "log" / f"{name.lower()}.log")
        plan["servers"].append(_entry(server, logs[name], fast))
    own_log = fresh_log(home / "log" / "keeper.log")
    with own_log.open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", KEEPER],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    keeper.stdin.write(json.dumps(plan).encode())
    keeper.stdin.close()
    for server in wanted:
        name = type(server).__name__
        wait_for(lambda s=server: s.ready() or keeper.poll() is not None, STARTING)
        if not server.ready():
            keeper.terminate()
            keeper.wait()
            last = "\n".join(filter(None, map(last_lines, (logs[name], own_log))))
            raise Trouble(f"{name} did not start. The end of {logs[name]}:\n{last}")
    return keeper


def _entry(server, log: Path, fast: bool) -> dict:
    """What the keeper needs to know of one server."""
    stops = sys.modules[type(server).__module__].STOP
    return {
        "command": server.command(fast),
        "account": server.room.account,
        "environment": server.room.command_as()["env"],
        "log": str(log),
        "stop": [getattr(signal, name) for name in stops],
    }


def _try_alone(descriptor: int) -> bool:
    """Whether this was the only user. The lock may be gone afterwards."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
