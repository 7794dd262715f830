"""A circle with too few admins waits for a steward, who asks one of its members to become one. The
steward reads which circle it is and whom one may ask, and nothing of what is said there."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.models import Membership
from kring.lib.refused import Refused
from members import poke
from members.access import steward_for
from members.models import Member

WHY = {
    "few": gettext_lazy("Fewer than two admins are left."),
    "suspension": gettext_lazy("No second admin has looked at a suspension for seven days."),
}


@dataclass(frozen=True)
class Short:
    """One circle that cannot go on by itself."""

    circle_id: int
    circle: str
    why: str

    @property
    def reason(self) -> str:
        return WHY[self.why]


@dataclass(frozen=True)
class Candidate:
    """A member a steward may ask."""

    member_id: int
    name: str
    title: str
    role: str

    @property
    def place(self) -> str:
        return ", ".join(filter(None, [self.title, str(Membership.Role(self.role).label)]))


def short_for(steward: Member) -> list[Short]:
    """Hand over the circles that wait for an admin."""
    steward_for(steward)
    return [Short(*row) for row in _rows("select * from kring_short_circles()")]


def candidates_for(steward: Member, short: Short) -> list[Candidate]:
    """Hand over whom a steward may ask there."""
    steward_for(steward)
    found = _rows("select * from kring_admin_candidates(%s)", short.circle_id)
    return [Candidate(*row) for row in found]


@transaction.atomic
def appoint(short: Short, member_id: int, *, by: Member) -> None:
    """Make a member of this circle its admin; they read it in a letter.

    Raises Refused when that is not needed any more, or they cannot be asked.
    """
    steward_for(by)
    ((made,),) = _rows("select kring_appoint_admin(%s, %s)", short.circle_id, member_id)
    if not made:
        raise Refused(_("They cannot be asked any more, or the circle has found an admin."))
    transaction.on_commit(poke.letters_wait)


def _rows(sql: str, *parameters) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
