"""Once a year the two facts a membership rests on are confirmed anew: who this is, and that they may
practise. Who, how and when stands with each, and stays."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from circles.belonging import letters, moves, year
from circles.models import Confirmation, Fact, Membership
from kring.lib.refused import Refused
from members import audit
from members.models import Member

S = Membership.State
FACTS = set(Confirmation.Fact)
CLOSE_BEFORE = year.timedelta(days=60)  # as in kring_asked_since()


@transaction.atomic
def still_practise(membership: Membership, *, by: Member) -> None:
    """Say that one is still in practice; an admin confirms it against the register."""
    moves.change(membership, {"state": membership.state}, practising_at=Now())
    _record("membership.practises", membership, by)


@transaction.atomic
def confirm(membership: Membership, *, fact: str, by: Member, how="", source="") -> bool:
    """Answer for one of the two facts; say whether the year is complete with it.

    Raises Refused when it is not asked yet.
    """
    moves.hold_as_admin(membership)
    if not year.is_asked(membership):
        raise Refused(_("Nothing is asked about this member yet."))
    Fact.objects.create(
        circle_id=membership.circle_id,
        membership_id=membership.pk,
        fact=fact,
        how=how,
        source=source,
        by_id=by.pk,
    )
    _record("membership.fact_confirmed", membership, by, fact=fact)
    if confirmed_facts(membership) != FACTS:
        return False
    if membership.state == S.ACTIVE:
        moves.change(membership, {"state": S.ACTIVE}, verified_at=Now())
        letters.tell("membership_verified", membership)
        _record("membership.verified", membership, by)
    else:
        moves.move(
            membership,
            S.ACTIVE,
            who=moves.ADMIN,
            by=by,
            letter="membership_verified",
            verified_at=Now(),
        )
    return True


def confirmed_facts(membership: Membership) -> set[str]:
    """Which of the two facts are confirmed since they were last asked."""
    since = year.verified_until(membership) - CLOSE_BEFORE
    rows = Fact.objects.filter(
        circle_id=membership.circle_id, membership_id=membership.pk, at__gte=since
    )
    return set(rows.values_list("fact", flat=True))


def _record(act: str, membership: Membership, by: Member, **facts) -> None:
    audit.record(
        act,
        by=by,
        circle_id=membership.circle_id,
        about=membership.member_id,
        subject="membership",
        subject_id=membership.pk,
        **facts,
    )
