"""What every process of a local Kring finds in its environment.

One place for it: manage.py and `make run` must never disagree.
"""

import atexit
import contextlib
import json
import os
import sys
from pathlib import Path

from kring.local import prepared
from kring.local.home import REPOSITORY, Trouble, default_home, is_held, open_home, secret

OWNER_COMMANDS = {
    "backup",
    "create_steward",
    "dbshell",
    "flush",
    "load_demo",
    "makemigrations",
    "migrate",
    "prepare",
    "propose_circle",
    "reseal",
    "restore",
    "showmigrations",
    "sqlmigrate",
    "test",
}
# What an operator does as the person concerned, under the policies of the pages.
WEB_COMMANDS = {"reset_factor"}
# Commands that never ask the database; they need not wait for one.
BARE_COMMANDS = {
    "--help",
    "--version",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "mail_check",
    "makemessages",
    "simulate_digests",  # has servers of its own
    "version",
}
# What such a command finds for the servers it does not have.
NOWHERE = {"DATABASE_URL": "postgresql:///kring", "REDIS_URL": "unix:///nowhere"}
CLOSED_PORT = 1  # refuses at once, so letters wait in the outbox until the sink is there


def prepare_environment(argv: list[str]) -> None:
    """Give a command of manage.py its servers and settings, unless DATABASE_URL (or its file) names one.

    Private servers that were started for it end with it.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    command = argv[1] if len(argv) > 1 else "help"
    try:
        home = open_home(default_home())
        found = surroundings(home, running_ports(home))
        if command in BARE_COMMANDS:
            found |= NOWHERE
        else:
            from kring.local import servers

            used = servers.ensure(home)
            atexit.register(used.stop)
            found |= {"DATABASE_URL": used.database_url, "REDIS_URL": used.redis_url}
    except Trouble as trouble:
        sys.exit(str(trouble))
    if command in OWNER_COMMANDS:
        prepared.undone(home)
    found["KRING_ROLE"] = role_for(command)
    for name, value in found.items():
        os.environ.setdefault(name, value)


def role_for(command: str) -> str:
    """Name the database role a command runs under."""
    if command in OWNER_COMMANDS:
        return "kring_owner"
    return "kring_web" if command in WEB_COMMANDS else "kring_worker"


def surroundings(home: Path, running: dict) -> dict[str, str]:
    """All that is not an address of a server; `running` is what `make run` has noted."""
    port = str(running.get("port") or os.environ.get("PORT") or 8000)
    return {
        "DJANGO_SETTINGS_MODULE": "kring.settings",
        "KRING_DEMO": "1",
        "KRING_HOME": str(home),
        "KRING_LOG_FORMAT": "line",
        "KRING_MAILBOX": str(home / "mailbox"),
        "KRING_SECRET_KEY": os.environ.get("KRING_SECRET_KEY") or secret(home),
        "KRING_URL": f"http://localhost:{port}",
        "PORT": port,
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "platform"), str(REPOSITORY)]),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(running.get("smtp_port") or CLOSED_PORT),
    }


def running_ports(home: Path) -> dict:
    """The ports that a running `make run` has noted; empty when none runs."""
    with contextlib.suppress(OSError, ValueError):
        if is_held(home / "run.lock"):
            return json.loads((home / "run.json").read_text())
    return {}
