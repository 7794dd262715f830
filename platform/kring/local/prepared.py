"""Whether anything has changed since the last preparation, so that a second start need not wait.

The fingerprint is of the sources' names, sizes and times; changing any file prepares again.
"""

import hashlib
import os
from pathlib import Path

from kring.local.home import REPOSITORY

SOURCES = ("platform", "members", "circles", "questions", "static", "locale", "demo")
MADE = (".pyc", ".mo")
SETTINGS = ("DATABASE_URL", "KRING_DEMO", "KRING_STATIC_ROOT")


def fingerprint(environment: dict[str, str]) -> str:
    """One word for the sources and settings that a preparation depends on."""
    marks = [f"{name}={environment.get(name)}" for name in SETTINGS]
    for source in SOURCES:
        for folder, folders, files in os.walk(REPOSITORY / source):
            folders.sort()
            for name in sorted(files):
                if not name.endswith(MADE):
                    found = os.stat(os.path.join(folder, name), follow_symlinks=False)
                    marks.append(f"{folder}/{name} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def is_done(home: Path, word: str) -> bool:
    """Whether the last preparation ended well and was of the same sources."""
    note = home / "prepared"
    return note.exists() and note.read_text() == word


def done(home: Path, word: str) -> None:
    (home / "prepared").write_text(word)


def undone(home: Path) -> None:
    """The tables may be other ones now: prepare at the next start."""
    (home / "prepared").unlink(missing_ok=True)
