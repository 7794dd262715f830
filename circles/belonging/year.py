"""The calendar of one membership: which day brings what. Reads one row and its circle; pure."""

from calendar import monthrange
from datetime import datetime, time, timedelta

from django.utils import timezone

from circles.models import Membership, Sanction

S = Membership.State
PROBATION = timedelta(days=90)
ASK_BEFORE = timedelta(days=30)  # before the facts are a year old
TO_GRACE = TO_LAPSE = TO_PAUSE = timedelta(days=30)
REMIND_BEFORE = timedelta(days=7)  # the end of a pause


def months_after(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of that month; as PostgreSQL counts."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def verified_until(membership: Membership) -> datetime:
    return months_after(membership.verified_at, membership.circle.reverify_months)


def asks_from(membership: Membership) -> datetime:
    return verified_until(membership) - ASK_BEFORE


def is_verified(membership: Membership) -> bool:
    return verified_until(membership) > timezone.now()


def is_asked(membership: Membership) -> bool:
    """Whether the two facts are to be confirmed anew, now."""
    return membership.state in (S.ACTIVE, S.REVERIFY_DUE, S.GRACE) and (
        asks_from(membership) <= timezone.now()
    )


def term_ends(membership: Membership) -> datetime:
    """When one is to say again 'I stay'."""
    return months_after(membership.renewed_at, membership.circle.term_months)


def is_renewing(membership: Membership) -> bool:
    return (
        membership.state in (S.ACTIVE, S.REVERIFY_DUE)
        and term_ends(membership) - ASK_BEFORE <= timezone.now()
    )


def pause_ends(membership: Membership) -> datetime:
    """The midnight after the last day of a pause."""
    day = membership.back_on + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time()))


def next_moment(membership: Membership) -> datetime | None:
    """When the calendar looks at this membership next; None when nothing is to come."""
    moments = _moments(membership)
    now = timezone.now()
    return min((moment for moment in moments if moment > now), default=None)


def _moments(membership: Membership) -> list[datetime]:
    since = membership.moved_at
    match membership.state:
        case S.PROBATION:
            return [membership.since + PROBATION]
        case S.ACTIVE:
            term = term_ends(membership)
            return [
                asks_from(membership),
                verified_until(membership),
                *(term - ASK_BEFORE, term, term + TO_PAUSE),
            ]
        case S.REVERIFY_DUE:
            return [since + TO_GRACE]
        case S.GRACE:
            return [since + TO_LAPSE]
        case S.PAUSED:
            ends = pause_ends(membership)
            return [ends - REMIND_BEFORE, ends]
        case S.SUSPENDED:
            return [since + timedelta(days=Sanction.CONFIRM_DAYS)]
    return []
