"""`make run`: servers, mail sink, web, worker and beat, until Ctrl-C.

Started first, stopped last. Whatever kills this process, the kernel ends the rest.
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
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from kring.local import keeper, servers
from kring.local.environment import surroundings
from kring.local.home import Trouble, default_home, open_home, say, take
from kring.local.mailsink import MailSink
from kring.local.processes import Process

FIRST_PAGE = 60  # seconds until the web server must answer
PATIENCE = {"web server": 4, "scheduler": 2, "worker": 4}  # seconds, in the order of stopping
LOOPBACK = "127.0.0.1"


class Stop(BaseException):
    """Ctrl-C, TERM or HUP."""


class Stack:
    """All that runs, and how it is kept running."""

    def __init__(self, home: Path, port: int, listener: socket.socket):
        self.home, self.port, self.listener = home, port, listener
        self.servers: servers.Servers | None = None
        self.processes: dict[str, Process] = {}

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Start everything; on the way out stop it in order."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._stop_servers)
            self.servers = servers.ensure(self.home)
            sink = stack.enter_context(MailSink(self.home / "mailbox"))
            self.environment = self._environment(sink.port)
            note = self.home / "run.json"
            note.write_text(json.dumps({"port": self.port, "smtp_port": sink.port}))
            stack.callback(note.unlink, missing_ok=True)
            stack.callback(self._stop_processes)
            self._prepare()
            self._start("web server", "web", "kring_web", self._web(), self.listener.fileno())
            self._wait_for_web()
            self._start("worker", "worker", "kring_worker", self._worker())
            self._start("scheduler", "beat", "kring_worker", self._scheduler())
            yield

    def watch(self, stopping: threading.Event) -> None:
        """Start again what ends by itself, once; raise Trouble when it ends again."""
        while not stopping.wait(0.5):
            for process in list(self.processes.values()):
                if process.ended() is not None:
                    say(process.last_words())
                    if not process.may_restart():
                        raise Trouble(f"The {process.label} ended again. Everything is stopped.")
                    say(f"Starting the {process.label} again.")
                    process.start()
            if not self.servers.answer():
                say("PostgreSQL or Valkey ended. Starting it again.")
                self.servers.stop()
                self.servers = servers.ensure(self.home)

    def _environment(self, smtp_port: int) -> dict[str, str]:
        """What every process gets; what the user has set comes first."""
        note = {"port": self.port, "smtp_port": smtp_port}
        ours = surroundings(self.home, note)
        ours |= {"PYTHONUNBUFFERED": "1"}
        path = os.pathsep.join(filter(None, [ours["PYTHONPATH"], os.environ.get("PYTHONPATH")]))
        addresses = {
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "PYTHONPATH": path,
        }
        return {**ours, **os.environ, **addresses}

    def _prepare(self) -> None:
        """Migrations, translations, static files, demo: their command shows its own progress."""
        process = Process("preparation", ["manage.py", "prepare"], self._as("kring_owner"))
        self.processes["preparation"] = process
        process.start()
        if process.running.wait():
            raise Trouble("Kring could not be prepared; the reason is above.")
        del self.processes["preparation"]

    def _start(self, label: str, log: str, role: str, command: list[str], *pass_fds: int):
        path = self.home / "log" / f"{log}.log"
        process = Process(label, command, self._as(role), path, pass_fds)
        self.processes[label] = process
        process.start()

    def _as(self, role: str) -> dict[str, str]:
        return {**self.environment, "KRING_ROLE": role}

    def _web(self) -> list[str]:
        return [
            *("-m", "gunicorn", "kring.wsgi:application", "--no-control-socket"),
            *("--bind", f"fd://{self.listener.fileno()}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--graceful-timeout", "3"),
        ]

    def _worker(self) -> list[str]:
        return [
            *("-m", "celery", "-A", "kring", "worker", "--concurrency", "1", "-l", "INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]

    def _scheduler(self) -> list[str]:
        schedule = str(self.home / "beat-schedule")
        return [
            *("-m", "celery", "-A", "kring", "beat", "-l", "INFO"),
            *("--schedule", schedule, "--pidfile", ""),
        ]

    def _wait_for_web(self) -> None:
        """Until the first health check is answered."""
        web = self.processes["web server"]
        end = time.monotonic() + FIRST_PAGE
        while not _is_live(self.port):
            if web.ended() is not None:
                raise Trouble(web.last_words())
            if time.monotonic() > end:
                raise Trouble(f"The web server does not answer. Its log is {web.log}.")
            time.sleep(0.05)

    def _stop_processes(self) -> None:
        for label in ["preparation", *PATIENCE]:
            if process := self.processes.get(label):
                process.stop(PATIENCE.get(label, 2))

    def _stop_servers(self) -> None:
        if self.servers:
            self.servers.stop()


def _is_live(port: int) -> bool:
    line = HTTPConnection(LOOPBACK, port, timeout=2)
    with contextlib.closing(line), contextlib.suppress(OSError, HTTPException):
        line.request("GET", "/health/live")
        return line.getresponse().status == 200
    return False


def _listen(port: int) -> socket.socket:
    """Hold the port from the start, so that nothing is begun for a port that is taken."""
    try:
        return socket.create_server((LOOPBACK, port), backlog=128)
    except OSError as error:
        other = 8001 if port == 8000 else 8000
        raise Trouble(
            f"Port {port} is taken. Choose another: PORT={other} make run"
            if error.errno == errno.EADDRINUSE
            else f"Port {port} cannot be used: {error.strerror}."
        ) from error


def _welcome(home: Path, port: int) -> str:
    """The one screen that says what there is now."""
    url = f"http://localhost:{port}"
    people = []
    with contextlib.suppress(OSError, ValueError):
        people = json.loads((home / "demo.json").read_text())
    width = max([len(person["name"]) for person in people] or [0])
    named = [f"{person['name']:<{width}}  {person['role']}" for person in people]
    lines = ["", f"  Kring runs at {url}", ""]
    for number, line in enumerate(named):
        lines.append(f"  {'Sign in as' if number == 0 else '':<11} {line}")
    lines += [
        "" if named else None,
        f"  {'Mail':<11} {url}/demo/mailbox/",
        f"  {'Logs':<11} {os.path.relpath(home / 'log')}/",
        f"  {'Stop':<11} Ctrl-C",
        "",
    ]
    return "\n".join(line for line in lines if line is not None)


def _main() -> None:
    port = _port()
    home = open_home(default_home())
    try:
        take(home / "run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"Kring runs here already ({home}). Stop it where it was started.") from None
    listener = _listen(port)
    stopping = threading.Event()

    def stop(*_) -> None:
        for number in signals:
            signal.signal(number, _at_once)
        stopping.set()
        if not watching:
            raise Stop

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    watching = False
    for number in signals:
        signal.signal(number, stop)
    stack = Stack(home, port, listener)
    with contextlib.suppress(Stop), stack.standing():
        say(_welcome(home, port))
        watching = True
        stack.watch(stopping)
        say("\nStopping.")
    say("Kring has stopped.")


def _at_once(*_) -> None:
    """A second Ctrl-C: the kernel ends everything with this process."""
    os._exit(130)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise Trouble(f"PORT is {given!r}. Choose a number: PORT=8001 make run")
    return int(given)


def main() -> int:
    """Run until stopped; the exit code says whether that was wanted."""
    if "MAKELEVEL" in os.environ:
        keeper.die_with_parent(os.getppid(), signal.SIGTERM)
    try:
        _main()
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
