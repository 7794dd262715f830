"""Against a member: a suspension by one admin that a second confirms, and a removal. Each with a
reason its member reads; a suspended member answers it.

Access ends with the row. An admin is removed only after a suspension that two have signed, so that
nobody takes a circle over alone.
"""

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.belonging import letters, moves, year
from circles.models import Endorsement, Membership, Reference, Sanction
from circles.moves import said
from kring.lib.refused import Refused
from members import audit
from members.models import Member

S = Membership.State


@transaction.atomic
def suspend(membership: Membership, *, code: str, why: str, by: Member) -> Sanction:
    """Shut a member out at once; the other admins are asked to look at it within seven days.

    Raises Refused for a reason that says nothing, and naming who was first.
    """
    moves.hold_as_admin(membership)
    sanction = _write(membership, Sanction.Kind.SUSPENSION, code, why, by)
    moves.move(
        membership,
        S.SUSPENDED,
        who=moves.ADMIN,
        by=by,
        letter="membership_suspended",
        **_unpaused(membership),
    )
    letters.tell_admins(sanction)
    return sanction


@transaction.atomic
def confirm(sanction: Sanction, membership: Membership, *, by: Member) -> None:
    """Sign a suspension as the second admin. Raises Refused for one's own, and naming who was first."""
    moves.hold_as_admin(membership)
    if sanction.by_id == by.pk:
        raise Refused(_("Another admin confirms this: a suspension takes two."))
    rows = Sanction.objects.open().filter(
        pk=sanction.pk, circle_id=membership.circle_id, second_at=None
    )
    if not rows.update(second_by_id=by.pk, second_at=timezone.now()):
        raise _settled(sanction)
    letters.tell("suspension_confirmed", membership)
    _record("suspension.confirmed", membership, sanction, by)


@transaction.atomic
def lift(sanction: Sanction, membership: Membership, *, by: Member) -> None:
    """End a suspension, and let its member back in as they were. Raises Refused naming who was first."""
    moves.hold_as_admin(membership)
    rows = Sanction.objects.open().filter(pk=sanction.pk, circle_id=membership.circle_id)
    if not rows.update(ended_by_id=by.pk, ended_at=timezone.now()):
        raise _settled(sanction)
    _record("suspension.ended", membership, sanction, by)
    new = S.ACTIVE if year.is_verified(membership) else S.REVERIFY_DUE
    if membership.since + year.PROBATION > timezone.now():
        new = S.PROBATION
    moves.move(membership, new, who=moves.ADMIN, by=by, letter="suspension_over")


@transaction.atomic
def remove(membership: Membership, *, code: str, why: str, by: Member) -> None:
    """End a membership, with a reason its member reads. Who vouched hears of a breach.

    Raises Refused for an admin who was not suspended by two before, for a reason that says nothing,
    and naming who was first.
    """
    moves.hold_as_admin(membership)
    if membership.role == Membership.Role.ADMIN and not _is_confirmed(membership):
        raise Refused(
            _("An admin is removed in two steps: suspend first, and let a second admin confirm.")
        )
    sanction = _write(membership, Sanction.Kind.REMOVAL, code, why, by)
    if code == Sanction.Code.BREACH:
        for member_id in _vouchers(membership):
            letters.tell_voucher(member_id, membership)
    moves.move(
        membership,
        S.REMOVED,
        who=moves.ADMIN,
        by=by,
        letter="membership_removed",
        **_unpaused(membership),
    )
    _record("membership.sanctioned", membership, sanction, by)


@transaction.atomic
def answer(sanction: Sanction, *, words: str, by: Member) -> None:
    """Answer a suspension, once; the admins read it. Raises Refused the second time."""
    rows = Sanction.objects.open().filter(pk=sanction.pk, answer="")
    if not rows.update(answer=words, answered_at=timezone.now()):
        raise Refused(_("You have answered already, or the suspension is over."))
    audit.record(
        "suspension.answered",
        by=by,
        circle_id=sanction.circle_id,
        about=by.pk,
        subject="membership",
        subject_id=sanction.membership_id,
    )


def _write(membership: Membership, kind: str, code: str, why: str, by: Member) -> Sanction:
    why = why.strip()
    if len(why) < Sanction.SHORTEST:
        raise Refused(
            _("Give a reason of at least 20 characters; the member reads it."), field="why"
        )
    made = Sanction(
        circle_id=membership.circle_id,
        membership_id=membership.pk,
        kind=kind,
        code=code,
        why=why,
        by_id=by.pk,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except DatabaseError as error:
        if isinstance(error, IntegrityError):
            raise moves.first_was(membership) from None
        raise moves.refusal(error) from error
    return made


def _unpaused(membership: Membership) -> dict:
    return {"back_on": None} if membership.state == S.PAUSED else {}


def _is_confirmed(membership: Membership) -> bool:
    rows = Sanction.objects.open().filter(
        circle_id=membership.circle_id, membership_id=membership.pk
    )
    return membership.state == S.SUSPENDED and rows.filter(second_at__isnull=False).exists()


def _vouchers(membership: Membership) -> set[int]:
    """Who vouched for this member: by an invitation, or as a referee who is in the circle."""
    of_it = {
        "circle_id": membership.circle_id,
        "application__member_id": membership.member_id,
    }
    invited = Endorsement.objects.filter(**of_it).values_list("by_id", flat=True)
    vouched = Reference.objects.filter(**of_it, vouches=True, member_id__isnull=False)
    return {*invited, *vouched.values_list("member_id", flat=True)}


def _settled(sanction: Sanction) -> Refused:
    row = Sanction.objects.select_related("second_by", "ended_by").filter(pk=sanction.pk).first()
    who, when = (row.ended_by, row.ended_at) if row.ended_at else (row.second_by, row.second_at)
    facts = {"who": who.name if who else "", "when": said(when)}
    if row.ended_at:
        return Refused(_("Already ended by %(who)s %(when)s.") % facts)
    return Refused(_("Already confirmed by %(who)s %(when)s.") % facts)


def _record(act: str, membership: Membership, sanction: Sanction, by: Member) -> None:
    audit.record(
        act,
        by=by,
        circle_id=membership.circle_id,
        about=membership.member_id,
        subject="membership",
        subject_id=membership.pk,
        code=sanction.code,
    )
