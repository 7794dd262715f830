"""Inviting: signed words of a member to one address, and what the invitee does with them.

An invitation never goes past the vetting. It opens the charter and the form to one address, which
its mailed link proves; what is sent in then is judged like any other application.

What may an inviter learn of an address? Of who applies here nobody may be told who does not vet
(an address could be tried out), and yet each odd case deserves its sentence. So each is told to
whoever may know it already:
- every member: this is yourself; they are in the circle, or were; you invited them before; they
  asked never to be written to (the page where they asked says that this is told).
- those who vet, who see the desk: they apply (the words are added), were refused or removed.
- the invitee, at the page of the link, and on their application: all of it about themselves.
Everybody else reads one sentence that is true in every case, from an act that did the same: the row
is there, and whether a letter goes is settled by the house when it is handed over. The inviter
follows an application only if it was begun by this invitation, whose page says so.
"""

from datetime import datetime, timedelta

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from circles import moves
from circles.invited import end, look_again, record, write
from circles.models import Application, Circle, Invitation, Membership
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import audit, due, links, silence
from members.models import Member

S = Invitation.State
FIRST, REMINDER = "invitation", "invitation_reminder"
PROBATION_DAYS = 90


@transaction.atomic
def invite(
    circle: Circle, *, by: Member, address: str, name: str, words: str, how: str, language: str
) -> Invitation:
    """Write down an invitation with its letter; `told` on it is the sentence the inviter reads.

    Raises Refused, mostly with field "address": for yourself, who is in already, who asked never to
    be written to, who was invited by you before, beyond the quota (5 open and 10 in 90 days; of
    admins twice the free seats), in probation; and for those who vet, who was refused or removed.
    """
    membership = _in_turn(circle, by)
    address = address.strip().lower()
    stands, since = _stands(circle, address)
    if stands == "discarded" and membership.administers:
        _pardon(circle, address, by)
    else:
        _look_at(address, stands, since)
    _invited_before(circle, by, address)
    expires_at = timezone.now() + timedelta(days=Invitation.DAYS)
    invitation = Invitation(
        circle_id=circle.pk,
        link=links.draw("invitation", expires_at=expires_at),
        inviter_id=by.pk,
        address=address,
        address_key=silence.key_of(address),
        name=" ".join(name.split()),
        language=language,
        how=how,
        words=words.strip(),
    )
    _keep(invitation)
    record("invitation.sent", invitation, by)
    write(invitation, FIRST)
    watch(invitation)
    invitation.told = _told(circle, invitation, stands, since)
    return invitation


def watch(invitation: Invitation) -> None:
    """Set the timers of an invitation: its second letter, its end, its erasure."""
    for kind, days in (
        (REMINDER, Invitation.REMINDER_DAYS),
        ("invitation_expiry", Invitation.DAYS),
        ("invitation_erase", Invitation.ERASE_DAYS),
    ):
        at = invitation.created_at + timedelta(days=days)
        due.set_timer(kind, invitation.pk, at, circle_id=invitation.circle_id)


@transaction.atomic
def remind(invitation: Invitation, *, by: Member) -> None:
    """Send the second letter now instead of after a week: there are two in all, never a third.

    Raises Refused when it went already, a day has not passed, or the invitation is open no more.
    """
    day_before = timezone.now() - timedelta(days=1)
    changed = (
        Invitation.objects.open()
        .filter(circle_id=invitation.circle_id, pk=invitation.pk)
        .filter(reminded_at=None, created_at__lt=day_before)
        .update(reminded_at=timezone.now())
    )
    if not changed:
        look_again(invitation)
        if invitation.state != S.OPEN:
            raise Refused(_("This invitation is not open any more."))
        if invitation.reminded_at:
            raise Refused(_("They got two letters, and that is all anybody gets."))
        raise Refused(_("A day after the first letter you can send the second."))
    record("invitation.reminded", invitation, by)
    write(invitation, REMINDER)


@transaction.atomic
def revoke(invitation: Invitation, *, by: Member) -> None:
    """Withdraw an invitation at once: its link opens nothing any more, its words are taken back.

    Raises Refused when it is open no more.
    """
    end(invitation, S.REVOKED)
    with acting_with(invitation.link_id):
        links.end(invitation.link)
    record("invitation.revoked", invitation, by)


# --- what stands in the way ---------------------------------------------------------------
def _in_turn(circle: Circle, by: Member) -> Membership:
    membership = Membership.objects.filter(circle_id=circle.pk, member_id=by.pk).first()
    if membership is None:
        raise LookupError(f"member {by.pk} invites to a circle they are not in")
    if reason := obstacle_of(membership):
        raise Refused(reason)
    return membership


def obstacle_of(membership: Membership) -> str:
    """Say why a member cannot invite at all, or nothing."""
    if membership.may_invite:
        return ""
    if membership.state == Membership.State.PROBATION:
        day = membership.since + timedelta(days=PROBATION_DAYS)
        return _(
            "In your probation you ask and answer; vouching for somebody comes after it. "
            "You can invite from %(day)s."
        ) % {"day": _day(day)}
    return _("You can invite again once your membership is active.")


def _stands(circle: Circle, address: str) -> tuple[str, datetime | None]:
    """How this address stands to the circle, as far as the acting member may know."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select stands, since from kring_invitee_stands(%s, %s)", [circle.pk, address]
        )
        stands, since = cursor.fetchone()
        if stands in ("new", "left"):  # also when the words of that application were erased
            cursor.execute(
                "select state, since from kring_refused_before(%s, %s)",
                [circle.pk, silence.key_of(address)],
            )
            state, refused_since = cursor.fetchone() or (None, None)
            if state:
                stands = "discarded" if state == "discarded" else "refused"
                since = refused_since
    return stands, since


def _look_at(address: str, stands: str, since: datetime | None) -> None:
    match stands:
        case "self":
            no = _("This is your own address.")
        case "in":
            no = _("Whoever reads mail at this address is in this circle already.")
        case "removed":
            no = _("They were removed from this circle. An invitation cannot undo that.")
        case "discarded":
            no = _(
                "An application from this address was set aside as spam. "
                "An admin alone can invite them."
            )
        case "refused":
            no = _(
                "The circle refused an application from this address on %(day)s. "
                "They may apply again after three months, or six when the refusal was final."
            ) % {"day": _day(since)}
        case _ if silence.is_asked(address):
            no = _(
                "Whoever reads mail at this address asked never to be written to, and that stays "
                "so. Talk to them yourself."
            )
        case _:
            return
    raise Refused(no, field="address")


def _pardon(circle: Circle, address: str, by: Member) -> None:
    """Forget that applications of this address were set aside; an admin alone does so."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_pardon(%s, %s)", [circle.pk, silence.key_of(address)])
        for (number,) in cursor.fetchall():
            pardoned = Application(pk=number, circle_id=circle.pk)
            moves.set_timer(pardoned, "application_forget", timezone.now())  # after a restore too
            audit.record(
                "application.pardoned",
                by=by,
                circle_id=circle.pk,
                subject="application",
                subject_id=number,
            )


def _invited_before(circle: Circle, by: Member, address: str) -> None:
    """Nobody is asked by the same person again and again: once in 90 days, unless withdrawn."""
    before = (
        Invitation.objects.filter(
            circle_id=circle.pk,
            inviter_id=by.pk,
            address_key=silence.key_of(address),
            created_at__gt=timezone.now() - timedelta(days=Invitation.FORGET_DAYS),
        )
        .exclude(state=S.REVOKED)
        .order_by("-created_at")
        .first()
    )
    if before is None:
        return
    days = {"day": _day(before.created_at)}
    if before.state in Invitation.RUNNING:
        no = _("You invited this address on %(day)s, and that invitation still runs.") % days
    else:
        again = before.created_at + timedelta(days=Invitation.FORGET_DAYS)
        no = _(
            "You invited this address on %(day)s. Once in three months is enough: "
            "again from %(again)s."
        ) % {**days, "again": _day(again)}
    raise Refused(no, field="address")


def _keep(invitation: Invitation) -> None:
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError as error:  # pressed twice, or in two windows at once
        if "one_open_invitation_per_inviter_and_address" not in str(error):
            raise
        raise Refused(
            _("You invited this address just now, and that invitation still runs."),
            field="address",
        ) from error
    except DatabaseError as error:
        match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
            case "kring: five open":
                no = _(
                    "You have five invitations open, and that is the most one can have. "
                    "Withdraw one, or wait for an answer."
                )
            case "kring: ten in a quarter":
                no = _(
                    "You sent ten invitations in the past 90 days, and that is the most one can "
                    "send."
                )
            case "kring: twice the seats":
                no = _(
                    "The circle has as many invitations open as it can have: twice its free "
                    "seats, and five at least."
                )
            case _:
                raise
        raise Refused(no) from error


def _told(circle: Circle, invitation: Invitation, stands: str, since: datetime | None) -> str:
    """What the inviter reads once it is written down; true whatever they may not know."""
    if stands == "applied":
        said = _(
            "An application from this address is running. Your words are added to it, and you do "
            "not vote on it."
        )
    else:
        said = _(
            "Your invitation is written down. %(name)s gets a letter, unless an application from "
            "this address is running (then your words are added to it) or the circle cannot admit "
            "them now."
        ) % {"name": invitation.name}
    if stands == "left":
        also = _("They were in this circle until %(day)s; they are vetted like anybody else.")
        said += " " + also % {"day": _day(since)}
    taken = Membership.objects.seated().filter(circle_id=circle.pk).count()
    if taken >= circle.size_cap:
        said += " " + _("The circle is full: whoever is admitted waits for a seat.")
    return said


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
