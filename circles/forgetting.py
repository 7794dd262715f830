"""Leaving no word of an applicant when the clock of their circle says so: 28 days after the last
right has ended, or as few as the circle chose. Acts of the house.

Text and files go, also of whoever was admitted; what stays of a member is how they applied: name,
profession, register number, address. Of everybody else a keyed hash stays until they may apply
again, and that they applied.
"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from circles import evidence, invited, moves
from circles.models import Application, Invitation, Step
from circles.moves import subject_of, unmoved_subject_of
from members import audit, erasing, links
from members.due import when_due
from members.models import Due

S = Application.State
ENDED = (S.DECLINED, S.DECLINED_FINAL, S.WITHDRAWN, S.EXPIRED, S.DISCARDED)


@when_due("application_erase")
def erase_ended(row: Due) -> None:
    application = unmoved_subject_of(row, *ENDED)
    if application and application.email:  # a purged draft was erased at once
        erase(application)


def erase(application: Application) -> None:
    """Leave no word of an applicant, and end the link. What stays is that somebody applied.

    A keyed hash of address and register number stays until one may apply again.
    """
    Application.objects.filter(pk=application.pk).update(
        email="",
        name="",
        profession="",
        register_number="",
        brings="",
        seeks="",
        decline_text="",
    )
    drop_words(application)
    links.end(application.link)
    _forget_in_time(application)
    erasing.record("application", application.pk)
    audit.record(
        "application.erased",
        by=None,
        circle_id=application.circle_id,
        subject="application",
        subject_id=application.pk,
    )


def drop_words(application: Application) -> None:
    """Leave nothing of what was said, found and added beside an application."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_drop_words(%s)", [application.pk])
    evidence.erase(application)


# --- of somebody who was admitted -----------------------------------------------------------
@when_due("application_papers")
def erase_of_member(row: Due) -> None:
    """Of somebody who became a member go all words and papers; how they are registered stays."""
    application = subject_of(row, S.OFFERED, S.APPROVED)
    if application is None:
        return
    gone, now = application.papers_gone_on, timezone.now()
    if application.state == S.OFFERED:
        gone = max(gone, now + timedelta(days=1))
    if gone > now:
        moves.set_timer(application, row.kind, gone, seq=row.seq + 1)
        return
    _drop_all(application)
    erasing.record("application_papers", application.pk)


def _drop_all(application: Application) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select kring_empty_admitted(%s)", [application.pk])
    drop_words(application)


@erasing.erasure("application_papers")
def erase_of_member_again(line: erasing.Line) -> bool:
    """Drop what a backup brought back of a member's admission."""
    application = Application.objects.filter(pk=line.row_id).first()
    if application is None:
        return False
    _drop_all(application)
    return True


COOLING_DAYS = {S.DECLINED: 90, S.DECLINED_FINAL: 180}  # the same stands in kring_too_early()


def _forget_in_time(application: Application) -> None:
    """Drop the hash when one may apply again; of what was set aside as spam it stays."""
    if application.state in COOLING_DAYS:
        at = application.moved_at + timedelta(days=COOLING_DAYS[application.state])
        moves.set_timer(application, "application_forget", max(at, timezone.now()))
    elif application.state != S.DISCARDED:
        forget(application)


@when_due("application_forget")
def forget_erased(row: Due) -> None:
    if application := subject_of(row, *COOLING_DAYS, S.DISCARDED):
        forget(application)


def forget(application: Application) -> None:
    """Know somebody no more."""
    Application.objects.filter(pk=application.pk).update(address_key="", register_key="")
    erasing.record("application_key", application.pk)


@erasing.erasure("application_key")
def forget_again(line: erasing.Line) -> bool:
    """Drop the hash that a backup brought back."""
    known = Application.objects.filter(pk=line.row_id).exclude(address_key="", register_key="")
    return bool(known.update(address_key="", register_key=""))


@when_due("application_gone")
def erase_with_account(row: Due) -> None:
    """End and erase what somebody asked for elsewhere, now that they erased their account."""
    application = subject_of(row, *set(S) - {S.APPROVED})
    if application is None or application.member_id or not application.email:
        return
    if not application.is_ended:
        moves.move(application, S.WITHDRAWN, who=moves.APPLICANT)
        moves.set_timer(application, "application_seat", timezone.now())
    erase(application)
    for invitation in Invitation.objects.select_related("link").filter(
        circle_id=row.circle_id, application_id=application.pk
    ):
        invited.erase(invitation)


@erasing.erasure("application")
def erase_again(line: erasing.Line) -> bool:
    """Erase an application that a backup brought back, and end it where it had not ended yet."""
    application = Application.objects.select_related("link").filter(pk=line.row_id).first()
    if application is None or not application.email:
        return False
    if application.state not in ENDED:
        old, now = application.state, timezone.now()
        Application.objects.filter(pk=application.pk).update(state=S.EXPIRED, moved_at=now)
        Step.objects.create(
            circle_id=application.circle_id,
            application=application,
            old=old,
            new=S.EXPIRED,
            at=now,
        )
    erase(application)
    return True
