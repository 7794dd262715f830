"""Web and worker refuse to start under a role that could see past the policies."""

import subprocess
import sys
from functools import partial

import pytest

from kring.local.home import REPOSITORY as ROOT
from tests import live

WEB = ["-c", "import kring.wsgi"]
WORKER = ["-m", "celery", "-A", "kring", "worker", "--pool", "solo"]
CLOCK = ["-m", "celery", "-A", "kring.clock", "beat", "--schedule", "schedule"]

KNOWN = {"PYTHONPATH": str(ROOT / "platform")}  # to the clock, and where to look for it


@pytest.fixture
def start(tmp_path):
    """Run a process of Kring to its end, in a folder where it may leave what it likes."""
    return partial(_start, tmp_path)


def _start(folder, command, **environment):
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("command", "role", "why"),
    [
        (WEB, "kring_owner", "owns"),
        (WEB, "", "bypasses row-level security"),
        (WORKER, "kring_owner", "owns"),
    ],
    ids=["web", "web as superuser", "worker"],
)
def test_a_role_that_is_too_strong_stops_the_start(db, start, command, role, why):
    ended = start(command, **live.environment(role))
    assert ended.returncode != 0
    assert why in ended.stderr


def test_the_web_s_own_role_may_start(db, start):
    ended = start(WEB, **live.environment("kring_web"))
    assert ended.returncode == 0


def test_a_demo_does_not_start_on_a_database_with_others(db, start):
    ended = start(WEB, **live.environment("kring_web", KRING_DEMO="1"))
    assert ended.returncode != 0
    assert "may hold real people" in ended.stderr


def test_a_demo_does_not_start_under_a_public_name(db, start):
    public = live.environment("kring_web", KRING_DEMO="1", KRING_URL="https://kring.example.org")
    ended = start(WEB, **public)
    assert ended.returncode != 0
    assert "Unset KRING_DEMO" in ended.stderr


def test_a_mail_provider_without_its_key_stops_the_start(db, start):
    chosen = {"KRING_EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend"}
    ended = start(WEB, **live.environment("kring_web") | chosen)
    assert ended.returncode != 0
    assert "Mail cannot be sent" in ended.stderr
    assert "ANYMAIL_POSTMARK_SERVER_TOKEN" in ended.stderr


@pytest.mark.parametrize("name", ["KRING_SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_secret_or_address_says_what_to_set(db, start, name):
    environment = live.environment("kring_web")
    del environment[name]
    assert f"{name} is not set" in start(WEB, **environment).stderr


@pytest.mark.parametrize("command", [WEB, WORKER], ids=["web", "worker"])
def test_nothing_starts_on_a_database_that_cannot_be_asked(db, start, command):
    """Or else a role that is too strong would start while the database is away."""
    away = f"postgresql://kring_web@127.0.0.1:{live.free_port()}/kring"
    ended = start(command, **live.environment("kring_web") | {"DATABASE_URL": away})
    assert ended.returncode != 0
    assert "The database does not answer. Look at DATABASE_URL" in ended.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "gunicorn", "--config", "python:kring.serving", "kring.wsgi:application"],
        WORKER,
        [str(ROOT / "manage.py"), "migrate"],
    ],
    ids=["web", "worker", "migrate"],
)
def test_a_wrong_setting_ends_every_process_with_its_sentence_alone(db, start, command):
    ended = start(command, **live.environment("kring_web", SMTP_TLS="yes"))
    assert ended.returncode != 0
    assert ended.stderr == "SMTP_TLS is 'yes'. Set it to one of: 0, 1.\n"


def test_the_clock_says_too_what_is_wrong_of_the_little_it_knows(start):
    assert start(CLOCK, **KNOWN).stderr.startswith("REDIS_URL is not set. ")
    ended = start(CLOCK, **KNOWN, REDIS_URL="redis://127.0.0.1:1/0", KRING_LOG="loud")
    assert ended.returncode != 0
    assert ended.stderr.startswith("KRING_LOG is 'loud'. Set it to one of: ")


def test_the_clock_loads_nothing_that_could_open_a_row(start):
    """It is always there and does nothing else: what it loads is memory of the whole stack."""
    source = "import sys, kring.clock; print(*sys.modules)"
    ended = start(["-c", source], **KNOWN, REDIS_URL="redis://127.0.0.1:1/0")
    loaded = {name.split(".")[0] for name in ended.stdout.split()}
    assert "celery" in loaded
    assert not loaded & {"psycopg", "members", "circles", "questions", "allauth", "jinja2"}
