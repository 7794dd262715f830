"""The containers of docker-compose.yml as plain processes: their own commands and environments.

Only places differ: PostgreSQL and the broker are on sockets, ports are free ones, folders are the
test's. The three roles sign in by their passwords, and Debian's caddy stands before the pages.
"""

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import ssl
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.conninfo import conninfo_to_dict

from kring.local import postgres, room, servers
from kring.local.home import REPOSITORY
from tests import live, make
from tests.deploy import compose

OURS = re.compile(r"KRING_|SMTP_|DATABASE_|REDIS_|DJANGO_|PYTHON|PG|XDG_|PROMETHEUS_")
PASSWORDS = """
local all {superuser} trust
local all all scram-sha-256
"""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Stack:
    """What runs, where its logs are, and how to ask it."""

    folder: Path
    env: dict[str, str]
    ports: dict[str, int]
    servers: servers.Servers
    static: str
    running: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def superuser(self) -> str:
        """Where the tests look at the rows, as nobody of Kring can."""
        return f"{self.servers.database_url.replace('kring@', f'{postgres.SUPERUSER}@')}"

    def places(self, text: str) -> str:
        """Put what is here where the container files say what is there."""
        socket_folder = self.servers.database_url.split("?", 1)[1]
        for there, here in (
            ("@postgres/kring", f"@/kring?{socket_folder}"),
            ("redis://valkey:6379/0", self.servers.redis_url),
            ("/srv/kring/static-files", self.static),
            ("/srv/kring", str(REPOSITORY)),
            ("/var/lib/kring", str(self.folder / "home")),
            ("0.0.0.0:8000", f"127.0.0.1:{self.ports['web']}"),
        ):
            text = text.replace(there, here)
        return re.sub(r"^/tmp/(beat|pulse)$", rf"{self.folder}/\1", text)

    def environment(self, service: str) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        image = {} if service == "caddy" else compose.image_environment()
        found = image | compose.environment(service, self.env)
        found = {name: self.places(value) for name, value in found.items()}
        if "KRING_PULSE" in found:
            found["KRING_PULSE"] += f"-{service}"
        return {**outside, "TMPDIR": str(self.folder), **found}

    def command(self, service: str) -> list[str]:
        program, *arguments = map(self.places, compose.command(service))
        place = Path(sys.executable).parent
        return [sys.executable if program == "python" else str(place / program), *arguments]

    def run(self, service: str, *command: str) -> str:
        """Run something to its end in a container of this service; return all it says."""
        done = subprocess.run(
            command or self.command(service),
            env=self.environment(service),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self, service: str, command: list[str] | None = None, **more: str) -> None:
        with (self.folder / f"{service}.log").open("ab") as log:
            self.running[service] = subprocess.Popen(
                command or self.command(service),
                env=self.environment(service) | more,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text()

    def ask(self, path: str, method="GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask over HTTPS, trusting only caddy's own authority."""
        line = self.line()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body, names)
        reply = line.getresponse()
        answer = Answer(reply.status, reply.headers, reply.read())
        line.close()
        return answer

    def line(self) -> http.client.HTTPSConnection:
        root = self.folder / "caddy/caddy/pki/authorities/local/root.crt"
        trust = ssl.create_default_context(cafile=str(root))
        return http.client.HTTPSConnection(
            "localhost", self.ports["https"], timeout=20, context=trust
        )

    def ask_web(self, path: str, **headers: str) -> Answer:
        """Ask the pages directly, as the machine beside them does."""
        line = http.client.HTTPConnection("127.0.0.1", self.ports["web"], timeout=20)
        line.request("GET", path, headers=headers)
        reply = line.getresponse()
        answer = Answer(reply.status, reply.headers, reply.read())
        line.close()
        return answer

    def answers(self) -> bool:
        for service, process in self.running.items():
            assert process.poll() is None, f"{service} ended: {self.log(service)}"
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("/healthz").status == 200
        return False


@contextlib.contextmanager
def standing(folder: Path, caddy: str, smtp_port: int, monkeypatch):
    """Everything, in the order of the compose file; ended on the way out."""
    static = live.static_files()
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    (folder / "home").mkdir()
    with contextlib.ExitStack() as ending:
        used = ending.enter_context(servers.ensure(folder / "servers", fast=True))
        ports = {name: live.free_port() for name in ("web", "http", "https")}
        env = {name: secrets.token_hex(32) for name in compose.variables()}
        env |= {
            "KRING_URL": f"https://localhost:{ports['https']}",
            "KRING_FROM": "Kring <kring@example.org>",
            "KRING_MAIL_DOMAIN": "",
            "KRING_BOUNCES": "",
            "KRING_PROXIES": "",
            "KRING_SECRET_KEY_FALLBACKS": "",
            "KRING_LOG": "",
            "KRING_LOG_FORMAT": "",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "SMTP_USER": "",
            "SMTP_TLS": "0",
        }
        stack = Stack(folder, env, ports, used, static)
        ending.callback(_stop, stack)
        _sign_in_by_password(stack)
        _start(stack, caddy)
        yield stack


def _sign_in_by_password(stack: Stack) -> None:
    """Let each role in by its password only, set by the script that the compose file mounts."""
    database = postgres.find(room.room_of(stack.servers.home))
    sockets = str(database.room.sockets)
    as_database = database.room.command_as()
    as_database["env"] |= compose.environment("postgres", stack.env)
    script = (REPOSITORY / "deploy/passwords.sql").read_text()
    del as_database["stdin"]
    where = [f"--host={sockets}", f"--username={postgres.SUPERUSER}", "kring"]
    subprocess.run(
        [database.programs / "psql", "--set=ON_ERROR_STOP=1", "--quiet", "--no-psqlrc", *where],
        input=script.encode(),
        check=True,
        **as_database,
    )
    rules = (database.data / "pg_hba.conf").open("w")
    with rules:
        rules.write(PASSWORDS.format(superuser=postgres.SUPERUSER))
    with psycopg.connect(stack.superuser, autocommit=True) as line:
        line.execute("select pg_reload_conf()")


def _start(stack: Stack, caddy: str) -> None:
    stack.run("migrate")
    for service in ("web", "worker", "beat"):
        stack.start(service)
    version = subprocess.check_output([caddy, "version"], text=True)
    ports = {f"KRING_{name.upper()}_PORT": str(port) for name, port in stack.ports.items()}
    stack.start(
        "caddy",
        [caddy, "run", "--adapter", "caddyfile", "--config", "deploy/Caddyfile"],
        KRING_WEB_HOST="127.0.0.1",
        KRING_FRONT_PATIENCE="500ms",
        XDG_DATA_HOME=str(stack.folder / "caddy"),
        XDG_CONFIG_HOME=str(stack.folder / "caddy"),
        **ports,
        **({"KRING_FRONT_BUFFER": "buffer_requests"} if "2.6.2" in version else {}),
    )
    stack.env["circle"] = _circle(stack)
    live.wait_until(stack.answers, what="the first page")


def _circle(stack: Stack) -> str:
    """Make a circle in the stack's database, as the owner; return its name in addresses."""
    where = conninfo_to_dict(stack.environment("migrate")["DATABASE_URL"])
    owner = {name.upper(): where[name] for name in ("host", "port", "user", "password")}
    owner = {**connections["default"].settings_dict, **owner, "NAME": "kring", "OPTIONS": {}}
    tests = connections["default"]
    connections["default"] = DatabaseWrapper(owner)
    try:
        return make.circle().public_id
    finally:
        connections["default"].close()
        connections["default"] = tests


def _stop(stack: Stack) -> None:
    for process in stack.running.values():
        process.terminate()
    for process in stack.running.values():
        live.stop(process)
    shutil.rmtree(stack.folder / "caddy", ignore_errors=True)


def objects(log: str) -> list[dict]:
    """The lines of a log that are JSON."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]
