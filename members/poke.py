"""Telling the worker that letters wait. A request never waits for the broker, nor fails with it:
a thread of its own does the telling, and the sweep of every minute finds what it could not tell."""

import logging
import threading
import time

from celery import current_app

log = logging.getLogger(__name__)
_REST = 5.0  # seconds to leave a broker alone that did not answer
_wanted = threading.Event()
_thread: threading.Thread | None = None
_lock = threading.Lock()


def letters_wait() -> None:
    """Ask the worker to look into the outbox now; returns at once."""
    global _thread
    with _lock:
        if _thread is None or not _thread.is_alive():  # also after a fork
            _thread = threading.Thread(target=_tell, name="poke", daemon=True)
            _thread.start()
    _wanted.set()


def _tell() -> None:
    while True:
        _wanted.wait()
        _wanted.clear()
        try:
            current_app.send_task("members.tasks.deliver_letters", retry=False, ignore_result=True)
        except Exception as error:  # whatever the broker's client throws: the sweep will do
            log.warning(
                "broker not reached (%s); letters go with the next sweep", type(error).__name__
            )
            time.sleep(_REST)
