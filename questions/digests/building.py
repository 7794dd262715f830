"""Making issues: the one of the week, built as its reader, and one that somebody asks for."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from kring.lib.acting import acting_as
from kring.lib.kept import kept
from kring.lib.refused import Refused
from members import letters, poke
from members.models import Member
from questions.digests import moments, planning, settling
from questions.digests.collecting import collect
from questions.digests.items import are_worth_a_mail
from questions.digests.lines import Arranged, arrange
from questions.digests.reader import Reader
from questions.digests.today import Today
from questions.digests.window import Window
from questions.models import DigestIssue, DigestPlan

log = logging.getLogger(__name__)
KIND = "weekly_digest"
TOGETHER = 25  # issues built before other work of the queue has its turn
ASK_AGAIN = timedelta(hours=1)
Every, State = DigestPlan.Every, DigestIssue.State


def obstacle(plan: DigestPlan, issue: DigestIssue) -> str:
    """Say why an issue must not go (any more), or '' when nothing stands in its way."""
    if timezone.now() - issue.planned_at > planning.LATE:
        return "late"
    if plan.every == Every.NEVER:
        return "unsubscribed"
    if planning.is_paused(plan):
        return "paused"
    return ""


def build_some(after: int = 0) -> int | None:
    """Build the issues that wait behind this one, as many as fit in one turn of the worker; return
    the last of them when there may be more. A fault with one leaves the others."""
    issue_ids = planning.waiting(after, TOGETHER)
    with poke.gathered():
        for issue_id in issue_ids:
            try:
                build(issue_id)
            except Exception:
                log.exception("digest issue %s could not be built and is tried again", issue_id)
    return issue_ids[-1] if len(issue_ids) == TOGETHER else None


@transaction.atomic
def build(issue_id: int) -> None:
    """Collect a planned issue as its reader, once, and post its letter; without content, end it.

    It waits while an earlier issue is under way: only then the cursor says what was told.
    """
    issue = _planned.first(issue_id)
    if issue is None or issue.waits:
        return
    plan = issue.member.digest_plan
    reason = obstacle(plan, issue) or _fill(issue, plan)
    if reason:
        settling.skip(issue, reason)
        return
    _keep_built(issue)
    letters.post(KIND, member=issue.member_id, subject_id=issue.pk)


@transaction.atomic
def ask(member: Member, *, again_after: timedelta = ASK_AGAIN) -> DigestIssue:
    """Make an issue for somebody who wants one now; it moves no cursor. The issue is on its way,
    or skipped with its reason.

    Raises Refused when one was asked for a moment ago.
    """
    planning.plan_for(member.pk)
    plan = DigestPlan.objects.select_for_update().get(pk=member.pk)  # one at a time
    now = timezone.now()
    asked = DigestIssue.objects.filter(member_id=member.pk, asked__gt=0)
    recent = asked.filter(planned_at__gt=now - again_after).exclude(state=State.SKIPPED)
    if recent.exists():
        raise Refused(_("You asked for one less than an hour ago."))
    week = moments.week_of(now, moments.zone_of(plan.zone))
    last = asked.filter(week=week).aggregate(last=Max("asked"))["last"]
    issue = DigestIssue(member=member, week=week, asked=(last or 0) + 1, planned_at=now)
    issue.reason = obstacle(plan, issue) or _fill(issue, plan)
    issue.state = State.SKIPPED if issue.reason else State.BUILT
    issue.settled_at = now if issue.reason else None
    issue.save()
    if not issue.reason:
        letters.post(KIND, member=member.pk, subject_id=issue.pk)
    return issue


def preview(member: Member) -> tuple[Arranged, Today]:
    """Arrange what the next digest would say if it came now. Acts as the member."""
    plan = DigestPlan.objects.filter(pk=member.pk).first()
    reader = Reader.of(member, plan)
    window = Window.since(plan) if plan else Window(0, 0, 0, 0)
    items = collect(reader, window) if reader.memberships else []
    today = Today.of(items, reader)
    return arrange(items, today), today


def _fill(issue: DigestIssue, plan: DigestPlan) -> str:
    """Put into the issue what there is for its reader; return why it must not go, or ''."""
    member = issue.member
    if not member.is_active:
        return "closed"
    if member.mail_off_since:
        return "bouncing"
    with acting_as(member.pk, savepoint=False):
        reader = Reader.of(member, plan, issue.scope)
        if reader.why_nothing:
            return reader.why_nothing
        window = Window.since(plan, issue.scope)
        items = collect(reader, window)
        issue.items = items
        issue.upper_event = window.last_event(reader.reads)
    issue.lower_xid, issue.upper_xid = window.lower, window.upper
    issue.built_at = timezone.now()
    return "" if are_worth_a_mail(items) else "empty"


@kept
def _planned(issue_id: int):
    """The issue with its member and their plan, held until it is built; `waits` while an earlier
    one that may tell the same is under way."""
    earlier = DigestIssue.objects.filter(
        member_id=OuterRef("member_id"),
        asked=0,
        pk__lt=OuterRef("pk"),
        state__in=[State.PLANNED, State.BUILT, State.SENDING],
    )
    of_same = earlier.filter(Q(scope=0) | Q(scope=OuterRef("scope")))
    waits = Q(Exists(of_same)) | Q(Exists(earlier), scope=0)
    rows = DigestIssue.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.filter(pk=issue_id, state=State.PLANNED)
    rows = rows.annotate(waits=ExpressionWrapper(waits, BooleanField()))
    return rows.select_related("member__digest_plan").only(*_OF_ISSUE)


_OF_ISSUE = (
    *("member_id", "week", "scope", "asked", "state", "planned_at"),
    *("member__is_active", "member__email", "member__language", "member__mail_off_since"),
    *("member__digest_plan__" + name for name in ("every", "zone", "paused_until")),
    *("member__digest_plan__" + name for name in ("cursor_xid", "cursor_event", "cursors")),
    *("member__digest_plan__" + name for name in ("circles", "only_mine")),
)


def _keep_built(issue: DigestIssue) -> None:
    issue.state = State.BUILT
    bounds = issue.lower_xid, issue.upper_xid, issue.upper_event
    with connection.cursor() as cursor:
        cursor.execute(
            _BUILT, [issue.state, Jsonb(issue.items), *bounds, issue.built_at, issue.pk]
        )


_BUILT = """
    update questions_digestissue
    set state = %s, items = %s, lower_xid = %s, upper_xid = %s, upper_event = %s, built_at = %s
    where id = %s"""
