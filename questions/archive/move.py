"""One move of an archive into a circle: what it works on, what it counts, and its rows in
bundles of bounded size. Reads files; writes nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Circle
from members.models import Member
from questions.archive.dump import Dump
from questions.archive.spreadsheet import Spreadsheet
from questions.archive.texts import ACCEPTED, Bad, Broken, Entry, Flaw, Orphan, Row

BUNDLE = 300  # rows
BUNDLE_CHARACTERS = 2_000_000  # of text, when the rows are long
Archive = Dump | Spreadsheet


class Watch:
    """Somebody who is told how far it is, what comes, and what was left out. Here: nobody."""

    def begins(self, total: int) -> None: ...

    def comes(self, row: Row, title: str) -> None: ...

    def keeps(self, move: "Move", count: int) -> None:
        """Called at the end of the transaction of each bundle."""

    def keeps_row(self, counts: "Counts", passed: int) -> None:
        """The same for a list of people, whose every row is a bundle."""

    def moves(self, count: int) -> None:
        """Called after it."""

    def left_out(self, file: str, line: int, reason: str) -> None: ...


COUNTED = ("archive", "moved", "there", "bad", "held")


@dataclass
class Counts:
    """For each kind: in the archive, moved in now, there already, unusable; and what the circle
    holds of this archive at the end."""

    archive: Counter = field(default_factory=Counter)
    moved: Counter = field(default_factory=Counter)
    there: Counter = field(default_factory=Counter)
    bad: Counter = field(default_factory=Counter)
    held: Counter = field(default_factory=Counter)
    unreadable: int = 0  # rows of which not even the kind is known
    rows: int = 0  # rows left out, whatever they say

    def as_json(self) -> dict:
        return dict(vars(self))

    @classmethod
    def from_json(cls, told: dict) -> "Counts":
        counts = {name: Counter(told.get(name, {})) for name in COUNTED}
        return cls(**counts, unreadable=told.get("unreadable", 0), rows=told.get("rows", 0))


@dataclass
class Move:
    archive: Archive
    circle: Circle
    by: Member
    dry_run: bool
    watch: Watch
    counts: Counts = field(default_factory=Counts)
    # Bundles of each kind that are behind us, when somebody kept that of an earlier run.
    passed: Counter = field(default_factory=Counter)
    began_at: datetime = field(default_factory=timezone.now)
    # In a dry run the database cannot be asked which posts have come: key of a post -> key of
    # its question.
    coming: dict[str, str] = field(default_factory=dict)
    told: set[tuple[str, int]] = field(default_factory=set)  # rows left out already

    def key(self, kind: str, number: str) -> str:
        """The name of a row, unique in a circle that may hold several archives."""
        return self.archive.key(kind, number)

    def unreadable(self, row: Broken) -> None:
        self.counts.unreadable += 1
        self.counts.rows += 1
        self.watch.left_out(row.file, row.line, row.reason)

    def bad(self, kind: str, row: Row, bad: Bad) -> None:
        """Count a row that cannot come, and tell it; not again what only follows from that."""
        self.counts.bad[kind] += 1
        if isinstance(bad, Orphan) and (row.file, row.line) in self.told:
            return
        self.counts.rows += (row.file, row.line) not in self.told
        self.told.add((row.file, row.line))
        self.watch.left_out(row.file, row.line, str(bad))


@dataclass(frozen=True)
class Item:
    """An entry, and the key under which it is kept."""

    entry: Entry
    key: str

    @property
    def row(self) -> Row:
        return self.entry.row


def survey(move: Move) -> set[int]:
    """Count what the archive holds, tell what cannot be read; return who wrote it, by number.

    Raises Unreadable when one of its files is no archive.
    """
    writers = set()
    for found in move.archive.survey():
        if isinstance(found, Broken):
            move.unreadable(found)
            continue
        kind, author = found
        move.counts.archive[kind] += 1
        if author:
            writers.add(author.number)
    return writers - {None}


def bundles(move: Move, kind: str) -> Iterator[list[Item]]:
    """The rows of one kind, none twice in a bundle; those that are behind us left out."""
    bundle: dict[str, Item] = {}
    size, behind = 0, move.passed[kind]
    for entry in move.archive.entries(kind):
        item = _item(move, kind, entry, bundle, again=behind > 0)
        if item is None:
            continue
        bundle[item.key] = item
        size += sum(map(len, item.row.values.values()))
        if len(bundle) == BUNDLE or size > BUNDLE_CHARACTERS:
            if behind:
                behind -= 1
            else:
                yield list(bundle.values())
            bundle, size = {}, 0
    if bundle and not behind:
        yield list(bundle.values())


def _item(
    move: Move, kind: str, entry: Entry | Flaw, bundle: dict[str, Item], *, again: bool
) -> Item | None:
    """What cannot be used is told, once for a question and its accepted answer, and not again."""
    reason = entry.reason if isinstance(entry, Flaw) else ""
    if not reason:
        key = move.key(kind, entry.number)
        if key not in bundle:
            return Item(entry, key)
        number = entry.number if len(entry.number) <= 20 else ""
        reason = _("its number %(number)s was there before") % {"number": number}
    if kind != ACCEPTED and not again:
        move.bad(kind, entry.row, Bad(reason))
    return None
