"""How gunicorn serves the pages. Every plain name here is a setting of gunicorn.

Two processes with four threads each, loaded once and then shared.
"""

import gc
import os
import shutil
import tempfile

from kring import environment

_settings = environment.settings()

preload_app = True
worker_class, workers, threads = "gthread", 2, 4
control_socket_disable = True
logconfig_dict = _settings.LOGGING
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (only touched)
graceful_timeout = 30

# The processes of one gunicorn count into files of one folder; it goes when gunicorn goes.
_counts = tempfile.mkdtemp(prefix="kring-metrics-") if _settings.METRICS_TOKEN else ""
if _counts:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


def when_ready(server):
    """Set aside what was loaded: it stays, and processes that share it need not look at it again."""
    gc.collect()
    gc.freeze()


def child_exit(server, worker):
    if _counts:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server):
    if _counts:
        shutil.rmtree(_counts, ignore_errors=True)
