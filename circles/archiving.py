"""Archiving a circle: one admin asks, a second one confirms, and everybody in it is told.

From then on it is read-only: nothing is asked, nobody applies, no digest tells of it. Its members
read and export for ninety days, and two admins may open it again. After that it closes: nobody
checks any more who may still be in it, so it cannot stay a closed circle. What each wrote stays
their own, to export and to withdraw.
"""

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Archiving, Circle, Membership
from kring.lib.refused import Refused
from members import audit, letters, poke
from members.due import when_due
from members.models import Due, Member

K = Archiving.Kind
SHORTEST = 20  # characters of a reason


@transaction.atomic
def ask(circle: Circle, *, by: Member, why: str) -> Archiving:
    """Ask to archive a circle, or to open an archived one again; the other admins get a letter.

    Raises Refused for a reason that says nothing, and when it is asked already.
    """
    why = " ".join(why.split())
    if len(why) < SHORTEST:
        raise Refused(_("A little more: at least 20 characters."), field="why")
    kind = K.REOPEN if circle.is_archived else K.ARCHIVE
    try:
        with transaction.atomic():
            asked = Archiving.objects.create(circle_id=circle.pk, kind=kind, why=why, by_id=by.pk)
    except IntegrityError as error:
        raise Refused(_("An admin has asked this already. Look below.")) from error
    _record(f"circle.{kind}_asked", circle, by)
    others = Membership.objects.filter(
        circle_id=circle.pk, role=Membership.Role.ADMIN, state=Membership.State.ACTIVE
    ).exclude(member_id=by.pk)
    for member_id in others.values_list("member_id", flat=True):
        letters.post("archiving_waits", subject_id=asked.pk, member=member_id, circle_id=circle.pk)
    return asked


def take_back(circle: Circle, *, by: Member) -> None:
    """Ask it no more. Raises Refused when it was confirmed or taken back before."""
    done = Archiving.objects.open().filter(circle_id=circle.pk).update(withdrawn_at=timezone.now())
    if not done:
        raise Refused(_("It was confirmed or taken back meanwhile."))
    _record("circle.archiving_taken_back", circle, by)


@transaction.atomic
def confirm(circle: Circle, *, by: Member) -> str:
    """Do what another admin asked: archive the circle, or open it again. Return which.

    Raises Refused for whoever asked it themselves, and when somebody was first.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select kring_second_archiving(%s)", [circle.pk])
            done = cursor.fetchone()[0]
    except DatabaseError as error:
        match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
            case "kring: another admin":
                no = _("You asked it yourself; another admin confirms.")
            case "kring: the first leads no more":
                no = _("Whoever asked it is no admin any more. Take it back and ask it yourself.")
            case "kring: nothing waits":
                no = _("It was confirmed or taken back meanwhile.")
            case _:
                raise
        raise Refused(no) from error
    transaction.on_commit(poke.letters_wait)
    return done


@when_due("circle_closes")
def close(row: Due) -> None:
    """Close a circle whose ninety days are over, unless it was opened again."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_close_circle(%s)", [row.subject_id])


def _record(act: str, circle: Circle, by: Member) -> None:
    audit.record(act, by=by, circle_id=circle.pk, subject="circle", subject_id=circle.pk)
