"""One move of an archive into a circle: what it works on, what it counts, and its rows in
bundles of bounded size. Reads files; writes nothing."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from circles.models import Circle
from members.models import Member
from questions.archive import rows
from questions.archive.reading import Archive, Broken, Row
from questions.archive.rows import ACCEPTED, ANSWER, COMMENT, QUESTION, Bad

BUNDLE = 300  # rows
BUNDLE_CHARACTERS = 2_000_000  # of text, when the rows are long
LONGEST_SITE = 27  # what the longest number leaves of the 40 characters of a source key
_TABLE = {QUESTION: "Posts", ANSWER: "Posts", COMMENT: "Comments"}


class Watch:
    """Somebody who is told how far it is, and what was left out. Here: nobody."""

    def begins(self, total: int) -> None: ...

    def moves(self, count: int) -> None: ...

    def left_out(self, file: str, line: int, reason: str) -> None: ...


@dataclass
class Counts:
    """For each kind: in the archive, moved in now, there already, unusable; and what the circle
    holds of this site at the end."""

    archive: Counter = field(default_factory=Counter)
    moved: Counter = field(default_factory=Counter)
    there: Counter = field(default_factory=Counter)
    bad: Counter = field(default_factory=Counter)
    held: Counter = field(default_factory=Counter)
    unreadable: int = 0  # rows of which not even the kind is known


@dataclass
class Move:
    archive: Archive
    circle: Circle
    by: Member
    dry_run: bool
    watch: Watch
    counts: Counts = field(default_factory=Counts)
    # In a dry run the database cannot be asked which posts have come: key of a post -> key of
    # its question.
    coming: dict[str, str] = field(default_factory=dict)

    def key(self, kind: str, number: int | str) -> str:
        """The name of a row, unique in a circle that may hold several archives."""
        site = self.archive.site.removesuffix(".stackexchange.com")
        if len(site) > LONGEST_SITE:
            digest = hashlib.blake2b(site.encode(), digest_size=4).hexdigest()
            site = f"{site[: LONGEST_SITE - 9]}-{digest}"
        return f"{site}:{kind[0]}:{number}"

    def unreadable(self, row: Row | Broken, reason: str) -> None:
        self.counts.unreadable += 1
        self.watch.left_out(row.file, row.line, reason)

    def bad(self, kind: str, row: Row, reason: str) -> None:
        self.counts.bad[kind] += 1
        self.watch.left_out(row.file, row.line, reason)


@dataclass(frozen=True)
class Item:
    """A row that has its number, and the key under which it is kept."""

    row: Row
    key: str


def survey(move: Move) -> set[int]:
    """Count what the archive holds, tell what cannot be read; return who wrote it, by number.

    Raises Unreadable when one of its files is no dump.
    """
    writers = set()
    for table in ("Posts", "Comments"):
        for row in move.archive.rows(table):
            try:
                kind = _kind(row, table)
            except Bad as bad:
                move.unreadable(row, str(bad))
                continue
            if kind:
                move.counts.archive[kind] += 1
                move.counts.archive[ACCEPTED] += kind == QUESTION and rows.accepts(row)
                writers.add(rows.author(row).number)
    next(move.archive.rows("Users"), None)
    return writers - {None}


def _kind(row: Row | Broken, table: str) -> str | None:
    if isinstance(row, Broken):
        raise Bad(row.reason)
    return COMMENT if table == "Comments" else rows.kind(row)


def bundles(move: Move, kind: str, *, again: bool = False) -> Iterator[list[Item]]:
    """The rows of one kind, none twice in a bundle; `again` does not repeat what was told."""
    bundle: dict[str, Item] = {}
    size = 0
    for row in move.archive.rows(_TABLE[kind]):
        try:
            item = _item(move, row, kind)
            if item and item.key in bundle:
                raise Bad(f"its Id {row.values['Id']} was there before")
        except Bad as bad:
            if not again:
                move.bad(kind, row, str(bad))
            continue
        if item:
            bundle[item.key] = item
            size += len(row.values.get("Body", ""))
        if len(bundle) == BUNDLE or size > BUNDLE_CHARACTERS:
            yield list(bundle.values())
            bundle, size = {}, 0
    if bundle:
        yield list(bundle.values())


def _item(move: Move, row: Row | Broken, kind: str) -> Item | None:
    try:
        if _kind(row, _TABLE[kind]) != kind:
            return None
    except Bad:  # the survey has told
        return None
    return Item(row, move.key(kind, rows.number(row)))
