"""What is new: events by the transaction that wrote them, so that a slow one is never missed.

Ids and times do not follow the order of commits. Everything below the oldest transaction that
still runs is final, so an issue tells up to there, and the next one starts there.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Max, Q

from questions.models import DigestPlan, Event

RESTORED = 2**62  # a cursor above every transaction: what follows is told by the ids of events


@dataclass(frozen=True)
class Window:
    """Events from the transaction `lower` up to, without, the transaction `upper`."""

    lower: int
    upper: int
    running: int  # the first transaction that had not begun
    after_event: int

    @classmethod
    def since(cls, plan: DigestPlan) -> "Window":
        """Return the window from the plan's cursor to this moment."""
        upper, running = _present()
        return cls(plan.cursor_xid, upper, running, plan.cursor_event)

    @property
    def is_restored(self) -> bool:
        """Whether this database is a restored one, whose transactions count from the start."""
        return self.lower > self.upper

    def condition(self) -> Q:
        if not self.is_restored:
            return Q(xid__gte=self.lower, xid__lt=self.upper)
        # Old numbers mean nothing here; only what may still be running is left for next time.
        return Q(id__gt=self.after_event) & (Q(xid__lt=self.upper) | Q(xid__gte=self.running))

    def last_event(self, circle_ids: list[int]) -> int:
        """Return the highest event this window holds in these circles, for the next cursor."""
        events = Event.objects.filter(self.condition(), circle_id__in=circle_ids)
        return max(self.after_event, events.aggregate(last=Max("id"))["last"] or 0)


def _present() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint "
            "from pg_current_snapshot() now"
        )
        return cursor.fetchone()


def running() -> int:
    """Return the first transaction that had not begun."""
    return _present()[1]


def from_now_on(circle_ids: list[int]) -> tuple[int, int]:
    """Return the cursor (transaction, event) of a reader whose digests begin now."""
    upper, _ = _present()
    last = Event.objects.filter(circle_id__in=circle_ids).aggregate(last=Max("id"))["last"]
    return upper, last or 0
