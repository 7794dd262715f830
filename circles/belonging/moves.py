"""The states of a membership: who may move it where, and the one move.

Used by the rooms of belonging only. A trigger keeps the same table (kring_keep_membership), dates
each state, and lets the calendar look at the membership once more.
"""

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from circles.belonging import letters
from circles.models import Membership
from circles.moves import said
from kring.lib.refused import Refused
from members import audit
from members.models import AuditEntry, Member, Profile

S = Membership.State

# Who moves: the member, an admin of the circle (never about themselves), the house.
MEMBER, ADMIN, HOUSE = "member", "admin", "house"

MOVES = {
    S.PROBATION: {S.ACTIVE: {HOUSE}, S.LEFT: {MEMBER}, S.SUSPENDED: {ADMIN}, S.REMOVED: {ADMIN}},
    S.ACTIVE: {
        S.PAUSED: {MEMBER, HOUSE},
        S.REVERIFY_DUE: {HOUSE},
        S.LEFT: {MEMBER},
        S.SUSPENDED: {ADMIN},
        S.REMOVED: {ADMIN},
    },
    S.REVERIFY_DUE: {
        S.ACTIVE: {ADMIN},
        S.GRACE: {HOUSE},
        S.LEFT: {MEMBER},
        S.SUSPENDED: {ADMIN},
        S.REMOVED: {ADMIN},
    },
    S.GRACE: {
        S.ACTIVE: {MEMBER, ADMIN},
        S.LAPSED: {HOUSE},
        S.LEFT: {MEMBER},
        S.SUSPENDED: {ADMIN},
        S.REMOVED: {ADMIN},
    },
    S.PAUSED: {
        S.ACTIVE: {MEMBER},
        S.REVERIFY_DUE: {MEMBER},
        S.GRACE: {HOUSE},
        S.LEFT: {MEMBER},
        S.SUSPENDED: {ADMIN},
        S.REMOVED: {ADMIN},
    },
    S.SUSPENDED: {
        S.PROBATION: {ADMIN},
        S.ACTIVE: {ADMIN},
        S.REVERIFY_DUE: {ADMIN},
        S.REMOVED: {ADMIN},
        S.LEFT: {MEMBER},
    },
    S.LEFT: {},  # from here only kring_admit() leads back
    S.LAPSED: {},
    S.REMOVED: {},
}

FEW_ADMINS = "two admins stay"  # as the database says it
LOST_ADMIN = "no admin any more"


@transaction.atomic
def move(
    membership: Membership, new: str, *, who: str, by: Member | None, letter: str, **facts
) -> None:
    """Move a membership once, with its audit line and the letter to its member.

    Raises Refused when somebody was first, or too few admins would stay; LookupError for a move
    that is not in the table.
    """
    old = membership.state
    if who not in MOVES[old].get(new, ()):
        raise LookupError(f"{who} moves no membership from {old} to {new}")
    letters.tell(letter, membership)  # before: whoever leaves writes to no peer afterwards
    change(membership, {"state": old}, state=new, **facts)
    audit.record(
        "membership.moved",
        by=by,
        circle_id=membership.circle_id,
        about=membership.member_id,
        subject="membership",
        subject_id=membership.pk,
        old=old,
        new=new,
    )


def change(membership: Membership, expected: dict, **facts) -> None:
    """Change a membership while it is what it was thought to be. Raises Refused otherwise."""
    hold_circle(membership)
    rows = Membership.objects.filter(pk=membership.pk, circle_id=membership.circle_id, **expected)
    try:
        with transaction.atomic():
            changed = rows.update(**facts)
    except DatabaseError as error:
        raise refusal(error) from error
    if not changed:
        raise first_was(membership)
    for name, value in facts.items():
        setattr(membership, name, timezone.now() if isinstance(value, Now) else value)


def hold_as_admin(membership: Membership) -> None:
    """Begin an act about somebody else: nobody takes one's own right away before it ends.

    Raises Refused when somebody did a moment ago.
    """
    if not hold_circle(membership):
        raise Refused(_("You are no admin of this circle any more."))


def hold_circle(membership: Membership) -> bool:
    """Let memberships of a circle change one after the other until the end of the transaction, as
    their trigger does; say whether one is an admin of it, with another membership than this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select i_am_one from kring_other_admins(%s, %s)",
            [membership.circle_id, membership.pk],
        )
        return cursor.fetchone()[0]


def refusal(error: DatabaseError) -> Exception:
    """Say in a sentence what the database refused; what it should never have to is a bug."""
    if FEW_ADMINS in str(error):
        return Refused(_("A circle keeps two admins. Ask another member to become admin first."))
    if LOST_ADMIN in str(error) or "row-level security" in str(error):
        return Refused(_("You are no admin of this circle any more."))
    return error


# --- somebody was first -------------------------------------------------------------------
_DONE = {
    S.ACTIVE: pgettext_lazy("membership", "active"),
    S.PROBATION: pgettext_lazy("membership", "in probation"),
    S.REVERIFY_DUE: pgettext_lazy("membership", "to be verified anew"),
    S.GRACE: pgettext_lazy("membership", "may read only"),
    S.PAUSED: pgettext_lazy("membership", "paused"),
    S.SUSPENDED: pgettext_lazy("membership", "suspended"),
    S.LEFT: pgettext_lazy("membership", "has left"),
    S.REMOVED: pgettext_lazy("membership", "removed"),
    S.LAPSED: pgettext_lazy("membership", "lapsed"),
}


def first_was(membership: Membership) -> Refused:
    """Say what a membership is now, and since when; an admin reads by whom.

    Raises LookupError when the row is not visible at all: that is a mistake of ours.
    """
    now = Membership.objects.filter(pk=membership.pk, circle_id=membership.circle_id).first()
    if now is None:
        raise LookupError(f"membership {membership.pk} is out of sight of whoever acts on it")
    facts = {"what": _DONE[now.state], "when": said(now.moved_at)}
    line = (
        AuditEntry.objects.filter(
            circle_id=now.circle_id,
            subject="membership",
            subject_id=now.pk,
            act="membership.moved",
        )
        .order_by("-id")
        .first()
    )
    who = line and line.by_id and Profile.objects.filter(pk=line.by_id).first()
    if who:
        facts["who"] = who.name
        return Refused(_("Already done by %(who)s %(when)s: %(what)s.") % facts)
    return Refused(pgettext("membership", "Already done %(when)s: %(what)s.") % facts)
