"""Whose digest is due: plans for newcomers, and the issue of each week, once. As the house."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.dates import WEEKDAYS

from circles.models import Membership
from kring.lib.acting import acting_as
from members import links
from members.models import Browser, Member
from members.restored import when_restored
from questions.digests import moments, window
from questions.digests.ceilings import is_left_out
from questions.models import DigestIssue, DigestPlan, Event

log = logging.getLogger(__name__)
LINK = "unsubscribe"
TOGETHER = 100  # plans whose issues are made in one transaction
# Whoever has not been on the web for so long gets the digest once a month; then no more, until
# they come again. Nobody is watched for it: it is read from their sign-ins.
RARELY, GONE = timedelta(weeks=8), timedelta(weeks=26)
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
    for plan in list(DigestPlan.objects.exclude(cursors={})):
        plan.cursors = {c: [window.RESTORED, told] for c, (_, told) in plan.cursors.items()}
        plan.save(update_fields=["cursors"])
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
    """Make the issues of each due moment, unless its week has them, and move on to the next."""
    now = timezone.now()
    plans = list(
        DigestPlan.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=member_ids, next_due_at__lte=now)  # else somebody is at it, or was
        .exclude(every=Every.NEVER)
        .select_related("member")
        .annotate(session_until=Subquery(_sessions.values("until")[:1]))
        .order_by("next_due_at", "pk")
    )
    circles = _circles_of([plan.pk for plan in plans])
    issues = []
    for plan in plans:
        plan.seen_at = _seen(plan)
        if _is_wanted(plan, now) and circles[plan.pk]:
            scopes = _parts(plan, circles[plan.pk]) if plan.per_circle else [0]
            issues += [_issue(plan, scope, now) for scope in scopes]
        plan.next_due_at = next_due(plan)
    DigestIssue.objects.bulk_create(issues, ignore_conflicts=True)
    _move_on(plans)


_sessions = Browser.objects.signed_in().filter(member_id=OuterRef("pk")).order_by("-until")


def _circles_of(member_ids: list[int]) -> dict[int, list[int]]:
    """Return in which circles these members read."""
    found = defaultdict(list)
    rows = Membership.objects.reading().filter(member_id__in=member_ids).order_by("circle_id")
    for member_id, circle_id in rows.values_list("member_id", "circle_id"):
        found[member_id].append(circle_id)
    return found


def _seen(plan: DigestPlan) -> datetime:
    """Return when this member was on the web last, as far as their sign-ins tell: a session that
    runs tells its last use."""
    known = [plan.seen_at, plan.member.last_login, plan.member.joined_at]
    if plan.session_until:
        known.append(plan.session_until - timedelta(seconds=settings.SESSION_COOKIE_AGE))
    return max(moment for moment in known if moment)


def weeks_away(plan: DigestPlan) -> int:
    """Say for how many weeks a member has not been here, once that changes their digest; else 0."""
    away = timezone.now() - plan.seen_at if plan.seen_at else timedelta(0)
    return away // timedelta(weeks=1) if away >= RARELY else 0


def _is_wanted(plan: DigestPlan, now: datetime) -> bool:
    """Whether the moment a plan has come to is one at which its member wants a digest."""
    if is_paused(plan) or not plan.member.is_active or now - plan.seen_at >= GONE:
        return False
    due_at = plan.next_due_at - moments.jitter(plan.pk)
    is_first = due_at.astimezone(moments.zone_of(plan.zone)).day <= 7
    return is_first or now - plan.seen_at < RARELY


def _parts(plan: DigestPlan, circle_ids: list[int]) -> list[int]:
    """Return the circles that get a digest of their own, and number those that have no number."""
    wanted = [circle_id for circle_id in circle_ids if not is_left_out(circle_id, plan)]
    plan.parts = plan.parts + [c for c in wanted if c not in plan.parts]
    return wanted


def _issue(plan: DigestPlan, scope: int, now: datetime) -> DigestIssue:
    """Return the issue of the moment this plan has come to; one that is too late ends at once."""
    issue = DigestIssue(
        member_id=plan.pk, week=week_of(plan, plan.next_due_at), scope=scope, planned_at=now
    )
    if now - plan.next_due_at > LATE:
        issue.state, issue.reason, issue.settled_at = State.SKIPPED, "late", now
    return issue


def _move_on(plans: list[DigestPlan]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update questions_digestplan plan "
            "set next_due_at = next.at, seen_at = next.seen, parts = next.parts::jsonb "
            "from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[]) "
            "next (id, at, seen, parts) where plan.member_id = next.id",
            [
                [plan.pk for plan in plans],
                [plan.next_due_at for plan in plans],
                [plan.seen_at for plan in plans],
                [json.dumps(plan.parts) for plan in plans],
            ],
        )
