"""The two letters of an invitation: who invites, to what, until when; and how to hear nothing more.

Sent at most once each, two in all. No word of the inviter stands in them: those are behind the
link. Of a circle that is not listed a mail says the alias only.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from circles import access
from circles.models import Application, Circle, Invitation, Membership
from kring.lib.acting import acting_with
from members import links, mailing, silence
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member

S = Invitation.State
FIRST, REMINDER = "invitation", "invitation_reminder"
MOST = 2  # letters to one address, whoever of the circle invites


@letter_kind(FIRST, at_least_once=False, unasked=True)
def invitation(letter: Letter) -> Mail:
    return _compose(letter)


@letter_kind(REMINDER, at_least_once=False, unasked=True)
def reminder(letter: Letter) -> Mail:
    return _compose(letter)


def _compose(letter: Letter) -> Mail:
    """Compose either letter, as the invitee. Raises Skip when it should not go (any more)."""
    with acting_with(letter.link_id):
        found = access.own_invitation(letter.link_id)
        inviter = access.vouchers().get(found.inviter_id) if found else None
    if found is None or inviter is None or letter.seq:
        raise Skip("ended")
    if reason := obstacle(found, letter):
        raise Skip(reason)
    circle = found.circle
    return mailing.compose(
        "invitation",
        to=found.address,
        language=found.language,
        dear=found.name,
        again=letter.kind == REMINDER,
        invitation=found,
        inviter=inviter,
        circle=circle,
        may_say_more=circle.listed,
        circle_name=name_in_mail(circle),
        path=reverse("invitation_open", args=[links.token_of(found.link)]),
        never=silence.url_for(found.address),
    )


def name_in_mail(circle: Circle) -> str:
    """The name of a circle as a mail may say it that nobody asked for."""
    return circle.name if circle.listed else circle.mail_alias


def obstacle(invitation: Invitation, letter: Letter) -> str:
    """Say in a word why this letter should not go, or nothing. Asked by the house alone: the
    inviter is not told, since some of it is for those who vet only."""
    others = Invitation.objects.filter(
        circle_id=invitation.circle_id, address_key=invitation.address_key
    )
    applications = Application.objects.filter(
        circle_id=invitation.circle_id, address_key=invitation.address_key
    )
    if not invitation.is_open:
        return "ended"
    if applications.running().exists() or others.filter(state__in=[S.BEGUN, S.VETTING]).exists():
        return "applies"
    if applications.cooling_off().exists():
        return "too early"
    if _seat_of(invitation) not in (None, "left", "lapsed"):
        return "member"
    if others.open().filter(pk__lt=invitation.pk).exists():
        return "asked by another"  # the first who asked speaks for all
    if _letters_to(others, letter) >= MOST:
        return "two in all"
    return ""


def _seat_of(invitation: Invitation) -> str | None:
    account = Member.objects.filter(email__iexact=invitation.address).values_list("pk", flat=True)
    return (
        Membership.objects.filter(circle_id=invitation.circle_id, member_id__in=list(account))
        .values_list("state", flat=True)
        .first()
    )


def _letters_to(invitations, letter: Letter) -> int:
    """How many letters went to this address, over all who invited it in the past 90 days."""
    lately = timezone.now() - timedelta(days=Invitation.FORGET_DAYS)
    numbers = list(invitations.filter(created_at__gt=lately).values_list("pk", flat=True))
    gone = (Letter.State.SENDING, Letter.State.SENT, Letter.State.UNKNOWN)
    return (
        Letter.objects.filter(kind__in=[FIRST, REMINDER], subject_id__in=numbers, state__in=gone)
        .exclude(pk=letter.pk)
        .count()
    )
