"""The servers' own room in the home: their data, their sockets, their logs, their account.

PostgreSQL refuses to run as root. Under root the room therefore belongs to `postgres`, or else
to `nobody`, and lies elsewhere when that account cannot enter the home.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kring.local.home import (
    Account,
    Trouble,
    make_passage,
    mark_of,
    name_of,
    say,
    server_account,
    wait_for,
)

ELSEWHERE = Path("/var/lib/kring")
LONGEST_SOCKET = 107  # bytes of path that fit into a socket address
SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Room:
    """A folder for the servers, and the account (uid, gid) they run as when we are root."""

    home: Path
    place: Path
    account: Account | None

    def command_as(self) -> dict:
        """What subprocess needs to run a command as the servers' account, cleanly."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
        given = {"cwd": "/", "env": clean | {"LC_ALL": "C"}, "stdin": subprocess.DEVNULL}
        if self.account:
            given |= {"user": self.account[0], "group": self.account[1], "extra_groups": []}
        return given

    def folder(self, name: str) -> Path:
        """A folder in the room, made when missing, closed to everybody but the account."""
        path = self.place / name
        _make(path, self.account)
        return path

    @cached_property
    def sockets(self) -> Path:
        """The folder of the sockets: in the room when its path is short and plain enough.

        PostgreSQL reads a comma in it as a list, and addresses would need escapes for more.
        """
        path = self.place / "run"
        plain = re.fullmatch(r"[\w./-]+", str(path), re.ASCII)
        if not plain or len(os.fsencode(path / SOCKET)) > LONGEST_SOCKET:
            path = short_folder(self.home)
        _make(path, self.account)
        found = path.lstat()
        owner = self.account[0] if self.account else os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise Trouble(f"{path} was made by somebody else. Remove it, or set KRING_HOME.")
        return path

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter this folder or run this file."""
        if not self.account:
            return True
        return subprocess.run(["test", "-x", path], **self.command_as()).returncode == 0

    def copy(self, name: str, *parts: Path) -> Path:
        """Copy programs into the room, once, for an account that cannot reach them."""
        target = self.place / "programs" / name
        if not target.exists():
            draft = target.with_name(f"{name}.new")
            shutil.rmtree(draft, ignore_errors=True)
            make_passage(target.parent, self.account)
            for part in parts:
                _copy_open(part, draft / part.name)
            draft.rename(target)
        return target


def room_of(home: Path) -> Room:
    """Find or make the room of the servers. Raises Trouble when no account may have it."""
    link = home / "servers"
    if os.geteuid() != 0:
        if link.exists() and link.stat().st_uid != os.geteuid():
            raise Trouble(
                f"{link} belongs to {name_of(link.stat().st_uid)}. "
                "Start Kring as root again, or set KRING_HOME to a folder of your own."
            )
        _make(link, None)
        return Room(home, link.resolve(), None)
    account = _account(link)
    if link.is_symlink() or not Room(home, link, account).reaches(home):
        _make_elsewhere(link, account)
    make_passage(link, account)
    return Room(home, link.resolve(), account)


def short_folder(home: Path) -> Path:
    """Where the sockets of a home with a long path are; whose folder it is, is checked."""
    return Path(f"/tmp/kring-{mark_of(home)}")  # noqa: S108


def remove(home: Path) -> None:
    """Remove the room with all it holds, wherever it lies."""
    link = home / "servers"
    for folder in (link.resolve(), short_folder(home)):
        shutil.rmtree(folder, ignore_errors=True)
    if link.is_symlink():
        link.unlink()


def wait_until_left(folder: Path, what: str, seconds: float = 15) -> None:
    """Wait until no process works in this folder any more. Raises Trouble.

    A server works in its data folder, so this finds it where a process number kept in a file
    may by now mean another process, or one that has ended but was not yet collected.
    """

    def workers() -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "cwd") == str(folder):
                    found.append(process.name)
        return found

    if not wait_for(lambda: not workers(), seconds, 0.05):
        raise Trouble(f"{what} (process {workers()[0]}) still works in {folder}. End it first.")


def _account(link: Path) -> Account:
    """Whoever has the room already; else the usual one."""
    for path in (link / "run", link):
        if path.exists() and path.stat().st_uid:
            return path.stat().st_uid, path.stat().st_gid
    return server_account()


def _make_elsewhere(link: Path, account: Account) -> None:
    """Put the room where the account can be, and a link to it into the home.

    A link that came with a copied folder leads to the room of the original: not followed.
    """
    place = ELSEWHERE / mark_of(link.parent)
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    make_passage(place, account)
    if link.is_symlink() and Path(os.readlink(link)) != place:
        link.unlink()
    if not link.is_symlink():
        say(f"{name_of(account[0])} cannot enter {link.parent}; the data lies in {place}.")
        link.symlink_to(place)


def _make(path: Path, account: Account | None) -> None:
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if account:
            os.chown(path, *account, follow_symlinks=False)


def _copy_open(source: Path, target: Path) -> None:
    """Copy a file or a folder so that every account may read it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        _copy_file(source, target)
        return
    unused = shutil.ignore_patterns("include", "doc", "man", "*.a", "__pycache__")
    shutil.copytree(source, target, ignore=unused, copy_function=_copy_file)
    for folder in [target, *target.rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o755)


def _copy_file(source: str | Path, target: str | Path) -> None:
    shutil.copyfile(source, target)
    os.chmod(target, 0o755 if os.access(source, os.X_OK) else 0o644)
