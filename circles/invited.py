"""What becomes of an invitation: the invitee begins or says no, time ends it, and it is erased.

Every act of the invitee runs as the holder of the mailed link; the others are acts of the house.
"""

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves
from circles.models import Application, Invitation
from kring.lib.acting import acting_with
from kring.lib.ids import public_id
from kring.lib.refused import Refused
from members import audit, erasing, letters, links
from members.models import Member

S = Invitation.State


def begin(invitation: Invitation, *, language: str) -> int:
    """Begin an application from the invited address, which the link proves; return its link's id.

    Raises Refused when it cannot be begun: in words that only the reader of the mail sees.
    """
    with acting_with(invitation.link_id):
        link_id = _begin(language)
    with acting_with(link_id):
        application = Application.objects.get(link_id=link_id)
        audit.record(
            "application.started",
            by=None,
            circle_id=application.circle_id,
            subject="application",
            subject_id=application.pk,
            invitation=invitation.pk,
        )
        moves.follow_up(application)
    return link_id


def decline(invitation: Invitation, *, answer: str = "") -> None:
    """Say 'no, thank you', with a word to the inviter or without.

    Raises Refused when it was answered before.
    """
    with acting_with(invitation.link_id):
        record("invitation.declined", invitation, None)
        end(invitation, S.DECLINED, answer=" ".join(answer.split()))


def expire(invitation: Invitation) -> None:
    """End an invitation nobody answered."""
    end(invitation, S.EXPIRED)
    record("invitation.expired", invitation, None)


def erase(invitation: Invitation) -> None:
    """Leave no word of the invitee. What stays is that somebody was invited, when, and how it
    ended; and for a while the hash of the address, so that nobody is asked again and again."""
    Invitation.objects.filter(circle_id=invitation.circle_id, pk=invitation.pk).update(
        address="", name="", words="", answer=""
    )
    links.end(invitation.link)
    erasing.record("invitation", invitation.pk)
    record("invitation.erased", invitation, None)


@erasing.erasure("invitation")
def erase_again(line: erasing.Line) -> bool:
    """Erase an invitation that a backup brought back, and end it where it had not ended yet."""
    invitation = Invitation.objects.select_related("link").filter(pk=line.row_id).first()
    if invitation is None or not invitation.address:
        return False
    if invitation.state in Invitation.RUNNING:
        Invitation.objects.filter(pk=invitation.pk).update(
            state=S.EXPIRED, ended_at=timezone.now()
        )
    erase(invitation)
    return True


def forget(invitation: Invitation) -> None:
    """Drop that hash too: from now on the address may be invited anew."""
    Invitation.objects.filter(circle_id=invitation.circle_id, pk=invitation.pk).update(
        address_key=""
    )
    erasing.record("invitation_key", invitation.pk)


@erasing.erasure("invitation_key")
def forget_again(line: erasing.Line) -> bool:
    """Drop the hash that a backup brought back."""
    known = Invitation.objects.filter(pk=line.row_id).exclude(address_key="")
    return bool(known.update(address_key=""))


def end(invitation: Invitation, state: str, **facts) -> None:
    """Move an open invitation to its end, once. Raises Refused when somebody was first."""
    facts |= {"state": state, "ended_at": timezone.now()}
    changed = (
        Invitation.objects.open()
        .filter(circle_id=invitation.circle_id, pk=invitation.pk)
        .update(**facts)
    )
    if not changed:
        look_again(invitation)
        if invitation.state in Invitation.RUNNING:
            raise Refused(_("They have begun an application; now the vetting decides."))
        raise Refused(_("This invitation had ended already."))
    for name, value in facts.items():
        setattr(invitation, name, value)


def look_again(invitation: Invitation) -> None:
    """Read the row anew. Raises LookupError when it is out of sight: a mistake of ours."""
    now = (
        Invitation.objects.filter(circle_id=invitation.circle_id, pk=invitation.pk)
        .values("state", "reminded_at")
        .first()
    )
    if now is None:
        raise LookupError(f"invitation {invitation.pk} is out of sight of whoever acts on it")
    invitation.state, invitation.reminded_at = now["state"], now["reminded_at"]


def record(act: str, invitation: Invitation, by: Member | None) -> None:
    audit.record(
        act,
        by=by,
        circle_id=invitation.circle_id,
        subject="invitation",
        subject_id=invitation.pk,
    )


def write(invitation: Invitation, kind: str) -> None:
    """Write one of its two letters; each is written once."""
    letters.post(
        kind,
        subject_id=invitation.pk,
        link=invitation.link_id,
        circle_id=invitation.circle_id,
    )


def _begin(language: str) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select kring_begin_invited(%s, %s)", [public_id(), language])
            return cursor.fetchone()[0]
    except DatabaseError as error:
        match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
            case "kring: not open":
                no = _("This invitation is not open any more.")
            case "kring: already in":
                no = _("You are in this circle already. Sign in, and it is there.")
            case "kring: already running":
                no = _(
                    "From this address an application is already running in this circle. "
                    "Its link is in the letters we sent you."
                )
            case "kring: too early":
                no = _(
                    "The circle decided about you a short while ago. You can apply again three "
                    "months after that decision, or six when it was final."
                )
            case _:
                raise
        raise Refused(no) from error
