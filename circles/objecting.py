"""The objection period: who is admitted in principle is shown to the members by name, profession and
who vouches; what a member has against it, the admins alone read.

An objection that is upheld sends the application back to the vetters, who vote anew.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves
from circles.models import Application, Membership, Objection
from kring.lib.refused import Refused
from members import audit
from members.models import Member

S = Application.State


@dataclass(frozen=True)
class Newcomer:
    """Somebody admitted in principle, as the members see them."""

    application_id: int
    public_id: str
    name: str
    profession: str
    until: datetime
    vouchers: list[str]
    own: Objection | None = None  # what one objected oneself, the newest


def newcomers(membership: Membership) -> list[Newcomer]:
    """Hand over who is in the objection period of one's circle, oldest first."""
    circle_id = membership.circle_id
    with connection.cursor() as cursor:
        cursor.execute(
            "select application_id, public_id, name, profession, until, vouchers "
            "from kring_newcomers() where circle_id = %s",
            [circle_id],
        )
        found = cursor.fetchall()
    own = Objection.objects.filter(circle_id=circle_id, by_id=membership.member_id)
    newest = {row.application_id: row for row in own.order_by("id")} if found else {}
    return [Newcomer(*row, own=newest.get(row[0])) for row in found]


@transaction.atomic
def object_to(newcomer: Newcomer, membership: Membership, *, by: Member, words: str) -> None:
    """Tell the admins, and nobody else, what one has against somebody.

    Raises Refused when one did so already.
    """
    circle_id = membership.circle_id
    try:
        with transaction.atomic():
            made = Objection.objects.create(
                circle_id=circle_id,
                application_id=newcomer.application_id,
                by_id=by.pk,
                words=words,
            )
    except IntegrityError as error:
        if "one_open_objection_a_member" not in str(error):
            raise
        raise Refused(_("Your objection is with the admins already.")) from error
    _record("application.objected", by, circle_id, newcomer.application_id)
    # Admins hear of it in the letter of the desk, if it waits longer than a day.
    moves.set_timer(
        Application(pk=newcomer.application_id, circle_id=circle_id),
        "vetting_queue",
        timezone.now() + timedelta(days=1),
        seq=20_000 + made.pk % 10_000,
    )


@transaction.atomic
def settle(objection: Objection, application: Application, *, by: Member, uphold: bool, note: str):
    """Send the application back to the vetters, or let the period go on; with the reason, which
    the admins read. Upheld: the votes are cast anew, and the applicant gets a new date.

    Raises Refused when somebody was first, or the period is over.
    """
    moves.hold(application, S.OBJECTION)
    outcome = Objection.Outcome.UPHELD if uphold else Objection.Outcome.DISMISSED
    done = Objection.objects.filter(
        pk=objection.pk, circle_id=application.circle_id, settled_at=None
    ).update(outcome=outcome, note=note, settled_by_id=by.pk, settled_at=timezone.now())
    if not done:
        raise Refused(_("Somebody settled this objection before you."))
    _record(f"application.objection_{outcome}", by, application.circle_id, application.pk)
    if uphold:
        moves.move(application, S.REVIEW, who=moves.CIRCLE, by=by)
        # Letters of delays are numbered from a thousand on.
        moves.write(application, "application_delayed", seq=moves.moves_of(application))


def is_objected_to(application: Application) -> bool:
    """Whether an objection lies open. For the house and for those who may read it."""
    return Objection.objects.filter(
        circle_id=application.circle_id, application_id=application.pk, settled_at=None
    ).exists()


def _record(act: str, by: Member, circle_id: int, application_id: int) -> None:
    # Confidential: an objection is audited without whose it is.
    who = None if act == "application.objected" else by
    audit.record(
        act, by=who, circle_id=circle_id, subject="application", subject_id=application_id
    )
