"""Real processes on the test's own database: worker, web and mail sink, each under its role.

The database was made by the owner (pytest-django's transactional fixtures); everything started
here connects as kring_web or kring_worker, as in earnest.
"""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, nullcontext
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from celery import current_app
from django.db import connection
from kombu import Connection

from kring.local.translations import compile_all

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


def broker(number: int) -> str:
    """A numbered part of the test's broker, where no worker of another test listens."""
    url = os.environ["REDIS_URL"]
    if url.startswith("unix://"):
        return f"{url}?virtual_host={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def send(task: str, to: str) -> None:
    """Ask for a task at this broker, as beat does."""
    with Connection(to.replace("unix://", "redis+socket://")) as line:
        current_app.send_task(task, connection=line, ignore_result=True)


def forget_asked(to: str) -> None:
    """Empty the queue of this broker."""
    with Connection(to.replace("unix://", "redis+socket://")) as line:
        line.default_channel.queue_purge("celery")


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
    """A process whose words stand with those of the tests, or in the file KRING_TEST_LOG."""
    log = env.pop("KRING_TEST_LOG", None)
    with open(log, "ab") if log else nullcontext() as words:
        process = subprocess.Popen(
            command, env=env, cwd=ROOT, start_new_session=True, stdout=words, stderr=words
        )
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
def worker(smtp_port: int, pool: str = "solo", **more: str):
    """A real Celery worker (no beat: tests say when something is swept)."""
    command = [sys.executable, "-m", "celery", "-A", "kring", "--quiet", "worker"]
    command += [
        "--pool",
        pool,
        "--concurrency",
        "1",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "-l",
        "WARNING",
    ]
    env = environment("kring_worker", SMTP_HOST="127.0.0.1", SMTP_PORT=str(smtp_port), **more)
    with _process(command, env) as process:
        yield process


@cache
def static_files() -> str:
    """Collect what a browser fetches, and compile Dutch, once for all tests; return the folder."""
    compile_all(ROOT / "locale")
    folder = tempfile.mkdtemp(prefix="kring-static-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    env = environment("kring_web", KRING_STATIC_ROOT=folder)
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    return folder


@contextmanager
def web(port: int | None = None, **more: str):
    """A real gunicorn; gives its address once it answers."""
    port = port or free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "gunicorn", "kring.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4"]
    command += ["--log-level", "error"]
    env = environment("kring_web", KRING_URL=address, KRING_STATIC_ROOT=static_files(), **more)
    with _process(command, env) as process:

        def answers() -> bool:
            assert process.poll() is None, "gunicorn ended at its start; see its words above"
            try:
                return urlopen(f"{address}/healthz", timeout=1).status == 200  # noqa: S310
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


def at_rest() -> bool:
    """Whether no other connection stands in a transaction: emptying the tables would wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_locks where pid <> pg_backend_pid() and locktype = 'relation'"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        return not cursor.fetchone()[0]


# --- what the sink took -------------------------------------------------------------------
class Mailbox:
    """The mails in a sink's folder, named by the kind of their letter."""

    def __init__(self, folder: Path):
        self.folder = folder

    def mails(self, to: str = "") -> list[EmailMessage]:
        """Every mail (to this address), oldest first."""
        files = sorted(path for path in self.folder.glob("*.eml") if path.name[0] != ".")
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [mail for mail in mails if to in mail["To"]]

    def kinds(self, to: str = "") -> list[str]:
        return [kind_of(mail) for mail in self.mails(to)]

    def wait_for(self, kind: str, to: str = "") -> EmailMessage:
        """The newest mail of this kind, as soon as there is one."""
        wait_until(lambda: kind in self.kinds(to), seconds=60, what=f"a mail {kind} to {to}")
        return [mail for mail in self.mails(to) if kind_of(mail) == kind][-1]

    def empty(self) -> None:
        for path in self.folder.glob("*.eml"):
            path.unlink()


def kind_of(mail: EmailMessage) -> str:
    """The kind of the letter that became this mail; it stands in the Message-ID."""
    return re.match(r"<(.+)-[0-9a-f]{20}@", mail["Message-ID"])[1].replace("-", "_")


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def link_in(mail: EmailMessage, path: str = "/") -> str:
    """The first address in the text of a mail whose path begins so."""
    return re.search(rf"https?://[^/\s]+({path}\S*)", text_of(mail))[1]
