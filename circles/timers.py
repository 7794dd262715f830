"""What happens to applications and invitations by themselves, when their moment has come. Acts of
the house.

Each looks at the state once more: whoever moved first was right. No timer admits anybody.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from circles import forgetting, invited, moves, objecting, vetting
from circles.models import Application, Invitation, Membership
from circles.moves import subject_of, unmoved_subject_of
from members import audit, due, letters
from members.due import when_due
from members.models import Due, Member

S = Application.State


@when_due("application_draft_purge")
def purge_draft(row: Due) -> None:
    if application := subject_of(row, S.DRAFT):
        moves.move(application, S.EXPIRED, who=moves.HOUSE)
        forgetting.erase(application)


@when_due("application_address_purge")
def purge_unproven(row: Due) -> None:
    if application := subject_of(row, S.EMAIL_PENDING):
        moves.move(application, S.EXPIRED, who=moves.HOUSE)
        forgetting.erase(application)


@when_due("application_late")
def promise_anew(row: Due) -> None:
    """The promised day has gone by: set a new one. From the second time on, a letter says so."""
    application = subject_of(row, *Application.DECIDING)
    if application is None:
        return
    if application.decide_before > timezone.now():
        return  # the clock stood still meanwhile; the timer of the answer comes yet
    was_late = application.decide_before > application.first_promise
    week = timedelta(days=7)
    application.decide_before = max(timezone.now(), application.decide_before) + week
    Application.objects.filter(pk=application.pk).update(decide_before=application.decide_before)
    audit.record(
        "application.late",
        by=None,
        circle_id=application.circle_id,
        subject="application",
        subject_id=application.pk,
    )
    if was_late:
        moves.write(application, "application_delayed", seq=row.seq)
        _tell_stewards(application)
    moves.set_timer(application, row.kind, application.decide_before, seq=row.seq + 1)


@when_due("vetting_queue")
def remind_vetters(row: Due) -> None:
    """While something waits over a day: one letter a day and circle to each who vets."""
    application = subject_of(row, *Application.DECIDING, S.OBJECTION)
    if application is None:
        return
    if application.state == S.OBJECTION and not objecting.is_objected_to(application):
        return
    if _case_of(application):
        _tell_stewards(application)
    _remind_deciders(application)
    circle_id, today = application.circle_id, timezone.localdate()
    vetters = Membership.objects.deciding().filter(circle_id=circle_id)
    for member_id in vetters.values_list("member_id", flat=True):
        letters.post(
            "vetting_queue",
            subject_id=circle_id,
            member=member_id,
            circle_id=circle_id,
            seq=today.toordinal(),
        )
    tomorrow = timezone.now() + timedelta(days=1)
    moves.set_timer(application, row.kind, tomorrow, seq=row.seq + 1)


def _remind_deciders(application: Application) -> None:
    """One letter to each appointed person who has not voted, three days before the promised day."""
    near = timezone.now() + timedelta(days=3)
    if application.decide_before is None or application.decide_before > near:
        return
    with connection.cursor() as cursor:
        cursor.execute("select member_id from kring_awaited(%s)", [application.pk])
        awaited = cursor.fetchall()
    for (member_id,) in awaited:
        letters.post(
            "decider_reminder",
            subject_id=application.pk,
            member=member_id,
            circle_id=application.circle_id,
            seq=int(application.state == S.APPEALED),
        )


@when_due("application_question_reminder")
def remind_of_question(row: Due) -> None:
    if application := unmoved_subject_of(row, S.INFO_REQUESTED):
        moves.write(application, row.kind, seq=row.seq)


@when_due("application_question_expiry")
def expire_question(row: Due) -> None:
    """No answer in 14 days: the application ends, and may begin anew at once."""
    if application := unmoved_subject_of(row, S.INFO_REQUESTED):
        _expire(application)


@when_due("application_over")
def end_at_last(row: Due) -> None:
    """90 days without a decision: the application ends, with the reason. Whoever is admitted in
    principle, waits or has an offer is past that."""
    if application := subject_of(row, S.REFEREES, S.REVIEW, S.INFO_REQUESTED):
        _expire(application)
    elif subject_of(row, S.OBJECTION):
        later = timezone.now() + timedelta(days=7)
        due.set_timer(row.kind, row.subject_id, later, circle_id=row.circle_id, seq=row.seq + 1)


def _expire(application: Application) -> None:
    """End it, with the reason: nobody confirmed who they are, or nobody decided."""
    why = "unconfirmed" if application.state == S.REFEREES else "ended"
    moves.move(application, S.EXPIRED, who=moves.HOUSE)
    moves.write(application, f"application_{why}")


@when_due("application_objection_over")
def end_objection(row: Due) -> None:
    """Nobody objected, or the admins settled it. While an objection lies open, look again
    tomorrow: it is for people to settle."""
    application = unmoved_subject_of(row, S.OBJECTION)
    if application is None:
        return
    if objecting.is_objected_to(application):
        tomorrow = timezone.now() + timedelta(days=1)
        moves.set_timer(application, row.kind, tomorrow, seq=row.seq + 1)
        return
    vetting.give_seat(application, who=moves.HOUSE)


@when_due("steward_needed")
def look_for_deciders(row: Due) -> None:
    """Perhaps nobody is left who may vote, or an appeal has too few judges."""
    application = subject_of(row, *Application.DECIDING)
    if application and _case_of(application):
        _tell_stewards(application)


def _case_of(application: Application) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("select kring_case_of(%s)", [application.pk])
        return cursor.fetchone()[0]


def _tell_stewards(application: Application) -> None:
    """One letter a day at most to each steward, whatever waits."""
    for steward in Member.objects.filter(is_steward=True, is_active=True):
        letters.post(
            "steward_case",
            member=steward,
            subject_id=steward.pk,
            seq=timezone.localdate().toordinal(),
        )


@when_due("application_offer_reminder")
def remind_of_offer(row: Due) -> None:
    if application := unmoved_subject_of(row, S.OFFERED):
        moves.write(application, "application_offer_reminder")


@when_due("application_offer_expiry")
def expire_offer(row: Due) -> None:
    """The offer was not taken: its seat goes to the next on the list."""
    if application := unmoved_subject_of(row, S.OFFERED):
        moves.move(application, S.EXPIRED, who=moves.HOUSE)
        moves.write(application, "application_expired")
        vetting.fill_seats(application.circle_id)


@when_due("application_seat")
def fill_seat(row: Due) -> None:
    vetting.fill_seats(row.circle_id)


@when_due("application_waiting")
def look_for_a_seat(row: Due) -> None:
    """Once a day: seats also come free when somebody leaves or the circle grows."""
    vetting.fill_seats(row.circle_id)
    if application := subject_of(row, S.WAITLISTED):
        tomorrow = timezone.now() + timedelta(days=1)
        moves.set_timer(application, row.kind, tomorrow, seq=row.seq + 1)


# --- invitations --------------------------------------------------------------------------
def _invitation(row: Due) -> Invitation | None:
    """The invitation a timer is about. Not held: each act asks the state once more itself."""
    return (
        Invitation.objects.select_related("link")
        .filter(circle_id=row.circle_id, pk=row.subject_id)
        .first()
    )


@when_due("invitation_reminder")
def remind_of_invitation(row: Due) -> None:
    """The second letter and the last, unless the inviter sent it already."""
    changed = (
        Invitation.objects.open()
        .filter(circle_id=row.circle_id, pk=row.subject_id, reminded_at=None)
        .update(reminded_at=timezone.now())
    )
    if changed:
        invited.write(_invitation(row), row.kind)


@when_due("invitation_expiry")
def expire_invitation(row: Due) -> None:
    invitation = _invitation(row)
    if invitation and invitation.state == Invitation.State.OPEN:
        invited.expire(invitation)


@when_due("invitation_erase")
def erase_invitation(row: Due) -> None:
    """28 days after the end; while it runs still, look again in a week."""
    invitation = _invitation(row)
    if invitation is None:
        return
    now = timezone.now()
    gone = (invitation.ended_at or now) + timedelta(days=Invitation.ERASE_DAYS)
    if invitation.ended_at is None:
        _look_again(row, now + timedelta(days=7))
    elif gone > now:
        _look_again(row, gone)
    else:
        invited.erase(invitation)
        forgotten = invitation.created_at + timedelta(days=Invitation.FORGET_DAYS)
        due.set_timer(
            "invitation_forget", row.subject_id, max(forgotten, now), circle_id=row.circle_id
        )


def _look_again(row: Due, at: datetime) -> None:
    due.set_timer(row.kind, row.subject_id, at, circle_id=row.circle_id, seq=row.seq + 1)


@when_due("invitation_forget")
def forget_invitation(row: Due) -> None:
    if invitation := _invitation(row):
        invited.forget(invitation)
