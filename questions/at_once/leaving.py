"""Whether a letter may leave now, and the day it takes when it does. As the house.

One letter a thread and day, whatever its kind: when a letter leaves, its number (`seq`) becomes
that of the day, by the clock of its reader. What was not sent gives its day back. After the first
of a thread there are few a week (`hours.MOST_A_WEEK`).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from members.letters import Later
from members.models import Letter
from questions.at_once import hours
from questions.at_once.kinds import KINDS
from questions.digests import moments
from questions.models import DigestIssue, DigestPlan

ENDED = -10_000_000  # below every number of a letter that waits
Every, State = DigestPlan.Every, DigestIssue.State


def quiet_of(plan: DigestPlan) -> hours.Quiet:
    """Return the quiet hours this member chose."""
    return hours.Quiet(
        plan.quiet_from, plan.quiet_until, plan.quiet_weekends, moments.zone_of(plan.zone)
    )


@transaction.atomic
def take_its_day(letter: Letter) -> None:
    """Give this day of its thread to the letter. Raises Later when it may not leave yet."""
    # The lock lets two workers take one member's days one after the other.
    plan = DigestPlan.objects.select_for_update().get(pk=letter.member_id)
    now, quiet, kind = timezone.now(), quiet_of(plan), KINDS[letter.kind]
    today = quiet.day(now)
    others = Letter.objects.filter(kind__in=KINDS, member_id=letter.member_id, seq__gt=0)
    others = others.exclude(pk=letter.pk)
    days = list(others.filter(seq__gt=today - 7).values_list("seq", "subject_id"))
    first = others.filter(kind=letter.kind, subject_id=letter.subject_id)
    passes = kind.first_passes and not first.exists()
    moment = hours.may_leave(
        now,
        quiet,
        day_taken=(today, letter.subject_id) in days,
        digests=_digests(plan, now),
        fold=kind.fold,
        spent=() if passes else [day for day, _subject in days],
    )
    if moment > now:
        raise Later(moment)
    Letter.objects.filter(pk=letter.pk).update(seq=today)


def settle(letter: Letter) -> None:
    """Give back the day of a letter that did not go; another may take it."""
    if letter.state not in (Letter.State.SKIPPED, Letter.State.DEAD):
        return
    same = Letter.objects.filter(
        kind=letter.kind, member_id=letter.member_id, subject_id=letter.subject_id
    )
    lowest = same.aggregate(lowest=Min("seq"))["lowest"]
    Letter.objects.filter(pk=letter.pk).update(seq=min(lowest, ENDED) - 1)


def _digests(plan: DigestPlan, now: datetime) -> list[datetime]:
    """Return when this member's digests come that may tell the same: the next one, and one that
    is being made at this moment."""
    under_way = DigestIssue.objects.filter(
        member_id=plan.pk,
        state__in=[State.PLANNED, State.BUILT, State.SENDING],
        planned_at__gt=now - hours.BESIDE,
    )
    found = list(under_way.values_list("planned_at", flat=True))
    if plan.every != Every.NEVER:
        found.append(plan.next_due_at)
    return found
