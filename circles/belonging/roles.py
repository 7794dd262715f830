"""Member, vetter, admin. Another admin gives a role, nobody takes an admin's; an admin hands over
and steps down by themselves. Two admins stay, and the database counts."""

from django.db import transaction

from circles.belonging import letters, moves
from circles.models import Membership
from members import audit
from members.models import Member

R = Membership.Role


@transaction.atomic
def give(membership: Membership, role: str, *, by: Member) -> bool:
    """Give an active member another role; say whether that changed anything.

    Raises Refused naming who was first, and when one is no admin any more.
    """
    if membership.role == role:
        return False
    old = membership.role
    if by.pk == membership.member_id or old == R.ADMIN:
        raise LookupError("nobody gives themselves a role, nor takes an admin's")
    moves.hold_as_admin(membership)
    letters.tell("role_changed", membership)
    _change(membership, old, role, by)
    return True


@transaction.atomic
def step_down(membership: Membership, role: str, *, by: Member) -> None:
    """Lay one's own role down. Raises Refused where fewer than two admins would stay."""
    old = membership.role
    if (old, role) not in ((R.ADMIN, R.VETTER), (R.ADMIN, R.MEMBER), (R.VETTER, R.MEMBER)):
        raise LookupError(f"nobody steps down from {old} to {role}")
    letters.tell("role_changed", membership)
    _change(membership, old, role, by)


def _change(membership: Membership, old: str, new: str, by: Member) -> None:
    moves.change(membership, {"role": old, "state": Membership.State.ACTIVE}, role=new)
    audit.record(
        "membership.role_changed",
        by=by,
        circle_id=membership.circle_id,
        about=membership.member_id,
        subject="membership",
        subject_id=membership.pk,
        old=old,
        new=new,
    )
