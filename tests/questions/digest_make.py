"""Rows a digest tells of. Each event is written long ago, by the transaction of its argument."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from questions.digests import planning, window
from questions.models import DigestIssue, DigestPlan, Event, Mark
from tests import make

EARLY = 5  # a transaction below every window's end


def event(question, kind, by, *, answer=None, at: datetime | None = None, xid: int | None = EARLY):
    """Something that happened; with xid=None in the transaction of now."""
    facts = {} if xid is None else {"xid": xid}
    return Event.objects.create(
        circle_id=question.circle_id,
        kind=kind,
        by_id=by.pk,
        question=question,
        answer=answer,
        at=at or timezone.now(),
        **facts,
    )


def answered(question, by, *, at=None, xid=EARLY, **facts):
    """An answer with its event."""
    given = make.answer(question, by=by, created_at=at or timezone.now(), **facts)
    event(question, "answered", by, answer=given, at=at, xid=xid)
    return given


def solved(question, *, xid=EARLY):
    type(question).objects.filter(pk=question.pk).update(state="answered")
    event(question, "accepted", question.author, xid=xid)


def known(question, *, xid=EARLY):
    type(question).objects.filter(pk=question.pk).update(state="closed")
    event(question, "outcome", question.author, xid=xid)


def read(question, by, at=None):
    Mark.objects.update_or_create(
        circle_id=question.circle_id,
        question=question,
        member_id=by.pk,
        defaults={"read_at": at or timezone.now()},
    )


def plan(member, **facts) -> DigestPlan:
    """A plan whose cursor stands at the beginning, due a minute ago."""
    made = planning.plan_for(member.pk)
    facts = {"cursor_xid": 1, "cursor_event": 0, **facts}
    facts.setdefault("next_due_at", timezone.now() - timedelta(minutes=1))
    DigestPlan.objects.filter(pk=made.pk).update(**facts)
    made.refresh_from_db()
    return made


def issue(member, week="2026-W48", **facts) -> DigestIssue:
    facts.setdefault("planned_at", timezone.now())
    return DigestIssue.objects.create(member_id=member.pk, week=week, **facts)


def below_every_window() -> None:
    """Wait until what is committed lies below a digest's window: others use this server too."""
    with connection.cursor() as cursor:
        for _ in range(600):
            cursor.execute(
                "select coalesce(max(xid), 0) < "
                "pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
                "from questions_event where xid > 100"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("select pg_sleep(0.05)")
    raise AssertionError("another transaction never ended")


class Clock:
    """A clock that moves only when it is told to; `Clock(monkeypatch)` sets it for a test."""

    def __init__(self, monkeypatch, start=datetime(2026, 11, 24, 6, 52, tzinfo=UTC)):
        self.now = start  # a Tuesday, when the digests of half past seven are due
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def on(self, **by):
        self.now += timedelta(**by)

    def to(self, moment: datetime):
        self.now = moment


class Transactions:
    """Transaction numbers that count as a test says, where waiting for real ones takes long."""

    def __init__(self, monkeypatch):
        self.next = 1000
        monkeypatch.setattr(window, "_present", lambda: (self.next, self.next))

    def one(self) -> int:
        self.next += 1
        return self.next - 1
