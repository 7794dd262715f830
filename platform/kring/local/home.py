"""The folder of a local Kring (.kring): its place, its secret, its locks.

A lock is held by an open file, so the kernel drops it however its holder ends.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

Account = tuple[int, int]  # the numbers of a user and of its group
REPOSITORY = Path(__file__).resolve().parents[3]


class Trouble(Exception):
    """What keeps the local runtime from working, in a sentence for whoever started it."""


def say(text: str = "") -> None:
    """Show a line of progress at once; a closed terminal is no reason to fail."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def default_home() -> Path:
    """The folder named by KRING_HOME, or .kring beside manage.py."""
    return Path(os.environ.get("KRING_HOME") or REPOSITORY / ".kring").absolute()


def open_home(home: Path) -> Path:
    """Make the folder and those above it when missing, closed to others. Raises Trouble."""
    try:
        for folder in reversed([home, *home.parents]):
            make_passage(folder, server_account())
    except OSError as error:
        raise Trouble(f"{home} cannot be made: {error.strerror}. Set KRING_HOME.") from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise Trouble(
            f"{home} belongs to {name_of(home.stat().st_uid)}. "
            "Start Kring as that account, or set KRING_HOME to a folder of your own."
        )
    return home


def make_passage(folder: Path, account: Account | None) -> None:
    """Make a folder of our own, when missing, through which this account may pass."""
    if folder.exists():
        return
    folder.mkdir(mode=0o700)
    if account:
        os.chown(folder, -1, account[1])
        folder.chmod(0o710)


def server_account() -> Account | None:
    """Whom the servers run as under root: postgres, or else nobody. Otherwise: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    raise Trouble("PostgreSQL refuses to run as root. Make an account for it: useradd -r postgres")


def name_of(uid: int) -> str:
    """The name of an account, or its number when it has none."""
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return f"account {uid}"


def mark_of(path: Path) -> str:
    """A short name that only this path has."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def secret(home: Path) -> str:
    """The key that signs sessions here: made once, readable by its owner alone."""
    path = home / "secret"
    if not path.exists():
        draft = home / f"secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def take(path: Path, kind: int) -> int:
    """Take a lock on the file and return its descriptor; closing it gives the lock back."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until nobody else is inside, and keep others waiting."""
    descriptor = take(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds this lock for itself alone."""
    if not path.exists():
        return False
    try:
        os.close(take(path, fcntl.LOCK_SH | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


def wait_for(condition, seconds: float, pause: float = 0.01) -> bool:
    """Ask again and again, at most so many seconds; say whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def fresh_log(path: Path, limit: int = 5_000_000) -> Path:
    """Put a log aside when it has grown beyond so many bytes; one older one is kept."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists() and path.stat().st_size > limit:
        path.replace(path.with_suffix(".log.1"))
    return path


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log, indented, to be shown with a sentence above it."""
    with contextlib.suppress(OSError), path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 20_000))
        lines = log.read().decode(errors="replace").splitlines()[-count:]
        return "\n".join(f"    {line}" for line in lines)
    return ""
