"""The ledger of erasures: what was erased stays erased, also after an old backup is put back.

Every act that erases adds a line in its own transaction: kind, row and moment, no content. So does
'never write to me again', a promise that must outlive a database as well. The worker copies the
lines to a file outside the database, since a lost database takes its own with it. After a restore
each is done again, by the act its kind has registered.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from members.models import Erasure

BATCH = 1000


@dataclass(frozen=True)
class Line:
    """One erasure, as the file tells it."""

    kind: str
    row_id: int
    at: datetime
    key: str = ""


_AGAIN: dict[str, Callable[[Line], bool]] = {}


def erasure(kind: str) -> Callable:
    """Register how a row of this kind is erased once more; it says whether anything was left."""

    def register(again: Callable[[Line], bool]) -> Callable[[Line], bool]:
        _AGAIN[kind] = again
        return again

    return register


def record(kind: str, row_id: int) -> None:
    """Add a line to the ledger, in the transaction of the act that erases."""
    if kind not in _AGAIN:
        raise LookupError(f"nobody has registered how {kind!r} is erased once more")
    Erasure.objects.bulk_create([Erasure(kind=kind, row_id=row_id)], ignore_conflicts=True)


# --- outside the database -----------------------------------------------------------------
def keep_outside(path: Path) -> int:
    """Copy lines that are not in the file yet, on disk before they count; return how many.

    Whoever is killed in between writes them a second time, which does no harm.
    """
    kept = 0
    while batch := _copy_batch(path):
        kept += batch
    return kept


@transaction.atomic
def _copy_batch(path: Path) -> int:
    rows = list(
        Erasure.objects.filter(kept_at=None)
        .select_for_update(skip_locked=True)
        .order_by("id")[:BATCH]
    )
    if rows:
        _append(path, [Line(row.kind, row.row_id, row.at, row.key) for row in rows])
        ids = [row.pk for row in rows]
        Erasure.objects.filter(pk__in=ids).update(kept_at=timezone.now())
    return len(rows)


def _append(path: Path, lines: list[Line]) -> None:
    """Write whole lines after what is there, and wait for the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        end = os.lseek(descriptor, 0, os.SEEK_END)
        is_cut = end and os.pread(descriptor, 1, end - 1) != b"\n"  # somebody died in the middle
        text = "".join(_written(line) for line in lines)
        with open(descriptor, "ab", closefd=False) as file:
            file.write(b"\n" * bool(is_cut) + text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        _sync_folder(path.parent)


def _written(line: Line) -> str:
    facts = {"kind": line.kind, "row": line.row_id, "at": line.at.isoformat()}
    return json.dumps(facts | ({"key": line.key} if line.key else {})) + "\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_file(path: Path) -> tuple[list[Line], int]:
    """Read the file; return its lines and how many could not be read."""
    lines, bad = [], 0
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in filter(str.strip, file):
            try:
                facts = json.loads(text)
                at = datetime.fromisoformat(facts["at"])
                key = str(facts.get("key", ""))
                lines.append(Line(str(facts["kind"]), int(facts["row"]), at, key))
            except (ValueError, KeyError, TypeError):
                bad += 1
    return lines, bad


def lines_here() -> list[Line]:
    """Read the ledger of this database."""
    rows = Erasure.objects.order_by("id").values_list("kind", "row_id", "at", "key")
    return [Line(*row) for row in rows]


# --- after a restore ----------------------------------------------------------------------
@dataclass
class Again:
    """What came of erasing once more."""

    erased: int = 0
    gone: int = 0  # nothing of them was in the backup
    unknown: int = 0  # this Kring does not know their kind


def apply_again(lines: Iterable[Line]) -> Again:
    """Erase once more whatever a backup brought back, and keep its lines in the ledger.

    Each line is a transaction of its own. As the owner of the tables, after a restore only.
    """
    found = Again()
    for line in sorted(set(lines), key=lambda line: (line.at, line.kind, line.row_id)):
        with transaction.atomic():
            row = Erasure(kind=line.kind, row_id=line.row_id, at=line.at, key=line.key)
            Erasure.objects.bulk_create([row], ignore_conflicts=True)
            again = _AGAIN.get(line.kind)
            if again is None:
                found.unknown += 1
            elif again(line):
                found.erased += 1
            else:
                found.gone += 1
    return found
