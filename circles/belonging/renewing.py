"""At the end of a term a member says again: I stay, I pause, I leave. What else they say of the year
is read by them alone."""

from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from circles.belonging import leaving, moves
from circles.models import Membership, Renewal
from members import audit
from members.models import Member

C = Renewal.Choice


@transaction.atomic
def renew(
    membership: Membership, *, choice: str, by: Member, worth: str = "", until: date | None = None
) -> None:
    """Say what one does with the next term. Raises Refused for what pausing or leaving refuses."""
    row = Renewal(
        circle_id=membership.circle_id,
        membership_id=membership.pk,
        choice=choice,
        worth=worth,
    )
    row.save(force_insert=True)
    if choice == C.LEAVE:
        leaving.leave(membership, by=by)
    elif choice == C.PAUSE:
        leaving.pause(membership, until=until, by=by)
    else:
        moves.change(membership, {"state": membership.state}, renewed_at=Now())
        audit.record(
            "membership.renewed",
            by=by,
            circle_id=membership.circle_id,
            about=by.pk,
            subject="membership",
            subject_id=membership.pk,
        )
