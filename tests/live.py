"""Real processes on the test's own database: worker, web and mail sink, each under its role.

The database was made by the owner (pytest-django's transactional fixtures); everything started
here connects as kring_web or kring_worker, as in earnest.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from django.db import connection

ROOT = Path(__file__).parents[1]


def environment(role: str, **more: str) -> dict[str, str]:
    """What a process of Kring needs to know, on the test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])
    test_url = urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"]))
    return {
        **os.environ,
        "DATABASE_URL": test_url,
        "KRING_ROLE": role,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "KRING_LOG": "WARNING",
        **more,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, seconds: float = 20, what: str = "it") -> None:
    """Wait for something to become true; fail with what it was."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} seconds")


@contextmanager
def _process(command: list[str], env: dict[str, str]):
    process = subprocess.Popen(command, env=env, cwd=ROOT, start_new_session=True)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen, how: int = signal.SIGTERM) -> None:
    """End a process with all its children; SIGKILL gives it no chance to tidy up."""
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        return
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def worker(smtp_port: int, **more: str):
    """A real Celery worker (no beat: tests say when something is swept)."""
    command = [sys.executable, "-m", "celery", "-A", "kring", "worker", "--pool", "solo"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
    env = environment("kring_worker", SMTP_HOST="127.0.0.1", SMTP_PORT=str(smtp_port), **more)
    with _process(command, env) as process:
        yield process


@contextmanager
def web(port: int | None = None, **more: str):
    """A real gunicorn; gives its address once it answers."""
    port = port or free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "gunicorn", "kring.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4"]
    command += ["--log-level", "error"]
    env = environment("kring_web", KRING_URL=address, **more)
    with _process(command, env) as process:

        def answers() -> bool:
            assert process.poll() is None, "gunicorn ended at its start; see its words above"
            try:
                return urlopen(f"{address}/health/live", timeout=1).status == 200  # noqa: S310
            except OSError:
                return False

        wait_until(answers, what="the first page")
        yield address


@contextmanager
def sink(folder: Path, on_message=None):
    """A real SMTP server that keeps every mail as a file in `folder`."""
    from kring.local.mailsink import MailSink

    with MailSink(folder, on_message=on_message) as mails:
        yield mails
