"""What a member wants of the digest: its moment, its rhythm, a rest, an end."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from kring.lib.acting import acting_with
from members import audit
from members.models import Link, Member
from questions.digests import moments, planning
from questions.models import DigestIssue, DigestPlan

Every = DigestPlan.Every


@transaction.atomic
def change_plan(
    *,
    by: Member,
    every: str,
    weekday: int,
    at: time,
    zone: str,
    paused_until: date | None,
) -> DigestPlan:
    """Set when the digest comes. A week keeps its one issue, also when the zone changes in it."""
    planning.plan_for(by.pk)
    plan = DigestPlan.objects.select_for_update().get(pk=by.pk)
    promised = plan.next_due_at if plan.every == Every.WEEK else None
    plan.every, plan.weekday, plan.at, plan.zone = every, weekday, at, zone
    plan.paused_until = paused_until
    if not planning.is_paused(plan):
        plan.paused_until = None
    if every != Every.NEVER:
        plan.next_due_at = _next_unsent(plan, promised)
    plan.save()
    return plan


def _next_unsent(plan: DigestPlan, promised: datetime | None) -> datetime:
    """Return the next moment whose week has no issue yet.

    When this week's new moment has gone by, the old one is kept if it is still to come: nobody
    waits two weeks because they changed their zone on the wrong day.
    """
    now = timezone.now()
    sent = set(
        DigestIssue.objects.filter(member_id=plan.pk, asked=0).values_list("week", flat=True)
    )
    this_week = moments.week_of(now, moments.zone_of(plan.zone))
    due_at = planning.next_due(plan)
    if (
        promised is not None
        and plan.every == Every.WEEK
        and now < promised < due_at
        and this_week not in sent
        and planning.week_of(plan, promised) == this_week != planning.week_of(plan, due_at)
    ):
        return promised
    while planning.week_of(plan, due_at) in sent:
        due_at = planning.next_due(plan, after=due_at)
    return due_at


def choose_by_link(link: Link, every: str = Every.NEVER) -> None:
    """Stop the digest, or change its rhythm, for the holder of its link. Twice is once."""
    with acting_with(link.pk):
        plan = DigestPlan.objects.select_for_update().get(link_id=link.pk)
        if plan.every == every:
            return
        plan.every = every
        if every != Every.NEVER:
            plan.next_due_at = planning.next_due(plan)
        plan.save(update_fields=["every", "next_due_at"])
        audit.record("digest.chosen", by=None, about=plan.pk, every=every)
