"""Founding a circle: people propose it, a steward confirms it or says why not.

The steward reads the charter and who proposes it. With the answer the circle is out of sight.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from circles import moves
from circles.models import Circle, Membership, Parameter
from circles.models.circle import MailCeiling, Sensitivity
from kring.lib.refused import Refused
from members import audit, poke
from members.models import Member

FEWEST = 2  # who propose a circle; both lead it
REASON = 20  # characters of a no, at least


@transaction.atomic
def propose(
    charter: dict, parameters: Iterable[dict], *, proposers: list[Member], by: Member | None = None
) -> Circle:
    """Lay a circle before the stewards. Whoever proposes it will lead it. As the owner.

    Raises Refused when fewer than two propose it, or one of them is a steward.
    """
    if len({member.pk for member in proposers}) < FEWEST:
        raise Refused(_("A circle begins with two people or more who lead it."))
    sensitive = charter.get("sensitivity", Sensitivity.SENSITIVE) == Sensitivity.SENSITIVE
    circle = Circle.objects.create(
        **charter, mail_ceiling=MailCeiling.COUNTS if sensitive else MailCeiling.TITLE
    )
    for place, parameter in enumerate(parameters):
        Parameter.objects.create(circle=circle, position=place, **parameter)
    for member in proposers:
        _seat(circle, member)
    audit.record(
        "circle.proposed", by=by, circle_id=circle.pk, subject="circle", subject_id=circle.pk
    )
    return circle


def _seat(circle: Circle, member: Member) -> None:
    try:
        with transaction.atomic():
            Membership.objects.create(
                circle=circle,
                member_id=member.pk,
                role=Membership.Role.ADMIN,
                state=Membership.State.ACTIVE,
            )
    except DatabaseError as error:
        if "a steward is in no circle" not in str(error):
            raise
        raise Refused(
            _("%(address)s is a steward, who is in no circle.") % {"address": member.email}
        ) from error


def confirm(proposal_id: str, *, by: Member) -> None:
    """Open a proposed circle, and tell who proposed it. Raises Refused naming who was first."""
    _decide(proposal_id, confirm=True, why="")


def decline(proposal_id: str, *, by: Member, why: str) -> None:
    """Say no to a proposal, with a reason its proposers read.

    Raises Refused for a reason that says nothing, and naming who was first.
    """
    why = why.strip()
    if len(why) < REASON:
        raise Refused(
            _("Give a reason of at least 20 characters; those who propose the circle read it."),
            field="why",
        )
    _decide(proposal_id, confirm=False, why=why)


@transaction.atomic
def _decide(proposal_id: str, *, confirm: bool, why: str) -> None:
    """Answer as whoever acts, by its name in an address: what another steward has answered is out
    of sight already.

    One function of the owner writes the row, the letters and the line in the audit, since no
    policy lets a steward touch a circle or write to its people.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select * from kring_decide_circle(%s, %s, %s)", [proposal_id, confirm, why]
            )
            done, confirmed, who, at = cursor.fetchone()
    except DatabaseError as error:
        if "kring: two admins first" not in str(error):
            raise
        raise Refused(
            _("Two people must lead a circle, and of those who proposed it one is left.")
        ) from error
    if not done:
        raise _first_was(confirmed, who, at)
    transaction.on_commit(poke.letters_wait)


def _first_was(confirmed: bool | None, who: str | None, at: datetime | None) -> Refused:
    if at is None:
        return Refused(_("This proposal has been answered already."))
    facts = {"who": who or _("another steward"), "when": moves.said(at)}
    if confirmed:
        return Refused(_("Already confirmed by %(who)s %(when)s.") % facts)
    return Refused(_("Already declined by %(who)s %(when)s.") % facts)
