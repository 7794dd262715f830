"""Making a backup: one file, encrypted for a key that need not be here, and read back at once.

To be able to read it back, the file is also encrypted for a key that is made for this one run and
never written down. So whoever makes backups cannot read older ones, and still every single one was
opened, decompressed and counted before it got its name.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
from django.db import connection, transaction
from django.utils import timezone

from kring import VERSION
from kring.keeping import database, reading, sheaf
from kring.keeping.keys import x25519
from kring.local.home import Trouble
from members.models import Backup

FORMAT = 1


def make(path: Path, recipients: list, *, files: Path, identities: list | None = None) -> Backup:
    """Write a backup, read it back, and only then give it its name; return what was kept.

    With `identities` it is opened with those as well. Raises Trouble; then there is no file.
    """
    if path.exists():
        raise Trouble(f"{path} is there already. Choose another name.")
    database.assert_owner()
    once = x25519.Identity.generate()
    with _draft(path) as draft:
        made_at = _write(draft, [*recipients, once.to_public()], files)
        _forget_in_memory(draft)
        manifest = reading.check(draft, [once])
        if identities:
            reading.read(draft, identities, sheaf.Sink())
        kept = Backup(
            made_at=made_at,
            read_back_at=timezone.now(),
            key_tried=bool(identities),
            size=draft.stat().st_size,
            rows=sum(manifest["tables"].values()),
            files=manifest["files"]["count"],
        )
        draft.rename(path)
        _sync(path.parent)
    kept.save()
    return kept


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file beside it, for its owner alone, that is gone when it did not get its name."""
    draft = path.with_name(f"{path.name}.partial")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise Trouble(f"{draft} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Trouble(f"Somebody else is writing {draft}.") from None
    try:
        yield draft
    except OSError as error:  # a full disk
        raise Trouble(f"{draft} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
        os.close(descriptor)


def _write(draft: Path, recipients: list, files: Path):
    """Write it all and wait for the disk; return as of when it is."""
    with draft.open("wb") as file, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("select pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        made_at = timezone.now()
        facts = {
            "format": FORMAT,
            "kring": VERSION,
            "made_at": made_at.isoformat(),
            **database.facts(),
        }
        dump = database.dump(snapshot)
        try:
            tar = _Flow(sheaf.written(dump.process.stdout, dump.ended, files, facts))
            pyrage.encrypt_io(tar, file, recipients)
        except pyrage.EncryptError:
            raise tar.error or Trouble("The backup could not be encrypted.") from None
        finally:
            dump.stop()
        if tar.error:
            raise tar.error
        file.flush()
        os.fsync(file.fileno())
    return made_at


class _Flow:
    """Pieces as something to read from; keeps the exception that age would hide."""

    def __init__(self, pieces: Iterator[bytes]):
        self.pieces, self.rest, self.error = pieces, memoryview(b""), None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self.rest:
                self.rest = memoryview(next(self.pieces))
        except StopIteration:
            return b""
        except Exception as error:
            self.error = error
            raise
        piece, self.rest = self.rest[:size], self.rest[size:]
        return bytes(piece)


def _forget_in_memory(path: Path) -> None:
    """Let the next reader ask the disk, not the memory of this machine."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
