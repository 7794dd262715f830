"""What lies in a backup: a tar, so that nothing of ours is needed to open it, encrypted by age.

    database/00000001 …   the dump of pg_dump (custom format), cut into parts of 8 MB
    files/…               the files of members, under their own names
    manifest.json         the last: what the rest must add up to

The database comes in parts since a tar wants sizes first, and the dump's is known at its end.
Everything here goes by in pieces; no more than one part is ever in memory.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from kring.local.home import Trouble

PART = 8 * 1024 * 1024
PIECE = 1024 * 1024
DATABASE, FILES, MANIFEST = "database", "files", "manifest.json"
MOST_MANIFEST = 16 * PIECE
ASIDE = (".restoring", ".replaced")  # folders of a restore that is under way


@dataclass
class Sum:
    """What was counted on the way; both who writes and who reads keep one."""

    dump: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    dump_size: int = 0
    files: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    files_size: int = 0
    file_count: int = 0

    def add_dump(self, piece: bytes) -> None:
        self.dump.update(piece)
        self.dump_size += len(piece)

    def add_file(self, name: str, size: int, content: bytes) -> None:
        """A file by its name and the SHA-256 of its content."""
        self.files.update(f"{name}\0{size}\0".encode() + content)
        self.files_size += size
        self.file_count += 1

    def told(self) -> dict:
        return {
            "database": {"size": self.dump_size, "sha256": self.dump.hexdigest()},
            "files": {
                "count": self.file_count,
                "size": self.files_size,
                "sha256": self.files.hexdigest(),
            },
        }


# --- writing ------------------------------------------------------------------------------
def written(
    dump: BinaryIO, ended: Callable[[], None], files: Path, facts: dict
) -> Iterator[bytes]:
    """Give the tar piece by piece. `ended` is called after the dump and raises when it failed."""
    counted = Sum()
    number = 0
    while part := dump.read(PART):
        number += 1
        counted.add_dump(part)
        yield from _entry(f"{DATABASE}/{number:08}", part)
    ended()
    for path in _paths(files):
        yield from _file(path, files, counted)
    manifest = json.dumps({**facts, **counted.told()}, indent=1, sort_keys=True)
    yield from _entry(MANIFEST, manifest.encode())
    yield bytes(2 * tarfile.BLOCKSIZE)


def _paths(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        if Path(above) == folder:
            folders[:] = [name for name in folders if name not in ASIDE]
        folders.sort()
        for name in sorted(names):
            path = Path(above) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _file(path: Path, folder: Path, counted: Sum) -> Iterator[bytes]:
    """One file; one that went away meanwhile was removed by somebody who may. Raises Trouble."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    name = path.relative_to(folder).as_posix()
    with file:
        size, content = os.fstat(file.fileno()).st_size, hashlib.sha256()
        yield _header(f"{FILES}/{name}", size)
        left = size
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            content.update(piece)
            yield piece
    if left:
        raise Trouble(f"A file became shorter while it was read: {name}. Try again.")
    counted.add_file(name, size, content.digest())
    yield _padding(size)


def _entry(name: str, content: bytes) -> Iterator[bytes]:
    yield _header(name, len(content))
    yield content
    yield _padding(len(content))


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


# --- reading ------------------------------------------------------------------------------
class Sink:
    """Where the parts go while a backup is read. This one lets all of it pass by."""

    def dump(self, piece: bytes) -> None:
        """A piece of the dump, in its order."""

    def dump_ends(self) -> None:
        """The whole dump has come."""

    def file(self, name: PurePosixPath, pieces: Iterable[bytes]) -> None:
        """One file. What is not taken from `pieces` passes by."""


def read(tar: BinaryIO, sink: Sink) -> dict:
    """Read a whole backup into the sink; return its manifest. Raises Trouble when what came does
    not add up to it."""
    counted, manifest, dumping = Sum(), None, True
    try:
        with tarfile.open(fileobj=tar, mode="r|", bufsize=PIECE) as sheaf:
            for member in sheaf:
                sheaf.members = []  # or tarfile would remember every file
                content = sheaf.extractfile(member)
                top, _, name = member.name.partition("/")
                if dumping and top != DATABASE:
                    dumping = sink.dump_ends() or False
                if manifest is not None or content is None:
                    raise Trouble("This is no backup of Kring.")
                if top == DATABASE:
                    for piece in _pieces(content):
                        counted.add_dump(piece)
                        sink.dump(piece)
                elif top == FILES:
                    _take(_safe(name), member.size, content, counted, sink)
                else:
                    manifest = json.loads(content.read(MOST_MANIFEST))
    except (tarfile.TarError, ValueError) as error:
        raise Trouble("This is no backup of Kring, or it is damaged.") from error
    if manifest is None:
        raise Trouble("The backup ends before its manifest: it is cut short.")
    for part, told in counted.told().items():
        if manifest.get(part) != told:
            raise Trouble(f"The {part} in this backup are not what its manifest says.")
    return manifest


def _take(name: PurePosixPath, size: int, content: BinaryIO, counted: Sum, sink: Sink) -> None:
    hashed = hashlib.sha256()

    def passing() -> Iterator[bytes]:
        for piece in _pieces(content):
            hashed.update(piece)
            yield piece

    pieces = passing()
    sink.file(name, pieces)
    for _piece in pieces:
        pass
    counted.add_file(str(name), size, hashed.digest())


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    while piece := content.read(PIECE):
        yield piece


def _safe(name: str) -> PurePosixPath:
    """The name of a file below the folder, never above it. Raises Trouble."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or path.parts[0] in ASIDE:
        raise Trouble("This backup names a file outside its folder.")
    return path
