"""Reading a backup: opened with a key, piece by piece, and checked against its own manifest."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyrage

from kring.keeping import sheaf
from kring.keeping.database import RowCount
from kring.local.home import Trouble


class Check(sheaf.Sink):
    """Reads all of a dump as pg_restore understands it; keeps nothing."""

    def __init__(self):
        self.rows = RowCount()

    def dump(self, piece: bytes) -> None:
        self.rows.feed(piece)

    def dump_ends(self) -> None:
        self.rows.done()


def check(path: Path, keys: list) -> dict:
    """Read a whole backup back; return its manifest. Raises Trouble when anything is amiss."""
    reader = Check()
    try:
        manifest = read(path, keys, reader)
    finally:
        reader.rows.program.stop()
    wanted, found = manifest["tables"], reader.rows.counts
    if found != wanted:
        names = [name for name in {*wanted, *found} if wanted.get(name) != found.get(name)]
        raise Trouble(
            f"The dump holds another number of rows than the database did: {', '.join(sorted(names))}."
        )
    return manifest


def read(path: Path, keys: list, sink: sheaf.Sink) -> dict:
    """Open a backup and read it into the sink; return its manifest. Raises Trouble."""
    with opened(path, keys) as tar:
        return sheaf.read(tar, sink)


@contextmanager
def opened(path: Path, keys: list) -> Iterator[BinaryIO]:
    """The content of an encrypted file, as something to read from. Raises Trouble, rather than
    whatever came of reading what was not right."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        opening = _Opening(file, keys)
        try:
            with opening.content as content:
                yield content
                while content.read(sheaf.PIECE):  # up to the end, where age proves that it is one
                    pass
        except Exception as error:
            raise opening.trouble() or error from error
        if trouble := opening.trouble():
            raise trouble


class _Opening:
    """A thread that decrypts into a pipe, since age pushes and tar pulls."""

    def __init__(self, file: BinaryIO, keys: list):
        inward, outward = os.pipe()
        self.content = open(inward, "rb", buffering=sheaf.PIECE)  # noqa: SIM115
        self.path, self.error = file.name, None
        self.thread = threading.Thread(target=self._run, args=(file, outward, keys), daemon=True)
        self.thread.start()

    def _run(self, file: BinaryIO, outward: int, keys: list) -> None:
        with open(outward, "wb", buffering=0) as pipe:
            try:
                pyrage.decrypt_io(file, pipe, keys)
            except (pyrage.DecryptError, OSError) as error:
                self.error = error

    def trouble(self) -> Trouble | None:
        """What was wrong with the file, once all of it was read or nobody reads on."""
        self.content.close()
        self.thread.join()
        match self.error:
            case None | BrokenPipeError():
                return None
            case pyrage.DecryptError() if "key" in str(self.error).lower():
                return Trouble(f"This key does not open {self.path}.")
            case pyrage.DecryptError():
                return Trouble(f"{self.path} is no backup, or its beginning is damaged.")
        return Trouble(f"{self.path} is damaged or cut short. Nothing in it can be trusted.")
