"""The clock: a process of its own that asks the worker for each sweep in its time, and knows nothing
else. It has no key to the database, to mail or to what is sealed, and loads none of what uses them.
"""

import logging.config
import sys
from pathlib import Path

from celery import Celery
from celery.signals import after_task_publish, beat_init, setup_logging
from django.core.exceptions import ImproperlyConfigured

from kring import environment, schedule

try:
    BROKER = environment.broker()
    LOGGING = environment.logging()
except ImproperlyConfigured as wrong:
    sys.exit(str(wrong))
PULSE = environment.text("KRING_PULSE")

app = Celery("kring", fixups=[], broker=BROKER)
app.conf.update(
    timezone="UTC",
    task_serializer="json",
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options=environment.BROKER_PATIENCE,
    beat_schedule=schedule.SWEEPS,
)


@setup_logging.connect
def log_as_the_pages_do(**_kwargs) -> None:
    logging.config.dictConfig(LOGGING)


@beat_init.connect
@after_task_publish.connect
def touch_pulse(**_kwargs) -> None:
    """Show the container's health check that the clock goes."""
    if PULSE:
        Path(PULSE).touch()
