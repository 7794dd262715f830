"""A refusal is appealed once, and judged by two people who did not vote on it.

Too few of them: a steward appoints, and never decides. What the steward sees is which circle waits
and since when, and whom one may ask.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles import moves
from circles.models import Appeal, Application
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import poke
from members.access import steward_for
from members.models import Member

S = Application.State


def appeal(application: Application, *, words: str) -> None:
    """File an appeal, within 21 days of the refusal; others read everything anew.

    Raises Refused when that time is over, it was filed before, or the circle is archived.
    """
    with acting_with(application.link_id):
        if application.circle.is_archived:
            raise Refused(_("The circle is archived. Nobody is left who could judge an appeal."))
        moves.hold(application, S.DECLINED)
        if application.appeal_until <= timezone.now():
            raise Refused(_("The 21 days in which this could be appealed are over."))
        Appeal.objects.bulk_create(
            [Appeal(circle_id=application.circle_id, application=application, words=words)]
        )
        moves.move(application, S.APPEALED, who=moves.APPLICANT)
        moves.set_timer(application, "steward_needed", timezone.now())


# --- a steward appoints -------------------------------------------------------------------
WHY = {
    "nobody": gettext_lazy("Nobody is left who may vote."),
    "differ": gettext_lazy("The votes differ, and nobody is left to decide."),
    "few": gettext_lazy("An appeal needs two people who did not vote on the refusal."),
    "late": gettext_lazy("The decision is very late. You need do nothing: remind the circle."),
}


@dataclass(frozen=True)
class Case:
    """One application that waits for a steward: its circle and age, nothing of anybody."""

    application_id: int
    circle: str
    why: str
    since: datetime

    @property
    def reason(self) -> str:
        return WHY[self.why]

    @property
    def needs_people(self) -> bool:
        return self.why != "late"


@dataclass(frozen=True)
class Candidate:
    """Somebody a steward may appoint."""

    member_id: int
    name: str
    title: str
    circle: str
    kind: str

    @property
    def place(self) -> str:
        """Title and circle, in one line."""
        role = {
            "admin": _("admin of this circle"),
            "founder": _("of this circle from its beginning"),
        }.get(self.kind) or _("admin of %(circle)s") % {"circle": self.circle}
        return ", ".join(filter(None, [self.title, role]))


def cases_for(steward: Member) -> list[Case]:
    """Hand over what waits for a steward, oldest first."""
    steward_for(steward)
    return [Case(*row) for row in _rows("select * from kring_cases()")]


def candidates_for(steward: Member, case: Case) -> list[Candidate]:
    """Hand over whom a steward may ask to decide: of the circle first, then of others."""
    steward_for(steward)
    found = _rows("select * from kring_candidates(%s)", case.application_id)
    return [Candidate(*row) for row in found]


@transaction.atomic
def appoint(case: Case, member_ids: list[int], *, by: Member) -> int:
    """Ask these people to decide; each gets a letter. Return how many were appointed.

    Raises Refused when none of them can be, or the case is settled meanwhile.
    """
    steward_for(by)
    ((made,),) = _rows("select kring_appoint(%s, %s)", case.application_id, member_ids)
    if not made:
        raise Refused(_("None of them can be asked any more. Choose others."))
    transaction.on_commit(poke.letters_wait)
    return made


def _rows(sql: str, *parameters) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
