"""The processes as in production, on a database of the bench: pages, worker, clock."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException

from kring.bench.place import Place
from kring.local import commands
from kring.local.home import Trouble
from kring.local.processes import Process

PATIENCE = 30  # seconds until the first page


class Standing(Process):
    """A process that knows its number."""

    @property
    def pid(self) -> int:
        return self.running.pid


@contextmanager
def web(place: Place, database: str, **more: str) -> Iterator[tuple[Standing, int]]:
    """gunicorn under the web's role; gives the process and its port once it answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        environment = place.environment(
            database, "kring_web", KRING_URL=f"http://localhost:{port}", **more
        )
        fd = listener.fileno()
        with _running(place, "web", commands.web(fd), environment, (fd,)) as process:
            end = time.monotonic() + PATIENCE
            while not _answers(port):
                if process.ended() is not None or time.monotonic() > end:
                    raise Trouble(f"The pages do not come. The log is {process.log}.")
                time.sleep(0.05)
            yield process, port


@contextmanager
def worker(place: Place, database: str, smtp_port: int, **more: str) -> Iterator[Standing]:
    """The worker, one process beside its keeper, handing mail to this port."""
    environment = place.environment(
        database, "kring_worker", SMTP_HOST="127.0.0.1", SMTP_PORT=str(smtp_port), **more
    )
    with _running(place, "worker", commands.worker(), environment) as process:
        yield process


@contextmanager
def beat(place: Place, database: str) -> Iterator[Standing]:
    """The clock."""
    environment = place.environment(database, "kring_worker")
    with _running(place, "beat", commands.beat(place.home), environment) as process:
        yield process


@contextmanager
def _running(place: Place, name: str, command, environment, fds=()) -> Iterator[Standing]:
    log = place.home / "log" / f"{name}.log"
    process = Standing(name, command, environment, log, fds)
    process.start()
    try:
        yield process
    finally:
        process.ask_to_end()
        process.end(5)


def _answers(port: int) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=1)
    with suppress(OSError, HTTPException):
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    return False
