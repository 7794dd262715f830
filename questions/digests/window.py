"""What is new: events by the transaction that wrote them, so that a slow one is never missed.

Ids and times do not follow the order of commits. Everything below the oldest transaction that
still runs is final, so an issue tells up to there, and the next one starts there.
"""

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Max, Q

from kring.lib import among  # noqa: F401 (the lookup)
from kring.lib.kept import kept
from questions.models import DigestPlan, Event

RESTORED = 2**62  # a cursor above every transaction: what follows is told by the ids of events


@dataclass(frozen=True)
class Window:
    """Events from the transaction `lower` up to, without, the transaction `upper`."""

    lower: int
    upper: int
    running: int  # the first transaction that had not begun
    after_event: int
    # Where digests of single circles have told further: (transaction, event) by circle.
    further: dict[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def since(cls, plan: DigestPlan, scope: int = 0) -> "Window":
        """Return the window from the plan's cursor, or from that of one circle, to this moment."""
        upper, running = _present()
        further = {int(circle): tuple(told) for circle, told in plan.cursors.items()}
        cursor = further.get(scope, (plan.cursor_xid, plan.cursor_event))
        return cls(cursor[0], upper, running, cursor[1], {} if scope else further)

    def is_news(self, circle_id: int, xid: int, event_id: int) -> bool:
        """Whether no digest of this circle alone has told this event of the window."""
        if circle_id not in self.further:
            return True
        first, last = self.further[circle_id]
        return event_id > last if self.is_restored else xid >= first

    @property
    def is_restored(self) -> bool:
        """Whether this database is a restored one, whose transactions count from the start."""
        return self.lower > self.upper

    @property
    def edges(self) -> tuple[int, ...]:
        """What `between` needs to know."""
        if self.is_restored:
            return self.after_event, self.upper, self.running
        return self.lower, self.upper

    def last_event(self, circle_ids: list[int]) -> int:
        """Return the highest event this window holds in these circles, for the next cursor."""
        return max([self.after_event, *_last(circle_ids, *self.edges)])


def between(first: int, upper: int, running: int | None = None) -> Q:
    """Events within the edges of a window."""
    if running is None:
        return Q(xid__gte=first, xid__lt=upper)
    # Old numbers mean nothing here; only what may still be running is left for next time.
    return Q(id__gt=first) & (Q(xid__lt=upper) | Q(xid__gte=running))


@kept
def _last(circle_ids: list[int], *edges: int):
    rows = Event.objects.filter(between(*edges), circle_id__among=circle_ids)
    return rows.order_by("-id").values_list("id", flat=True)[:1]


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
