"""All that runs together: started in order, kept running, stopped in order."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from kring.local import prepared, servers
from kring.local.environment import surroundings
from kring.local.home import Trouble, say
from kring.local.mailsink import MailSink
from kring.local.processes import Process

LOOPBACK = "127.0.0.1"
FIRST_PAGE = 60  # seconds until the web server must answer
STOPPED = ("preparation", "web server", "scheduler", "worker")  # in this order
PATIENCE = 5  # seconds that all of them together have


class Stack:
    """The servers, the mail sink and the processes of one home, for one listening socket."""

    def __init__(self, home: Path, listener: socket.socket, commands):
        self.home, self.listener, self.commands = home, listener, commands
        self.port = listener.getsockname()[1]
        self.servers: servers.Servers | None = None
        self.environment: dict[str, str] = {}
        self.processes: dict[str, Process] = {}

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Start everything; on the way out, however that is, stop it. Raises Trouble."""
        with contextlib.ExitStack() as ending:
            ending.callback(self._stop_servers)
            self.servers = servers.ensure(self.home)
            sink = ending.enter_context(MailSink(self.home / "mailbox"))
            self._note(ending, {"port": self.port, "smtp_port": sink.port})
            ending.callback(self._stop_processes)
            self._prepare()
            fd = self.listener.fileno()
            self._start("web server", "web", self.commands.web(fd), fd)
            self._wait_for_web()
            self._start("worker", "worker", self.commands.worker())
            self._start("scheduler", "beat", self.commands.beat(self.home))
            yield

    def watch(self, wanted: Callable[[], bool]) -> None:
        """While wanted: start what ended by itself once more. Raises Trouble."""
        while wanted():
            for process in self.processes.values():
                if process.ended() is not None:
                    say(process.last_words())
                    if not process.may_restart():
                        raise Trouble(f"The {process.label} ended again. Kring has stopped.")
                    say(f"Starting the {process.label} again.")
                    process.end(0)  # what it may have left
                    process.start()
            if not self.servers.alive():
                say("PostgreSQL or Valkey ended. Starting it again.")
                self.servers.stop()
                self.servers = servers.ensure(self.home)

    def _note(self, ending: contextlib.ExitStack, ports: dict) -> None:
        """Tell manage.py which ports are in use, and lay out the environment of all processes.

        What the operator has set comes before ours; the servers are those that were found.
        """
        note = self.home / "run.json"
        note.write_text(json.dumps(ports))
        ending.callback(note.unlink, missing_ok=True)
        ours = surroundings(self.home, ports)
        path = os.pathsep.join(filter(None, [ours["PYTHONPATH"], os.environ.get("PYTHONPATH")]))
        self.environment = {
            **ours,
            **os.environ,
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
        }

    def _prepare(self) -> None:
        """Run the preparation to its end, on the terminal and as the owner of the tables.

        Only for private servers do we know that nothing has changed since the last time.
        """
        word = prepared.fingerprint(self.environment)
        if self.servers.private and prepared.is_done(self.home, word):
            return
        prepared.undone(self.home)
        environment = {**self.environment, "KRING_ROLE": "kring_owner"}
        process = Process("preparation", self.commands.prepare(), environment)
        self.processes["preparation"] = process
        process.start()
        if process.running.wait():
            raise Trouble("Kring could not be prepared; the reason is above.")
        del self.processes["preparation"]
        prepared.done(self.home, word)

    def _start(self, label: str, log: str, command: list[str], *pass_fds: int) -> None:
        role = "kring_web" if log == "web" else "kring_worker"
        environment = {**self.environment, "KRING_ROLE": role}
        path = self.home / "log" / f"{log}.log"
        self.processes[label] = Process(label, command, environment, path, pass_fds)
        self.processes[label].start()

    def _wait_for_web(self) -> None:
        """Until the first health check is answered. Raises Trouble."""
        web = self.processes["web server"]
        end = time.monotonic() + FIRST_PAGE
        while not _is_live(self.port):
            if web.ended() is not None:
                raise Trouble(web.last_words())
            if time.monotonic() > end:
                raise Trouble(f"The web server does not answer. Its log is {web.log}.")
            time.sleep(0.05)

    def _stop_processes(self) -> None:
        """Ask each in turn and wait for all at once; the servers are still there for them."""
        running = [self.processes[label] for label in STOPPED if label in self.processes]
        for process in running:
            process.ask_to_end()
        last_moment = time.monotonic() + PATIENCE
        for process in running:
            process.end(max(0, last_moment - time.monotonic()))

    def _stop_servers(self) -> None:
        if self.servers:
            self.servers.stop()


def _is_live(port: int) -> bool:
    line = HTTPConnection(LOOPBACK, port, timeout=1)
    with contextlib.closing(line), contextlib.suppress(OSError, HTTPException):
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    return False
