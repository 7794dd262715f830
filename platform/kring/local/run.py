"""`make run`: everything Kring needs, until Ctrl-C.

Whatever ends this process, also kill -9: the kernel ends what it started.
"""

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from kring.local import commands as real_commands
from kring.local.home import Trouble, default_home, open_home, say, take
from kring.local.keeper import die_with_parent
from kring.local.stack import LOOPBACK, Stack

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Ctrl-C, TERM or HUP before everything stood."""


class Wish:
    """Whether somebody wants an end: the first wish is orderly, the second is immediate."""

    def __init__(self):
        self.stopping = threading.Event()
        self.standing = False
        self.terminal = os.isatty(1)
        for number in SIGNALS:
            signal.signal(number, self._stop)

    def runs_on(self) -> bool:
        """Wait half a second for a wish. Make keeps a HUP to itself, so look at the terminal."""
        return not self.stopping.wait(0.5) and self.terminal == os.isatty(1)

    def _stop(self, *_) -> None:
        for number in SIGNALS:
            signal.signal(number, lambda *_: os._exit(130))
        self.stopping.set()
        if not self.standing:
            raise Stop


def main(commands=real_commands) -> int:
    """Run until stopped; 0 when that was wanted, 1 with a sentence when not."""
    if "MAKELEVEL" in os.environ:
        die_with_parent(os.getppid(), signal.SIGTERM)
    try:
        _run(commands)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


def _run(commands) -> None:
    home = open_home(default_home())
    _only_once(home)
    stack = Stack(home, listen(_port()), commands)
    wish = Wish()
    with contextlib.suppress(Stop), stack.standing():
        say(welcome(home, stack.port))
        wish.standing = True
        stack.watch(wish.runs_on)
        say("\nStopping.")
    say("Kring has stopped.")


def _only_once(home: Path) -> None:
    """Take the lock of `make run`, until this process ends. Raises Trouble."""
    try:
        take(home / "run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"Kring runs already in {home}. Stop it first: Ctrl-C there.") from None


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise Trouble(f"PORT is {given!r}. Choose a number: PORT=8001 make run")
    return int(given)


def listen(port: int) -> socket.socket:
    """Hold the port from the start, so that nothing begins for a port that is taken.

    `localhost` may mean ::1 first, so a stranger there would be shown instead of Kring.
    """
    try:
        if socket.has_ipv6:
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as other:
                other.settimeout(1)
                if other.connect_ex(("::1", port)) == 0:
                    raise Trouble(_taken(port))
        return socket.create_server((LOOPBACK, port), backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Trouble(_taken(port)) from error
        raise Trouble(f"Port {port} cannot be used: {error.strerror}.") from error


def _taken(port: int) -> str:
    return f"Port {port} is taken. Choose another: PORT={port + 1} make run"


def welcome(home: Path, port: int) -> str:
    """The one screen that says what there is now."""
    url = f"http://localhost:{port}"
    people = []
    with contextlib.suppress(OSError, ValueError):
        people = json.loads((home / "demo.json").read_text())
    people = [person for person in people if "link" not in person]  # they come by a mailed link
    width = max((len(person["name"]) for person in people), default=0)
    rows = [(f"{person['name']:<{width}}  {person['role']}") for person in people]
    lines = [f"Kring runs at {url}", ""]
    lines += [f"{'' if number else 'Sign in as':<12}{row}" for number, row in enumerate(rows)]
    lines += [""] if rows else []
    lines += [
        f"{'Mail':<12}{url}/demo/mailbox/",
        f"{'Logs':<12}{_near(home / 'log')}/",
        f"{'Stop':<12}Ctrl-C",
    ]
    return "\n" + "\n".join(f"  {line}".rstrip() for line in lines) + "\n"


def _near(path: Path) -> Path:
    """The path as seen from here, when it is below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
