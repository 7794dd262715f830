"""Whose digest is due: plans for newcomers, and the issue of each week, once. As the house."""

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.dates import WEEKDAYS

from circles.models import Membership
from kring.lib.acting import acting_as
from members import links
from members.models import Member
from members.restored import when_restored
from questions.digests import moments, window
from questions.models import DigestIssue, DigestPlan, Event

log = logging.getLogger(__name__)
LINK = "unsubscribe"
TOGETHER = 100  # plans whose issues are made in one transaction
LATE = timedelta(hours=48)  # after that an issue is not sent any more; its window carries over
Every, State = DigestPlan.Every, DigestIssue.State


def plan_due() -> list[int]:
    """Make missing plans and the issues that are due; return all issues that wait to be built.

    Whoever is killed here loses nothing, and a fault with one member leaves the others.
    """
    for member_id in _without_plan():
        _alone(plan_for, member_id)
    due = _due()
    for start in range(0, len(due), TOGETHER):
        _plan_some(due[start : start + TOGETHER])
    return waiting()


def waiting(after: int = 0, most: int | None = None) -> list[int]:
    """Return the issues that wait to be built, in their order: those after this one."""
    rows = DigestIssue.objects.filter(state=State.PLANNED, pk__gt=after).order_by("id")
    return list(rows.values_list("id", flat=True)[:most])


def plan_for(member_id: int) -> DigestPlan:
    """Return the plan of a member, made now when there is none. What happened before stays out."""
    if plan := DigestPlan.objects.filter(pk=member_id).first():
        return plan
    try:
        return _start_plan(member_id)
    except IntegrityError:  # somebody was first
        return DigestPlan.objects.get(pk=member_id)


def plan_or_default(member: Member) -> DigestPlan:
    """Return the plan of a member, or what it will be, without making it."""
    plan = DigestPlan.objects.filter(pk=member.pk).first()
    if plan is None:
        plan = DigestPlan(member_id=member.pk)
        plan.next_due_at = next_due(plan)
    return plan


@transaction.atomic
def _start_plan(member_id: int) -> DigestPlan:
    plan = DigestPlan(member_id=member_id, link=links.draw(LINK))
    with acting_as(member_id):
        circles = Membership.objects.reading().filter(member_id=member_id)
        cursor = window.from_now_on(list(circles.values_list("circle_id", flat=True)))
    plan.cursor_xid, plan.cursor_event = cursor
    plan.next_due_at = next_due(plan)
    plan.save(force_insert=True)
    return plan


def next_due(plan: DigestPlan, after: datetime | None = None) -> datetime:
    """Return the plan's first moment after this one (now), and after a rest; with the jitter."""
    after, zone = after or timezone.now(), moments.zone_of(plan.zone)
    if is_paused(plan):
        after = max(after, moments.in_utc(plan.paused_until, time.min, zone) - moments.MINUTE)
    moment = moments.next_after(
        after, every=plan.every, weekday=plan.weekday, at=plan.at, zone=zone
    )
    return moment + moments.jitter(plan.pk)


def week_of(plan: DigestPlan, due_at: datetime) -> str:
    """Name the week to which a due moment of this plan belongs."""
    return moments.week_of(due_at - moments.jitter(plan.pk), moments.zone_of(plan.zone))


def weekday_name(plan: DigestPlan) -> str:
    """Name the plan's weekday in the active language."""
    return str(WEEKDAYS[plan.weekday])


def is_paused(plan: DigestPlan) -> bool:
    """Whether the member rests from the digest today, by the calendar of their zone."""
    today = timezone.now().astimezone(moments.zone_of(plan.zone)).date()
    return plan.paused_until is not None and plan.paused_until > today


@when_restored
def begin_anew() -> str:
    """After a restore: no digest goes a second time for a moment that has passed, and each tells
    on from the last event it told.

    Another server counts its transactions anew, so the old numbers of transactions mean nothing:
    one that is still to come would tell an old event once more.
    """
    Event.objects.filter(xid__gte=window.running()).update(xid=0)
    DigestPlan.objects.update(cursor_xid=window.RESTORED)
    missed = DigestPlan.objects.filter(next_due_at__lte=timezone.now()).exclude(every=Every.NEVER)
    for plan in list(missed):
        plan.next_due_at = next_due(plan)
        plan.save(update_fields=["next_due_at"])
    left = DigestIssue.objects.filter(asked=0, state=State.PLANNED)
    left.update(state=State.SKIPPED, reason="restored", settled_at=timezone.now())
    return ""


def _without_plan() -> list[int]:
    reading = Membership.objects.reading().values("member_id")
    lacking = Member.objects.filter(is_active=True, pk__in=reading, digest_plan=None)
    return list(lacking.order_by("id").values_list("id", flat=True))


def _due() -> list[int]:
    due = DigestPlan.objects.filter(next_due_at__lte=timezone.now()).exclude(every=Every.NEVER)
    return list(due.order_by("next_due_at", "pk").values_list("pk", flat=True))


def _alone(act: Callable[[int], object], member_id: int) -> None:
    try:
        act(member_id)
    except Exception:
        log.exception("%s failed for member %s and is tried again", act.__name__, member_id)


def _plan_some(member_ids: list[int]) -> None:
    """Make their issues together; when that fails, each alone."""
    try:
        _plan(*member_ids)
    except Exception:
        for member_id in member_ids:
            _alone(_plan, member_id)


@transaction.atomic
def _plan(*member_ids: int) -> None:
    """Make the issue of each due moment, unless its week has one, and move on to the next."""
    now = timezone.now()
    plans = (
        DigestPlan.objects.select_for_update(skip_locked=True)
        .filter(pk__in=member_ids, next_due_at__lte=now)  # else somebody is at it, or was
        .exclude(every=Every.NEVER)
        .annotate(
            reads=Exists(Membership.objects.reading().filter(member_id=OuterRef("pk"))),
            active=Exists(Member.objects.filter(pk=OuterRef("pk"), is_active=True)),
        )
        .order_by("next_due_at", "pk")
    )
    issues, moments_ = [], {}
    for plan in plans:
        if plan.reads and plan.active and not is_paused(plan):
            issues.append(_issue(plan, now))
        moments_[plan.pk] = next_due(plan)
    DigestIssue.objects.bulk_create(issues, ignore_conflicts=True)
    _move_on(moments_)


def _issue(plan: DigestPlan, now: datetime) -> DigestIssue:
    """Return the issue of the moment this plan has come to; one that is too late ends at once."""
    week = week_of(plan, plan.next_due_at)
    if now - plan.next_due_at <= LATE:
        return DigestIssue(member_id=plan.pk, week=week, planned_at=now)
    return DigestIssue(
        member_id=plan.pk,
        week=week,
        planned_at=now,
        state=State.SKIPPED,
        reason="late",
        settled_at=now,
    )


def _move_on(next_due_at: dict[int, datetime]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update questions_digestplan plan set next_due_at = next.at "
            "from unnest(%s::bigint[], %s::timestamptz[]) next (id, at) "
            "where plan.member_id = next.id",
            [list(next_due_at), list(next_due_at.values())],
        )
