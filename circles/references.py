"""What a referee does: answer, once, or say that they would rather not.

Somebody without an account acts as the holder of the mailed link, a member as themselves. Neither
reads the application; nobody but the vetters reads the answer.
"""

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import referees
from circles.models import Reference
from kring.lib.acting import acting_as, acting_with
from kring.lib.refused import Refused
from members import audit
from members.models import Member


def answer(reference: Reference, *, by: Member | None, **texts: str) -> None:
    """Say how one knows the applicant, and what one thinks.

    Raises Refused when it was answered before, is not asked any more, or when a member vouches
    for three people in this circle already.
    """
    _settle(reference, by, "reference.answered", answered_at=timezone.now(), **texts)


def decline(reference: Reference, *, by: Member | None) -> None:
    """Say 'I would rather not', without a reason. Raises Refused when it was answered before."""
    _settle(reference, by, "reference.declined", ended_at=timezone.now())


def _settle(reference: Reference, by: Member | None, act: str, **facts) -> None:
    open_rows = Reference.objects.open().filter(circle_id=reference.circle_id, pk=reference.pk)
    with acting_as(by.pk) if by else acting_with(reference.link_id):
        try:
            with transaction.atomic():
                changed = open_rows.update(**facts)
        except DatabaseError as error:
            raise Refused(_why(error)) from error
        if not changed:
            raise Refused(_("This was answered already, or its time has passed."))
        audit.record(
            act,
            by=by,
            circle_id=reference.circle_id,
            subject="application",
            subject_id=reference.application_id,
            reference=reference.pk,
        )
        referees.soon()
    for name, value in facts.items():
        setattr(reference, name, value)


def _why(error: DatabaseError) -> str:
    match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
        case "kring: three open":
            return _(
                "You vouch for three people in this circle at the moment, and that is the most "
                "one can. Wait until one of them is decided, or say that you would rather not."
            )
        case "kring: not asked any more":
            return _("Your answer is not needed any more.")
    raise error
