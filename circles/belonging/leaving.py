"""A member pauses, comes back, or leaves: acts of one's own, at any moment, without a reason."""

from datetime import date, timedelta

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.belonging import moves
from circles.belonging.year import is_verified
from circles.models import Membership
from kring.lib.refused import Refused
from members.models import Member

S = Membership.State
LONGEST = 183  # days of a pause


def pause(membership: Membership, *, until: date, by: Member) -> None:
    """Be away from a circle until a day: nothing is read, nothing comes by mail, the seat stays.

    Raises Refused for a day that is past or too far, and where fewer than two admins would stay.
    """
    today = timezone.localdate()
    if not today < until <= today + timedelta(days=LONGEST):
        raise Refused(
            _("Choose a day from tomorrow on, within half a year."),
            field="until",
        )
    moves.move(
        membership, S.PAUSED, who=moves.MEMBER, by=by, letter="membership_paused", back_on=until
    )


def come_back(membership: Membership, *, by: Member) -> None:
    """End one's pause, or the grace that followed it. Whoever was to be verified meanwhile still is.

    Raises Refused where only a verification leads back.
    """
    new = S.ACTIVE if is_verified(membership) else S.REVERIFY_DUE
    if new not in moves.MOVES[membership.state]:
        raise Refused(_("First an admin confirms who you are and that you may practise."))
    facts = {"back_on": None} if membership.state == S.PAUSED else {}
    facts["renewed_at"] = Now()  # whoever comes back, stays
    moves.move(membership, new, who=moves.MEMBER, by=by, letter="membership_active", **facts)


def leave(membership: Membership, *, by: Member) -> None:
    """Leave a circle. What one wrote stays one's own, to take along or to withdraw.

    Raises Refused where fewer than two admins would stay.
    """
    facts = {"back_on": None} if membership.state == S.PAUSED else {}
    moves.move(membership, S.LEFT, who=moves.MEMBER, by=by, letter="membership_left", **facts)
