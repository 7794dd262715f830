"""What the calendar does to a membership, each at its day: acts of the house.

One timer a membership, set anew by every change of it (a trigger) and after every look. Each look
asks the row itself what is due, so a look too many does nothing. Nobody is admitted here, and no
circle loses its last two admins by the calendar.
"""

from datetime import timedelta

from django.utils import timezone

from circles.belonging import letters, moves, year
from circles.models import Membership, Sanction
from members import due
from members.due import when_due
from members.models import Due, Member

S = Membership.State
ADMINS = 2


@when_due("membership")
def look(row: Due) -> None:
    """Do what this day brings to a membership, and look again on the next one that brings anything."""
    membership = (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("circle")
        .filter(pk=row.subject_id, circle_id=row.circle_id)
        .first()
    )
    if membership is None or membership.circle.is_archived:
        return  # opening it again sets a timer for each
    postponed = _do(membership)
    if membership.role == Membership.Role.ADMIN and _is_short(membership):
        _tell_stewards(membership)
        postponed = timezone.now() + timedelta(days=7)
    moment = min(filter(None, [year.next_moment(membership), postponed]), default=None)
    waiting = Due.objects.filter(kind=row.kind, subject_id=row.subject_id, done_at=None)
    if moment and not waiting.exclude(pk=row.pk).exists():
        last = Due.objects.filter(kind=row.kind, subject_id=row.subject_id).order_by("-seq")
        seq = last.values_list("seq", flat=True)[0] + 1
        due.set_timer(row.kind, row.subject_id, moment, circle_id=row.circle_id, seq=seq)


def _do(membership: Membership):
    """Do what is due; return when to look again at what cannot be done yet."""
    now, since = timezone.now(), membership.moved_at
    match membership.state:
        case S.PROBATION if membership.since + year.PROBATION <= now:
            _move(membership, S.ACTIVE, "probation_over")
        case S.ACTIVE if not year.is_verified(membership):
            if _keeps_admins(membership):
                _move(membership, S.REVERIFY_DUE, "verification_due")
            else:
                _tell_stewards(membership)
                return now + timedelta(days=7)
        case S.ACTIVE if year.term_ends(membership) + year.TO_PAUSE <= now:
            if _keeps_admins(membership):
                _move(membership, S.PAUSED, "renewal_paused")
            else:
                _tell_stewards(membership)
                return now + timedelta(days=7)
        case S.ACTIVE:
            _remind(membership)
        case S.REVERIFY_DUE if since + year.TO_GRACE <= now:
            _move(membership, S.GRACE, "membership_grace")
        case S.GRACE if since + year.TO_LAPSE <= now:
            _move(membership, S.LAPSED, "membership_lapsed")
        case S.PAUSED if year.pause_ends(membership) <= now:
            _move(membership, S.GRACE, "membership_grace", back_on=None)
        case S.PAUSED if year.pause_ends(membership) - year.REMIND_BEFORE <= now:
            letters.tell("pause_ends", membership, seq=membership.back_on.toordinal())
        case S.SUSPENDED if since + timedelta(days=Sanction.CONFIRM_DAYS) <= now:
            if _waits_for_a_second(membership):
                _tell_stewards(membership)
                return now + timedelta(days=7)
    return None


def _remind(membership: Membership) -> None:
    """What a year asks of a member: two facts anew, and 'I stay'. Each letter once."""
    now, term = timezone.now(), year.term_ends(membership)
    if year.is_asked(membership):
        letters.tell("verification_asked", membership, seq=membership.verified_at.toordinal())
    if term <= now:
        letters.tell("renewal_waits", membership, seq=membership.renewed_at.toordinal())
    elif year.is_renewing(membership):
        letters.tell("renewal_asked", membership, seq=membership.renewed_at.toordinal())


def _move(membership: Membership, new: str, letter: str, **facts) -> None:
    moves.move(membership, new, who=moves.HOUSE, by=None, letter=letter, **facts)
    membership.refresh_from_db(fields=["state", "moved_at", "back_on"])  # a trigger writes two


def _keeps_admins(membership: Membership) -> bool:
    """Whether a circle keeps two admins without this member."""
    if not membership.administers:
        return True
    others = Membership.objects.filter(
        circle_id=membership.circle_id, role=Membership.Role.ADMIN, state=S.ACTIVE
    ).exclude(pk=membership.pk)
    return others.count() >= ADMINS


def _is_short(membership: Membership) -> bool:
    """Whether fewer than two admins lead a circle that is open."""
    admins = Membership.objects.filter(
        circle_id=membership.circle_id, role=Membership.Role.ADMIN, state=S.ACTIVE
    )
    return membership.circle.is_confirmed and admins.count() < ADMINS


def _waits_for_a_second(membership: Membership) -> bool:
    rows = Sanction.objects.open().filter(
        circle_id=membership.circle_id, membership_id=membership.pk
    )
    return rows.filter(second_at=None).exists()


def _tell_stewards(membership: Membership) -> None:
    """A circle cannot go on by itself: each steward hears it, once a day at most."""
    for steward in Member.objects.filter(is_steward=True, is_active=True):
        letters.tell_steward(steward, membership.circle_id)
