"""One open question to the applicant, answered in place; the clock of the review stands still.

A vetter asks; the holder of the mailed link answers. The question goes out as the circle's: its
applicant reads no name.
"""

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves
from circles.models import Application, Inquiry
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members.models import Member

S = Application.State


@transaction.atomic
def ask(application: Application, *, by: Member, question: str) -> None:
    """Ask the applicant one thing; the clock stops until the answer.

    Raises Refused when somebody was first, when one may not vote here, or when enough was asked.
    """
    moves.hold(application, S.REVIEW)
    with connection.cursor() as cursor:
        cursor.execute("select kring_may_vote(%s)", [application.pk])
        if not cursor.fetchone()[0]:
            raise Refused(_("Only whoever may vote here asks the applicant something."))
    asked = Inquiry.objects.filter(circle_id=application.circle_id, application=application)
    if asked.count() >= Inquiry.MOST:
        raise Refused(
            _("Five questions were asked already. Decide with what you know."), field="question"
        )
    Inquiry.objects.create(
        circle_id=application.circle_id, application=application, by_id=by.pk, question=question
    )
    moves.move(application, S.INFO_REQUESTED, who=moves.CIRCLE, by=by)


def answer(application: Application, *, text: str) -> None:
    """Answer the open question; the clock goes on where it stood still.

    Raises Refused when it was answered already, or the application has ended.
    """
    with acting_with(application.link_id):
        moves.hold(application, S.INFO_REQUESTED)
        rows = Inquiry.objects.filter(circle_id=application.circle_id, application=application)
        done = rows.filter(answered_at=None).update(answer=text, answered_at=timezone.now())
        if not done:
            raise LookupError(f"application {application.pk} waits for an answer to nothing")
        moves.move(application, S.REVIEW, who=moves.APPLICANT)
