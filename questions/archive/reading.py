"""Reading the files of a Stack Exchange dump, one row at a time, whatever their size.

Fed to expat in pieces: no tree is built, no entity can be defined, and one broken row costs
only itself. Knows nothing of the database.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

PIECE = 64 * 1024
LONGEST_ROW = 4 * 1024 * 1024  # bytes; the longest post of a large site takes 0.2 MB

# What XML 1.0 forbids: control characters, as themselves and as references.
_FORBIDDEN = bytes(set(range(32)) - {9, 10, 13})
_FORBIDDEN_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE
)
_LINKED_SITE = re.compile(r"https?://([a-z0-9.-]+)/questions/", re.IGNORECASE)
_SITE = re.compile(r"(?=.{4,60}$)[a-z0-9-]+(\.[a-z0-9-]+)+")


class Unreadable(Exception):
    """Nothing can be done with this folder; the message says why and what would help."""


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its attributes."""

    file: str
    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Broken:
    """A place where the file is no XML. Reading went on at the next row."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Archive:
    """A folder that holds a dump, and the site it came from."""

    folder: Path
    site: str

    def has(self, table: str) -> bool:
        return _file(self.folder, table) is not None

    def rows(self, table: str) -> Iterator[Row | Broken]:
        """The rows of a table in the order of its file; none when there is no such file."""
        if path := _file(self.folder, table):
            yield from rows(path, table.lower())


def open_archive(folder: Path | str, site: str = "") -> Archive:
    """Look whether a folder holds a dump and say which site it is of.

    Raises Unreadable.
    """
    folder = Path(folder)
    if not _file(folder, "Posts"):
        raise Unreadable(f"There is no Posts.xml in {folder}.")
    if not site:
        return Archive(folder, _site_in_readme(folder))
    host = re.sub(r"^https?://|/.*$", "", site.strip().lower())
    if not _SITE.fullmatch(host):
        raise Unreadable(f"{site!r} is no site. Write it like --site ai.stackexchange.com.")
    return Archive(folder, host)


def _file(folder: Path, table: str) -> Path | None:
    paths = (folder / f"{table}.xml", folder / f"{table}.xml.gz")
    return next((path for path in paths if path.is_file()), None)


def _site_in_readme(folder: Path) -> str:
    """The one host whose questions the README links to."""
    readme = folder / "README.md"
    text = readme.read_text(errors="replace") if readme.is_file() else ""
    hosts = {found.lower() for found in _LINKED_SITE.findall(text)}
    hosts = {host for host in hosts if _SITE.fullmatch(host)}
    if len(hosts) != 1:
        raise Unreadable(
            f"The README of {folder} does not say which site this is, and every question must "
            "link to its original. Say it: --site ai.stackexchange.com"
        )
    return hosts.pop()


def rows(path: Path, table: str) -> Iterator[Row | Broken]:
    """Read a file, plain or gzipped, in memory that does not grow with it.

    Raises Unreadable when it is another table, no XML at all, or declares entities.
    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as source:
        parser = _Parser(path.name, table, line=1)
        line, starts = 1, True  # of the piece at hand; does it start its line?
        try:
            while piece := source.readline(PIECE):
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
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Broken(path.name, line, f"the gzip file is damaged: {error}")
        else:
            if parser is not None:
                yield from parser.end()


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
            reason = "the row is longer than 4 MB"
        yield from self._take(reason)

    def end(self) -> Iterator[Row | Broken]:
        reason = self._parse(b"", last=True)
        yield from self._take(reason and f"the file stops in the middle ({reason})")

    def never_ended(self) -> Broken:
        return Broken(self.file, self.unfinished, "this is no XML: the row does not end")

    def _parse(self, piece: bytes, *, last: bool = False) -> str:
        try:
            self.expat.Parse(piece, last)
        except expat.ExpatError as error:
            if not self.opened:
                raise Unreadable(f"{self.file} is no XML dump: {error}.") from error
            return expat.ErrorString(error.code)
        return ""

    def _take(self, reason: str) -> Iterator[Row | Broken]:
        if self.found:
            self.waiting = 0
        yield from self.found
        self.found = []
        if reason:
            self.broken = True
            yield Broken(self.file, self._line(), f"this is no XML: {reason}")

    def _line(self) -> int:
        return self.lines_before + self.expat.CurrentLineNumber

    def _starts(self, name: str, values: dict[str, str]) -> None:
        if not self.depth and name != self.table:
            raise Unreadable(f"{self.file} holds <{name}>, not <{self.table}>.")
        if self.depth == 1 and name == "row":
            self.found.append(Row(self.file, self._line(), values))
        self.depth, self.opened = self.depth + 1, True

    def _ends(self, name: str) -> None:
        self.depth -= 1

    def _refuse(self, *declaration) -> None:
        raise Unreadable(f"{self.file} declares a document type; a dump never does.")
