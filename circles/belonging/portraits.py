"""What a member says of themselves in one circle, and saying it anew."""

from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from circles.models import Membership, Portrait
from members import audit
from members.models import Member


def portrait_of(membership: Membership) -> Portrait:
    """Hand over what stands there, or an empty one that is not kept yet."""
    kept = Portrait.objects.of(membership).first()
    return kept or Portrait(circle_id=membership.circle_id, membership_id=membership.pk)


@transaction.atomic
def redraw(
    membership: Membership,
    *,
    by: Member,
    expertise: list[str],
    brings: str,
    seeks: str,
    welcomes: int,
    away_until: date | None,
) -> None:
    """Say anew what colleagues here may ask oneself, and how often.

    The audit keeps which lines were changed, not what they said, and not for the circle to read.
    """
    Portrait.objects.get_or_create(circle_id=membership.circle_id, membership_id=membership.pk)
    rows = Portrait.objects.of(membership)
    before = rows.select_for_update().get()
    given = {
        "expertise": expertise,
        "brings": brings,
        "seeks": seeks,
        "welcomes": welcomes,
        "away_until": away_until,
    }
    changed = [line for line, said in given.items() if getattr(before, line) != said]
    if changed:
        rows.update(**given, changed_at=Now())
        audit.record("portrait.changed", by=by, about=by.pk, lines=changed)
