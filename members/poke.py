"""Telling the worker that something waits. A request never waits for the broker, nor fails with
it: a thread of its own does the telling, and the sweep of every minute finds what it could not tell."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app

log = logging.getLogger(__name__)
_REST = 5.0  # seconds to leave a broker alone that did not answer
_wanted = threading.Event()
_tasks: set[tuple[str, int | None]] = set()
_thread: threading.Thread | None = None
_lock = threading.Lock()
_gathering = threading.local()


def letters_wait() -> None:
    """Ask the worker to look into the outbox now; returns at once."""
    ask_for("members.tasks.deliver_letters")


def ask_for(task: str, subject_id: int | None = None) -> None:
    """Ask for a task that a sweep would order anyway, for one row or at all; returns at once."""
    global _thread
    gathered = getattr(_gathering, "tasks", None)
    if gathered is not None:
        gathered.add((task, subject_id))
        return
    with _lock:
        _tasks.add((task, subject_id))
        if _thread is None or not _thread.is_alive():  # also after a fork
            _thread = threading.Thread(target=_tell, name="poke", daemon=True)
            _thread.start()
    _wanted.set()


@contextmanager
def gathered() -> Iterator[None]:
    """Ask at the end, once for each task, for whatever is asked for within."""
    _gathering.tasks = tasks = set()
    try:
        yield
    finally:
        _gathering.tasks = None
        for task, subject_id in sorted(tasks, key=str):
            ask_for(task, subject_id)


def _tell() -> None:
    while True:
        _wanted.wait()
        _wanted.clear()
        with _lock:
            tasks = list(_tasks)
            _tasks.clear()
        try:
            for task, subject_id in tasks:
                args = () if subject_id is None else (subject_id,)
                current_app.send_task(task, args, retry=False, ignore_result=True)
        except Exception as error:  # whatever the broker's client throws: the sweep will do
            log.warning("broker not reached (%s); the next sweep will do", type(error).__name__)
            time.sleep(_REST)
