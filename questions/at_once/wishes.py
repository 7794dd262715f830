"""What a member wants at once, and when they want quiet."""

from datetime import time

from django.db import transaction

from kring.lib.acting import acting_with
from members import audit
from members.models import Link, Member
from questions.at_once.kinds import KINDS, Kind, wants
from questions.digests import planning
from questions.models import DigestPlan


@transaction.atomic
def change(
    *,
    by: Member,
    wanted: list[str],
    quiet_from: time,
    quiet_until: time,
    quiet_weekends: bool,
) -> None:
    """Choose which letters come at once, and when none may. Counts for those that wait, too.

    The audit says which kinds were switched, and whether the quiet hours were changed.
    """
    planning.plan_for(by.pk)
    plan = DigestPlan.objects.select_for_update().get(pk=by.pk)
    switched = {
        kind.name: kind.name in wanted
        for kind in KINDS.values()
        if wants(plan, kind) != (kind.name in wanted)
    }
    before = plan.quiet_from, plan.quiet_until, plan.quiet_weekends
    quiet = before != (quiet_from, quiet_until, quiet_weekends)
    if not switched and not quiet:
        return
    plan.letters = {**plan.letters, **switched}
    plan.quiet_from, plan.quiet_until = quiet_from, quiet_until
    plan.quiet_weekends = quiet_weekends
    plan.save(update_fields=["letters", "quiet_from", "quiet_until", "quiet_weekends"])
    audit.record("letters.chosen", by=by, about=by.pk, letters=switched, quiet_changed=quiet)


def switch_by_link(link: Link, kind: Kind, *, on: bool) -> None:
    """Stop one kind of letter, or let it come again, for the holder of its link. Twice is once."""
    with acting_with(link.pk):
        plan = DigestPlan.objects.select_for_update().get(link_id=link.pk)
        if wants(plan, kind) == on:
            return
        plan.letters = {**plan.letters, kind.name: on}
        plan.save(update_fields=["letters"])
        audit.record("letters.chosen", by=None, about=plan.pk, letters={kind.name: on})
