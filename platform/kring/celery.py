"""The queue: its connection and the one table of what happens when. Always UTC."""

import logging
import os
import time

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init, task_postrun, task_prerun

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kring.settings")

app = Celery("kring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "letters": {"task": "members.tasks.deliver_letters", "schedule": 60.0},
    "due": {"task": "members.tasks.run_due", "schedule": 300.0},
    "digests": {"task": "questions.tasks.plan_digests", "schedule": 600.0},
    "sessions": {"task": "members.tasks.clear_sessions", "schedule": crontab(hour=3, minute=10)},
}


@celeryd_init.connect
@beat_init.connect
def assert_fit_to_start(**_kwargs) -> None:
    """Worker and beat refuse to start under a role that could see past the policies."""
    from django.core.exceptions import ImproperlyConfigured

    from kring import guard

    try:
        guard.assert_fit_to_start()
    except ImproperlyConfigured as wrong:
        raise SystemExit(str(wrong)) from wrong  # Celery would log any other exception and go on


SWEEPS = {entry["task"] for entry in app.conf.beat_schedule.values()}
_begun: dict[str, float] = {}


@task_prerun.connect
def note_begin(task_id: str, **_kwargs) -> None:
    _begun[task_id] = time.monotonic()


@task_postrun.connect
def note_end(task_id: str, task, state: str | None = None, **_kwargs) -> None:
    """Write down that a sweep ended: whoever looks at /readyz sees that worker and beat are there."""
    seconds = time.monotonic() - _begun.pop(task_id, time.monotonic())
    if task.name not in SWEEPS:
        return
    from django.db import Error

    from members import condition

    try:
        condition.note_sweep(task.name, seconds, worked=state == "SUCCESS")
    except Error as error:
        log.warning("the end of %s was not noted (%s)", task.name, type(error).__name__)
