"""Putting a backup back: built beside what serves, made right, and put in its place at the end.

Whatever goes wrong before that leaves what serves as it is. Nobody comes in before everything that
was erased after the backup is erased again.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from kring import guard
from kring.demo import marker
from kring.keeping import database, reading, sheaf
from kring.keeping.making import FORMAT
from kring.local.home import Trouble
from members import erasing, restored
from members.models import Backup

NEW, OLD = sheaf.ASIDE  # beside the files that serve


@dataclass
class Ledger:
    """What was erased, from wherever it could be read."""

    lines: set[erasing.Line] = field(default_factory=set)
    places: list[str] = field(default_factory=list)
    bad: int = 0


@dataclass
class Told:
    """What came of it, for the operator."""

    made_at: datetime
    rows: int
    files: int
    again: erasing.Again
    ledger: Ledger
    settled: list[str]
    other_secret: bool


def find_ledger(path: Path) -> Ledger:
    """Read what was erased, from the database that still lives and from the file outside it."""
    found = Ledger()
    if "members_erasure" in database.tables():
        found.lines |= set(erasing.lines_here())
        found.places.append("the database")
    if path.exists():
        lines, found.bad = erasing.read_file(path)
        found.lines |= set(lines)
        found.places.append(str(path))
    return found


def check(path: Path, keys: list) -> dict:
    """Read the whole backup, and see that this Kring can take it. Raises Trouble."""
    manifest = reading.check(path, keys)
    if manifest["format"] != FORMAT:
        raise Trouble(f"This backup is of another format ({manifest['format']}) than {FORMAT}.")
    known = set(map(".".join, MigrationLoader(None).disk_migrations))
    if unknown := sorted(set(manifest["migrations"]) - known):
        raise Trouble(
            f"This backup was made by a newer Kring ({manifest['kring']}): it has the migration "
            f"{unknown[-1]}, which this one does not know. Restore with that version."
        )
    if manifest["postgres"] > database.version():
        raise Trouble(
            f"This backup comes from PostgreSQL {manifest['postgres']}, and the database is "
            f"{database.version()}. It needs that version or a newer one."
        )
    return manifest


def put_back(
    path: Path,
    keys: list,
    manifest: dict,
    *,
    files: Path,
    ledger: Ledger,
    say: Callable[[str], None],
) -> Told:
    """Build the backup beside what serves, make it right, and let it take that place.

    Raises Trouble; then what serves is as it was.
    """
    serving = connection.settings_dict["NAME"]
    new, old = f"{serving}_restoring", f"{serving}_replaced"
    database.make_empty(new)
    try:
        _fill(new, path, keys, files / NEW)
        say("Everything is read. Making it right ...")
        with database.turned_to(new):
            told = _make_right(manifest, ledger)
        database.remove(old)
        with _Files(files) as changed:
            database.change_places(new, serving, old)
            changed.stays()
    except BaseException:
        shutil.rmtree(files / NEW, ignore_errors=True)
        database.remove(new)
        raise
    database.remove(old)
    return told


class _Return(sheaf.Sink):
    """Puts the dump into a database and the files into a folder."""

    def __init__(self, name: str, folder: Path):
        self.filling, self.folder = database.Filling(name), folder

    def dump(self, piece: bytes) -> None:
        self.filling.feed(piece)

    def dump_ends(self) -> None:
        self.filling.done()

    def file(self, name: PurePosixPath, pieces: Iterable[bytes]) -> None:
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())


def _fill(name: str, path: Path, keys: list, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    sink = _Return(name, folder)
    try:
        reading.read(path, keys, sink)
    except OSError as error:
        raise Trouble(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        sink.filling.program.stop()


def _make_right(manifest: dict, ledger: Ledger) -> Told:
    """See that all is there with its policies; bring it up to date; erase again. Raises Trouble."""
    if (found := database.counts()) != manifest["tables"]:
        wrong = [name for name in found if found[name] != manifest["tables"].get(name)]
        raise Trouble(f"Not every row came back: {', '.join(wrong) or 'a table is missing'}.")
    if lost := sorted(set(manifest["shape"]) ^ set(database.shape())):
        raise Trouble(f"Not every right came back as it was: {lost[0]}.")
    if manifest["demo"]:
        marker.mark()
    call_command("migrate", verbosity=0, interactive=False)
    for role in ("kring_web", "kring_worker"):
        if wrong := guard.weakness(role):
            raise Trouble(wrong)
    database.renew_numbers()
    settled = restored.settle()
    again = erasing.apply_again(ledger.lines)
    made_at = datetime.fromisoformat(manifest["made_at"])
    told = Told(
        made_at=made_at,
        rows=sum(manifest["tables"].values()),
        files=manifest["files"]["count"],
        again=again,
        ledger=ledger,
        settled=settled,
        other_secret=manifest["secret"] not in database.secret_marks(),
    )
    now = timezone.now()
    Backup.objects.create(
        made_at=made_at,
        read_back_at=now,
        key_tried=True,
        size=manifest["database"]["size"] + manifest["files"]["size"],
        rows=told.rows,
        files=told.files,
        restored_at=now,
    )
    return told


class _Files:
    """The files change places by names only; when the databases then do not, they change back.

    The folder itself stays: it may be a disk of its own.
    """

    def __init__(self, folder: Path):
        self.folder, self.stayed = folder, False

    def __enter__(self) -> "_Files":
        shutil.rmtree(self.folder / OLD, ignore_errors=True)
        (self.folder / OLD).mkdir(mode=0o700)
        _move_all(self.folder, self.folder / OLD)
        _move_all(self.folder / NEW, self.folder)
        return self

    def stays(self) -> None:
        self.stayed = True

    def __exit__(self, *_) -> None:
        if not self.stayed:
            _move_all(self.folder, self.folder / NEW)
            _move_all(self.folder / OLD, self.folder)
        for name in sheaf.ASIDE:
            shutil.rmtree(self.folder / name, ignore_errors=True)


def _move_all(source: Path, target: Path) -> None:
    for path in list(source.iterdir()):
        if path.name not in sheaf.ASIDE:
            path.rename(target / path.name)
