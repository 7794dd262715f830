"""The processes of a simulation, forked from one that has loaded the product: workers that may be
told to die at their n-th statement, and pens with which members write as on the pages.

    python -m kring.simulating.hands      one order a line, one answer a line
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from importlib import import_module
from multiprocessing.connection import Client, Listener
from pathlib import Path

import django


# --- the one they are forked from ---------------------------------------------------------
def main() -> None:
    """Fork what standard input orders; answer with its number, and with those that have ended."""
    _load()
    for line in sys.stdin:
        order = json.loads(line)
        child = 0
        if order["what"] != "look":
            child = os.fork()
            if not child:
                os.close(0)
                _become(order)
        sys.stdout.write(json.dumps({"child": child, "ended": _ended()}) + "\n")
        sys.stdout.flush()


PARTS = [
    *("celery.apps.worker", "celery.concurrency.solo", "celery.contrib.django.task"),
    *("celery.worker.components", "celery.worker.consumer", "celery.worker.control"),
    *("celery.worker.loops", "celery.worker.pidbox", "celery.worker.strategy"),
    *("kombu.asynchronous.hub", "kombu.transport.redis", "kring.urls"),
]


def _load() -> None:
    """Load all a worker needs, once: what is forked begins at once."""
    django.setup()
    from django.core.checks import run_checks
    from django.template.loader import get_template
    from django.utils import translation

    from kring.celery import app

    for part in PARTS:
        import_module(part)
    app.loader.import_default_modules()
    app.finalize()
    run_checks()
    for language in ("nl", "en"):
        with translation.override(language):
            for name in ("weekly_digest", "at_once"):
                get_template(f"mail/{name}.html")
                get_template(f"mail/{name}.txt")


def _ended() -> list[int]:
    found = []
    with contextlib.suppress(ChildProcessError):
        while number := os.waitpid(-1, os.WNOHANG)[0]:
            found.append(number)
    return found


def _become(order: dict) -> None:
    from kring.local.keeper import die_with_parent

    code = 1
    try:
        die_with_parent(os.getppid(), signal.SIGKILL)
        os.dup2(2, 1)  # answers are given by the parent alone
        if order["what"] == "work":
            _work(order["place"], order["dies_after"])
        else:
            _write(order["address"])
        code = 0
    except BaseException as error:
        sys.stderr.write(f"{order}: {error!r}\n")
    finally:
        os._exit(code)


# --- a worker -----------------------------------------------------------------------------
def _work(place: int, dies_after: int) -> None:
    from celery.signals import task_postrun, task_prerun
    from django.conf import settings
    from django.db import connection

    from kring.celery import app

    def note(at_work):
        return lambda **_: settings.CLOCK.note(place, at_work)

    task_prerun.connect(note(True), weak=False)
    task_postrun.connect(note(False), weak=False)
    if dies_after:
        connection.execute_wrappers.append(_Countdown(dies_after))
    app.Worker(
        pool="solo",
        loglevel="ERROR",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    ).start()


class _Countdown:
    """Kills this process with its n-th statement: before it, or (odd) after it, which may be
    before the commit."""

    def __init__(self, left: int):
        self.left, self.after = left, left % 2

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if not self.left and not self.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, params, many, context)
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


# --- a pen --------------------------------------------------------------------------------
def _write(address: str) -> None:
    """Do what members do, one act after another, under the role of the pages."""
    from django.db import connections

    from kring.simulating import acts

    settings = connections["default"].settings_dict
    settings["OPTIONS"]["options"] = "-c role=kring_web"
    with Listener(address) as listener, listener.accept() as line:
        acts.serve(line)


# --- for whoever runs the simulation ------------------------------------------------------
class Hands:
    """The forking process and its children. `environment` is that of the worker."""

    def __init__(self, folder: Path, environment: dict[str, str], repository: Path):
        self.folder, self.pens = folder, 0
        self.workers: dict[int, int] = {}  # place: process
        with (folder / "hands.log").open("ab") as log:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "kring.simulating.hands"],
                env=environment,
                cwd=repository,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def _order(self, **order) -> int:
        self.parent.stdin.write(json.dumps(order) + "\n")
        self.parent.stdin.flush()
        line = self.parent.stdout.readline()
        if not line:
            raise RuntimeError(f"The processes ended; see {self.folder / 'hands.log'}.")
        answer = json.loads(line)
        ended = set(answer["ended"])
        self.workers = {at: pid for at, pid in self.workers.items() if pid not in ended}
        return answer["child"]

    def start(self, place: int, dies_after: int) -> None:
        child = self._order(what="work", place=place, dies_after=dies_after)
        self.workers[place] = child

    def missing(self, places: int) -> list[int]:
        """Which places have no worker (any more)."""
        self._order(what="look")
        return [place for place in range(places) if place not in self.workers]

    def pen(self) -> Client:
        """A line to a process that acts as members do."""
        self.pens += 1
        address = str(self.folder / f"pen{self.pens}")
        self._order(what="write", address=address)
        while True:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError, socket.error):
                return Client(address)

    def kill(self, place: int) -> None:
        with contextlib.suppress(KeyError, ProcessLookupError):
            os.kill(self.workers[place], signal.SIGKILL)

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.parent.pid, signal.SIGKILL)
        self.parent.wait()


if __name__ == "__main__":
    main()
