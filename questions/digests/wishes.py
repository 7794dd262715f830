"""What a member wants of the digest: its moment, its rhythm, a rest, an end."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from kring.lib.acting import acting_with
from members import audit
from members.models import Link, Member
from questions.digests import moments, planning
from questions.digests.ceilings import NEVER, is_left_out
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
    only_mine: bool | None = None,
) -> DigestPlan:
    """Set when the digest comes, and whether it holds everything or only what is for the member
    (None: as it was). A week keeps its one issue, also when the zone changes in it."""
    planning.plan_for(by.pk)
    plan = DigestPlan.objects.select_for_update().get(pk=by.pk)
    before = [getattr(plan, name) for name in _CHOSEN]
    promised = plan.next_due_at if plan.every == Every.WEEK else None
    plan.every, plan.weekday, plan.at, plan.zone = every, weekday, at, zone
    plan.paused_until = paused_until
    if only_mine is not None:
        plan.only_mine = only_mine
    if not planning.is_paused(plan):
        plan.paused_until = None
    if every != Every.NEVER:
        plan.next_due_at = _next_unsent(plan, promised)
    plan.save()
    if before != [getattr(plan, name) for name in _CHOSEN]:
        audit.record("digest.chosen", by=by, about=by.pk, every=every, only_mine=plan.only_mine)
    return plan


_CHOSEN = ("every", "weekday", "at", "zone", "paused_until", "only_mine")


@transaction.atomic
def change_circles(*, by: Member, per_circle: bool, circles: dict[int, str]) -> None:
    """Choose how much the mails of each circle may show, whether the digest has it at all, and
    whether each circle has a digest of its own. Counts for what is built, too."""
    planning.plan_for(by.pk)
    plan = DigestPlan.objects.select_for_update().get(pk=by.pk)
    chosen = {**plan.circles, **{str(circle_id): shows for circle_id, shows in circles.items()}}
    chosen = {circle_id: shows for circle_id, shows in chosen.items() if shows}
    if (chosen, per_circle) == (plan.circles, plan.per_circle):
        return
    plan.circles, plan.per_circle = chosen, per_circle
    plan.save(update_fields=["circles", "per_circle"])
    audit.record("digest.circles_chosen", by=by, about=by.pk, per_circle=per_circle)


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


def choose_by_link(link: Link, wish: str = Every.NEVER) -> None:
    """Stop the digest, change its rhythm, or let it hold only what is for its reader, for the
    holder of its link. Twice is once."""
    with acting_with(link.pk):
        plan = DigestPlan.objects.select_for_update().get(link_id=link.pk)
        every, only_mine = (wish, plan.only_mine) if wish in Every else (plan.every, True)
        if wish not in Every and every == Every.NEVER:
            every = Every.WEEK
        if (plan.every, plan.only_mine) == (every, only_mine):
            return
        if every not in (Every.NEVER, plan.every):
            plan.every = every
            plan.next_due_at = planning.next_due(plan)
        plan.every, plan.only_mine = every, only_mine
        plan.save(update_fields=["every", "only_mine", "next_due_at"])
        audit.record("digest.chosen", by=None, about=plan.pk, every=every, only_mine=only_mine)


def leave_out_by_link(link: Link, part: int, *, out: bool) -> None:
    """Leave one circle out of the digest, or take it in again, for the holder of the link in the
    digest of that circle. Twice is once."""
    with acting_with(link.pk):
        plan = DigestPlan.objects.select_for_update().get(link_id=link.pk)
        if part >= len(plan.parts) or is_left_out(plan.parts[part], plan) == out:
            return
        circle = str(plan.parts[part])
        plan.circles = {c: shows for c, shows in plan.circles.items() if c != circle}
        if out:
            plan.circles[circle] = NEVER
        plan.save(update_fields=["circles"])
        audit.record("digest.circles_chosen", by=None, about=plan.pk, left_out=out)
