"""The earlier versions in PostHistory.xml, post by post. The file is in the order of time, so its
rows are sorted on the disk first: in a nameless file of SQLite that ends with the process."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby

from questions.archive.texts import Broken, Row

TITLE, BODY = {"1", "4", "7"}, {"2", "5", "8"}  # as first written, edited, turned back
_NAMES = ("Id", "PostId", "CreationDate", "UserId", "UserDisplayName", "ContentLicense")


class History:
    """Every version of a post that another one replaced, oldest first."""

    def __init__(self, rows: Iterable[Row | Broken]):
        self.file = ""
        self.broken: list[Broken] = []
        self.sorted = sqlite3.connect("")
        self.sorted.execute(
            "create table piece (line, id, post, at, person, left_name, licence, edit, type, text)"
        )
        self.sorted.executemany(
            "insert into piece values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._of(rows)
        )

    def _of(self, rows: Iterable[Row | Broken]) -> Iterator[tuple]:
        for row in rows:
            self.file = row.file
            if isinstance(row, Broken):
                self.broken.append(row)
                continue
            kind = row.values.get("PostHistoryTypeId")
            if kind in TITLE | BODY:
                edit = row.values.get("RevisionGUID") or row.values.get("Id")
                said = (row.values.get(name, "") for name in _NAMES)
                yield (row.line, *said, edit, kind, row.values.get("Text", ""))

    def versions(self) -> Iterator[Row]:
        """Each version as a row: who wrote it when, its Title and Text, and the moment at which
        it was replaced."""
        found = self.sorted.execute(
            "select * from piece order by cast(post as integer), at, cast(id as integer)"
        )
        for _post, pieces in groupby(found, key=lambda piece: piece[2]):
            yield from self._of_one_post(pieces)

    def _of_one_post(self, pieces: Iterator[tuple]) -> Iterator[Row]:
        now: dict[str, str] = {}
        for _edit, parts in groupby(pieces, key=lambda piece: piece[7]):
            before = now
            for line, *said, _name, kind, text in parts:
                what = "Title" if kind in TITLE else "Text"
                now = {**now, **dict(zip(_NAMES, said, strict=True)), what: text, "line": line}
            same = all(before.get(what) == now.get(what) for what in ("Title", "Text"))
            if same and before:
                now = before
            elif "Text" in before:
                values = {**before, "ReplacedDate": now["CreationDate"]}
                yield Row(self.file, values.pop("line"), values)
