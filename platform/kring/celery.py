"""The worker: its queue, what it asserts before it starts, and what it tells of each task."""

import gc
import logging
import logging.config
import time
from pathlib import Path

from celery import Celery
from celery.signals import (
    celeryd_init,
    heartbeat_sent,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    worker_before_create_process,
)

from kring import environment, schedule

log = logging.getLogger(__name__)
environment.settings()

app = Celery("kring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def assert_fit_to_start(**_kwargs) -> None:
    """It refuses to start under a role that could see past the policies."""
    from django.core.exceptions import ImproperlyConfigured

    from kring import guard

    try:
        guard.assert_fit_to_start()
    except ImproperlyConfigured as wrong:
        raise SystemExit(str(wrong)) from wrong  # Celery would log any other exception and go on


@worker_before_create_process.connect
def set_aside(**_kwargs) -> None:
    """What was loaded stays: processes that share it need not look at it again."""
    gc.collect()
    gc.freeze()


SWEEPS = {entry["task"] for entry in schedule.SWEEPS.values()}
_begun: dict[str, float] = {}


@setup_logging.connect
def log_as_the_pages_do(**_kwargs) -> None:
    """Leave logging to the settings; Celery's own would show addresses and the words of errors."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@task_prerun.connect
def note_begin(task_id: str, **_kwargs) -> None:
    _begun[task_id] = time.monotonic()


@task_postrun.connect
def note_end(task_id: str, task, state: str | None = None, **_kwargs) -> None:
    """One line a task; and of a sweep the moment, so that /readyz knows worker and clock."""
    seconds = time.monotonic() - _begun.pop(task_id, time.monotonic())
    measured = {
        "task": task.name,
        "ms": round(seconds * 1000, 1),
        "outcome": (state or "?").lower(),
    }
    log.info("done", extra=measured)
    if task.name not in SWEEPS:
        return
    from django.db import Error

    from members import condition

    try:
        condition.note_sweep(task.name, seconds, worked=state == "SUCCESS")
    except Error as error:
        log.warning("the end of %s was not noted (%s)", task.name, type(error).__name__)


@task_failure.connect
def tell_failure(sender, exception: BaseException, **_kwargs) -> None:
    """Say what went wrong and where, without a value: the words of an error may hold a row."""
    log.error("%s failed", sender.name, exc_info=exception)


@heartbeat_sent.connect
def touch_pulse(**_kwargs) -> None:
    """Show the container's health check that this worker is at work."""
    from django.conf import settings

    if settings.PULSE:
        Path(settings.PULSE).touch()
