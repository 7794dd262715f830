"""Making issues: the one of the week, built as its reader, and one that somebody asks for."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import letters
from members.models import Member
from questions.digests import moments, planning, settling
from questions.digests.collecting import collect
from questions.digests.items import Item, are_worth_a_mail
from questions.digests.lines import Arranged, arrange
from questions.digests.reader import Reader
from questions.digests.today import Today
from questions.digests.window import Window
from questions.models import DigestIssue, DigestPlan

KIND = "weekly_digest"
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


@transaction.atomic
def build(issue_id: int) -> None:
    """Collect a planned issue as its reader, once, and post its letter; without content, end it.

    It waits while an earlier issue is under way: only then the cursor says what was told.
    """
    issue = (
        DigestIssue.objects.select_for_update(skip_locked=True)
        .filter(pk=issue_id, state=State.PLANNED)
        .first()
    )
    if issue is None or _is_earlier_under_way(issue):
        return
    plan = DigestPlan.objects.get(pk=issue.member_id)
    reason = obstacle(plan, issue) or _fill(issue, plan)
    if reason:
        settling.skip(issue, reason)
        return
    issue.state = State.BUILT
    issue.save()
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
    issue = DigestIssue(member_id=member.pk, week=week, asked=(last or 0) + 1, planned_at=now)
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
    reader = Reader.of(member)
    window = Window.since(plan) if plan else Window(0, 0, 0, 0)
    items = collect(reader, window) if reader.memberships else []
    today = Today.of(items, reader)
    return arrange(items, today), today


def _fill(issue: DigestIssue, plan: DigestPlan) -> str:
    """Put into the issue what there is for its reader; return why it must not go, or ''."""
    member = Member.objects.filter(pk=issue.member_id, is_active=True).first()
    if member is None:
        return "closed"
    if member.mail_off_since:
        return "bouncing"
    with acting_as(member.pk):
        reader = Reader.of(member)
        if not reader.memberships:
            return "not_member"
        window = Window.since(plan)
        items = collect(reader, window)
        issue.items = _with_rest_marked(items, reader)
        issue.upper_event = window.last_event(reader.reads)
    issue.lower_xid, issue.upper_xid = window.lower, window.upper
    issue.built_at = timezone.now()
    return "" if are_worth_a_mail(items) else "empty"


def _with_rest_marked(items: list[Item], reader: Reader) -> list[Item]:
    """Mark what finds no place in this digest: it is counted, and may be told another time."""
    placed = arrange(items, Today.of(items, reader)).placed
    return [item if place in placed else {**item, "rest": 1} for place, item in enumerate(items)]


def _is_earlier_under_way(issue: DigestIssue) -> bool:
    return DigestIssue.objects.filter(
        member_id=issue.member_id,
        asked=0,
        pk__lt=issue.pk,
        state__in=[State.PLANNED, State.BUILT, State.SENDING],
    ).exists()
