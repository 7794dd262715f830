"""Reading a file of a Stack Exchange dump, one row at a time, whatever its size.

Fed to expat in pieces: no tree is built, no entity can be defined, and one broken row costs
only itself. Knows nothing of the database.
"""

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _

from questions.archive.places import File
from questions.archive.texts import Broken, Row, Unreadable

PIECE = 64 * 1024
LONGEST_ROW = 4 * 1024 * 1024  # bytes; the longest post of a large site takes 0.2 MB

# What XML 1.0 forbids: control characters, as themselves and as references.
_FORBIDDEN = bytes(set(range(32)) - {9, 10, 13})
_FORBIDDEN_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE
)


def rows(path: File, table: str, most: int | None = None) -> Iterator[Row | Broken]:
    """Read a file, plain or gzipped, in memory that does not grow with it.

    Raises Unreadable when it is another table, no XML at all, declares entities, or unpacks to
    more than `most` bytes.
    """
    with _opened(path) as source:
        parser = _Parser(path.name, table, line=1)
        line, starts, size = 1, True, 0  # of the piece at hand; does it start its line?
        try:
            while piece := source.readline(PIECE):
                size += len(piece)
                if most is not None and size > most:
                    raise Unreadable(
                        _("%(file)s unpacks to more than %(most)d MB.")
                        % {"file": path.name, "most": most // 1024**2}
                    )
                if starts and line == 1:
                    piece = piece.removeprefix(b"\xef\xbb\xbf")
                begins = starts and piece.lstrip().startswith(b"<row")
                if begins and parser is not None and parser.unfinished:
                    yield parser.never_ended()
                    parser = None
                if begins and parser is None:
                    parser = _Parser(path.name, table, line, resumes=True)
                if parser is not None:
                    yield from parser.feed(piece, line if begins else 0)
                    parser = None if parser.broken else parser
                starts = piece.endswith(b"\n")
                line += starts
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            reason = _("the packed file is damaged: %(why)s") % {"why": error}
            yield Broken(path.name, line, reason)
        else:
            if parser is not None:
                yield from parser.end()


@contextmanager
def _opened(path: File) -> Iterator[BinaryIO]:
    with path.open("rb") as packed:
        if path.name.endswith(".gz"):
            with gzip.open(packed) as source:
                yield source
        else:
            yield packed


class _Parser:
    """Expat for one stretch of a file, from its start or from the row after a broken one."""

    def __init__(self, file: str, table: str, line: int, *, resumes: bool = False):
        self.file, self.table = file, table
        self.lines_before = line - 1
        self.waiting = 0  # bytes since the last row
        self.unfinished = 0  # the line where a row began that has not ended yet
        self.depth, self.opened = 0, False
        self.found: list[Row] = []
        self.broken = False
        self.expat = expat.ParserCreate("utf-8")
        self.expat.StartElementHandler = self._starts
        self.expat.EndElementHandler = self._ends
        self.expat.StartDoctypeDeclHandler = self._refuse
        if hasattr(self.expat, "SetReparseDeferralEnabled"):
            self.expat.SetReparseDeferralEnabled(False)  # rows come as soon as they end
        if resumes:
            self.expat.Parse(f"<{table}>".encode())

    def feed(self, piece: bytes, begins: int) -> Iterator[Row | Broken]:
        """Read a piece of a line; `begins` is that line when it begins with a row."""
        piece = _FORBIDDEN_REFERENCE.sub(b"", piece.translate(None, _FORBIDDEN))
        self.waiting += len(piece)
        reason = self._parse(piece)
        self.unfinished = 0 if self.found else begins or self.unfinished
        if not reason and not self.found and self.waiting > LONGEST_ROW:
            reason = _("the row is longer than 4 MB")
        yield from self._take(reason)

    def end(self) -> Iterator[Row | Broken]:
        reason = self._parse(b"", last=True)
        stopped = _("the file stops in the middle (%(why)s)") % {"why": reason}
        yield from self._take(reason and stopped)

    def never_ended(self) -> Broken:
        reason = _("this is no XML: %(why)s") % {"why": _("the row does not end")}
        return Broken(self.file, self.unfinished, reason)

    def _parse(self, piece: bytes, *, last: bool = False) -> str:
        try:
            self.expat.Parse(piece, last)
        except expat.ExpatError as error:
            if not self.opened:
                raise Unreadable(
                    _("%(file)s is no XML dump: %(why)s.") % {"file": self.file, "why": error}
                ) from error
            return expat.ErrorString(error.code)
        return ""

    def _take(self, reason: str) -> Iterator[Row | Broken]:
        if self.found:
            self.waiting = 0
        yield from self.found
        self.found = []
        if reason:
            self.broken = True
            said = _("this is no XML: %(why)s") % {"why": reason}
            yield Broken(self.file, self._line(), said)

    def _line(self) -> int:
        return self.lines_before + self.expat.CurrentLineNumber

    def _starts(self, name: str, values: dict[str, str]) -> None:
        if not self.depth and name != self.table:
            raise Unreadable(
                _("%(file)s holds <%(found)s>, not <%(wanted)s>.")
                % {"file": self.file, "found": name[:40], "wanted": self.table}
            )
        if self.depth == 1 and name == "row":
            self.found.append(Row(self.file, self._line(), values))
        self.depth, self.opened = self.depth + 1, True

    def _ends(self, name: str) -> None:
        self.depth -= 1

    def _refuse(self, *declaration) -> None:
        raise Unreadable(
            _("%(file)s declares a document type; a dump never does.") % {"file": self.file}
        )
