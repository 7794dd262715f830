"""Reading a list that a spreadsheet saved as CSV, one row at a time, whatever its size.

Finds out by itself how it is written: UTF-8 or Windows-1252, with semicolons, commas or tabs.
Knows nothing of the database.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from kring.lib.forms import storable
from questions.archive.columns import Table, choose
from questions.archive.texts import Broken, Row, Unreadable

MOST_BYTES = 200 * 1024**2
MOST_ROWS = 200_000
LONGEST_CELL = 100_000  # characters
LONGEST_ROW = 4_000_000  # characters, with all its cells and line ends
DELIMITERS = ";,\t|"
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Sheet:
    """A list: how it is written, and what its columns mean."""

    path: Path
    name: str  # to tell it by
    encoding: str
    delimiter: str
    skip: int  # rows before the header
    header: list[str]
    names: list[str]  # our name of each column, or nothing
    table: Table

    @property
    def unread(self) -> list[str]:
        """Columns that mean nothing to Kring."""
        pairs = zip(self.header, self.names, strict=True)
        return [column for column, name in pairs if not name and column]

    def called(self, name: str) -> str:
        """What the list itself calls one of our columns."""
        return self.header[self.names.index(name)] if name in self.names else name

    def rows(self) -> Iterator[Row | Broken]:
        """The rows under the header, those without any text left out; `line` is the number a
        spreadsheet shows beside the row. Raises Unreadable when there are too many."""
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            for line, cells in _numbered(file, self.delimiter, self.skip + 1):
                if line > MOST_ROWS + self.skip + 1:
                    most = {"most": MOST_ROWS}
                    raise Unreadable(
                        _("This list has more than %(most)d rows. Cut it in parts.") % most
                    )
                if isinstance(cells, str):
                    yield Broken(self.name, line, cells)
                elif any(map(str.strip, cells)):
                    yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row | Broken:
        if any(map(str.strip, cells[len(self.header) :])):
            said = {"cells": len(cells), "header": len(self.header)}
            reason = _("it has %(cells)d cells, the first row %(header)d") % said
            return Broken(self.name, line, reason)
        values = {}
        for name, column, cell in zip(self.names, self.header, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                said = {"column": column, "most": LONGEST_CELL}
                reason = _("its %(column)s has more than %(most)d characters") % said
                return Broken(self.name, line, reason)
            if name:
                values[name] = storable(cell).strip()
        return Row(self.name, line, values)


def open_sheet(
    path: Path | str, tables: Iterable[Table], given: dict[str, str], name: str = ""
) -> Sheet:
    """Find out how a list is written and what its columns mean; `name` is what a report calls it.

    Raises Unreadable.
    """
    path, tables = Path(path), list(tables)
    if not path.is_file():
        raise Unreadable(_("There is no file %(path)s.") % {"path": path})
    if path.stat().st_size > MOST_BYTES:
        most = {"most": MOST_BYTES // 1024**2}
        raise Unreadable(_("This list is larger than %(most)d MB. Cut it in parts.") % most)
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        begin = file.read(_PIECE)
    if "\0" in begin:
        raise Unreadable(_("This is no CSV. Save the list as “CSV UTF-8” in your spreadsheet."))
    skip = int(begin.lower().startswith("sep="))  # as Excel writes above the header
    delimiter = begin[4:5] if skip else _delimiter(begin, tables)
    if not delimiter or delimiter not in DELIMITERS:
        delimiter = ";"
    header = _first(begin, delimiter, skip)
    while header and not header[-1]:  # spreadsheets add empty columns
        header.pop()
    table, names = choose(header, tables, given)
    return Sheet(path, name or path.name, encoding, delimiter, skip, header, names, table)


def _encoding(path: Path) -> str:
    """UTF-8 if every byte of it is, else what Windows writes."""
    with path.open("rb") as file:
        first = file.read(4)
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(first)
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _delimiter(begin: str, tables: list[Table]) -> str:
    """The one with which the first row names most columns we know, then the most columns."""

    def found(delimiter: str) -> tuple[int, int]:
        header = _first(begin, delimiter, 0)
        known = max(sum(bool(table.named(column)) for column in header) for table in tables)
        return known, len(header)

    return max(DELIMITERS, key=found)


def _first(begin: str, delimiter: str, skip: int) -> list[str]:
    lines = islice(_numbered(StringIO(begin, newline=""), delimiter, skip), 1)
    for _line, cells in lines:
        if not isinstance(cells, str):
            return [" ".join(storable(cell).split())[:80] for cell in cells]
    return []


def _numbered(file: TextIO, delimiter: str, skip: int) -> Iterator[tuple[int, list[str] | str]]:
    """The rows after the first `skip`, with their numbers; a row that cannot be read is the reason.

    Raises Unreadable at a row so long that it would fill the memory.
    """
    csv.field_size_limit(LONGEST_CELL * 10)
    line, taken = 1, 0  # characters of the row at hand

    def lines() -> Iterator[str]:
        nonlocal taken
        while text := file.readline(LONGEST_ROW + 1):
            taken += len(text)
            if taken > LONGEST_ROW:
                said = {"line": line, "most": LONGEST_ROW}
                raise Unreadable(
                    _("Row %(line)d of this list is longer than %(most)d characters.") % said
                )
            yield text

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = _("it cannot be read: is a quotation mark left open?")
        if line > skip:
            yield line, cells
        line, taken = line + 1, 0


def notes_of(sheet: Sheet) -> list[str]:
    """What the reader of a report should know besides."""
    if not sheet.unread:
        return []
    return [_("Columns left unread: %(names)s.") % {"names": ", ".join(sheet.unread)}]
