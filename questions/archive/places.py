"""Where the files of an archive stand: in a folder, or in a zip that is never unpacked onto the
disk, so that no name in it can lead anywhere."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from
from typing import BinaryIO, Protocol

from django.utils.translation import gettext as _

from questions.archive.texts import Unreadable

MOST_UNPACKED = 2 * 1024**3  # bytes of one file of a zip
LONGEST_CONTENTS = 1024**2  # bytes of a zip's list of contents: 10,000 files and more
SMALL = 10 * 1024**2  # bytes that may shrink to anything
MOST_SHRUNK = 200  # a dump shrinks to a fifth or a tenth
DAMAGED = (zipfile.BadZipFile, NotImplementedError, ValueError, OSError)
LAST, LAST_SIZE = b"PK\x05\x06", 22  # the last words of a zip, without its remark
LARGE = b"PK\x06\x07"  # before them, when a larger zip says more further up


class File(Protocol):
    name: str

    def open(self, mode: str) -> BinaryIO: ...


@dataclass(frozen=True)
class Folder:
    path: Path
    most: None = None  # bytes a file may have

    def __str__(self) -> str:
        return str(self.path)

    def find(self, name: str) -> File | None:
        path = self.path / name
        return path if path.is_file() else None


@dataclass(frozen=True)
class Member:
    """One file of a zip, read as it is unpacked."""

    path: Path
    name: str
    inside: str

    @contextmanager
    def open(self, mode: str = "rb") -> Iterator[BinaryIO]:
        with ExitStack() as opened:
            try:
                packed = opened.enter_context(zipfile.ZipFile(self.path))
                source = opened.enter_context(packed.open(self.inside))
            except DAMAGED as error:
                raise Unreadable(_("This is no zip that can be read.")) from error
            yield source


@dataclass(frozen=True)
class Zip:
    path: Path
    contents: dict[str, str]  # a file's own name -> its name in the zip
    most: int

    def __str__(self) -> str:
        return _("the zip")

    def find(self, name: str) -> File | None:
        inside = self.contents.get(name.lower())
        return Member(self.path, name, inside) if inside else None


def place_of(path: Path) -> Folder | Zip:
    """A folder, or a zip that can be read without harm. Raises Unreadable."""
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise Unreadable(_("There is no folder and no zip at %(path)s.") % {"path": path})
    with path.open("rb") as file:
        first = file.read(6)
    if first == b"7z\xbc\xaf\x27\x1c":
        raise Unreadable(
            _("This is a 7z file, as Stack Exchange gives them. Unpack it and make it a zip.")
        )
    if _length_of_contents(path) > LONGEST_CONTENTS:
        raise Unreadable(_("This zip says it holds far more files than a dump has."))
    try:
        with zipfile.ZipFile(path) as packed:
            return Zip(path, dict(_harmless(packed)), MOST_UNPACKED)
    except DAMAGED as error:
        raise Unreadable(_("This is no zip that can be read.")) from error


def _harmless(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The files of a zip by their own names, wherever in it they stand. Raises Unreadable."""
    for info in packed.infolist():
        if info.is_dir():
            continue
        if info.flag_bits & 1:
            raise Unreadable(_("This zip is locked with a password. Make one without."))
        if info.file_size > MOST_UNPACKED or (
            info.file_size > SMALL and info.file_size > MOST_SHRUNK * info.compress_size
        ):
            raise Unreadable(_("This zip unpacks to more than it says or than fits here."))
        yield info.filename.replace("\\", "/").rsplit("/", 1)[-1].lower(), info.filename


def _length_of_contents(path: Path) -> int:
    """What the end of a zip says of its list, which is read whole before anything can be asked.

    The same words that zipfile believes: of a large zip those that stand further up.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(LAST, 0, max(0, len(tail) - LAST_SIZE + len(LAST)))
    if at < 0:
        return 0
    length = unpack_from("<L", tail, at + 12)[0]
    if at >= 76 and tail[at - 20 : at - 16] == LARGE:
        length = max(length, unpack_from("<Q", tail, at - 36)[0])
    return length
