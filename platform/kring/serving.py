"""How gunicorn serves the pages. Every plain name here is a setting of gunicorn.

Two processes with four threads each, loaded once and then shared.
"""

import os
import shutil
import sys
import tempfile

from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kring.settings")
try:
    from kring.settings import LOGGING, METRICS_TOKEN
except ImproperlyConfigured as wrong:
    sys.exit(str(wrong))

preload_app = True
worker_class, workers, threads = "gthread", 2, 4
control_socket_disable = True
logconfig_dict = LOGGING
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (only touched)
graceful_timeout = 30

# The processes of one gunicorn count into files of one folder; it goes when gunicorn goes.
_counts = tempfile.mkdtemp(prefix="kring-metrics-") if METRICS_TOKEN else ""
if _counts:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


def child_exit(server, worker):
    if _counts:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server):
    if _counts:
        shutil.rmtree(_counts, ignore_errors=True)
