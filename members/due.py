"""Timers: an act sets one, the sweep runs what is due, once each. No timer ever admits anybody."""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kring.lib.acting import acting_as
from members.models import Due

log = logging.getLogger(__name__)
_HANDLERS: dict[str, Callable[[Due], None]] = {}


def when_due(kind: str) -> Callable:
    """Register what happens when a timer of this kind falls due: one act, in one transaction."""

    def register(handler: Callable[[Due], None]) -> Callable[[Due], None]:
        _HANDLERS[kind] = handler
        return handler

    return register


def set_timer(
    kind: str,
    subject_id: int,
    at: datetime,
    *,
    circle_id: int | None = None,
    member_id: int | None = None,
    seq: int = 0,
) -> None:
    """Let something happen at a moment, as a member or (None) as the house.

    The same kind, subject and seq is set once.
    """
    Due.objects.bulk_create(
        [
            Due(
                kind=kind,
                subject_id=subject_id,
                due_at=at,
                circle_id=circle_id,
                member_id=member_id,
                seq=seq,
            )
        ],
        ignore_conflicts=True,
    )


def run_due(limit: int = 500) -> int:
    """Do what is due, oldest first, each in its own transaction; return how many were done.

    A timer whose act fails stays due and is tried at the next sweep.
    """
    done = 0
    for due_id in list(
        Due.objects.waiting().order_by("due_at", "id").values_list("id", flat=True)[:limit]
    ):
        try:
            done += _run_one(due_id)
        except Exception:
            log.exception("timer %s failed and stays due", due_id)
    return done


@transaction.atomic
def _run_one(due_id: int) -> bool:
    row = Due.objects.waiting().select_for_update(skip_locked=True).filter(pk=due_id).first()
    if row is None:
        return False  # somebody else is at it, or it is done
    with acting_as(row.member_id):
        _HANDLERS[row.kind](row)
    return bool(Due.objects.filter(pk=due_id, done_at=None).update(done_at=timezone.now()))


# --- for operators ------------------------------------------------------------------------
@dataclass(frozen=True)
class Waiting:
    """One timer that is set: what it does, for which row, when. No content."""

    kind: str
    subject_id: int
    circle_id: int | None
    due_at: datetime
    why: str

    @property
    def overdue(self) -> timedelta | None:
        late = timezone.now() - self.due_at
        return late if late > timedelta() else None


def waiting(*, kind: str = "", before: datetime | None = None, limit: int = 100) -> list[Waiting]:
    """List the timers that are set, the most overdue first. As the house."""
    rows = Due.objects.filter(done_at=None).order_by("due_at", "id")
    if kind:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(due_at__lte=before)
    with acting_as(None):
        return [
            Waiting(row.kind, row.subject_id, row.circle_id, row.due_at, why(row.kind))
            for row in rows[:limit]
        ]


def why(kind: str) -> str:
    """Say what a timer of this kind does: the promise of its act, or the act's name in words."""
    handler = _HANDLERS.get(kind)
    if handler is None:
        return "nobody does this any more"
    if said := inspect.getdoc(handler):
        return " ".join(said.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return handler.__name__.replace("_", " ")
