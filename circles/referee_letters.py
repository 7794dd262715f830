"""Letters to referees, outside the circle and in it.

Those to referees outside are unasked: one request, one reminder, one word of thanks, each with the
way to hear nothing more. No word of anybody stands in them; of a circle that is not listed the alias
only; of a sensitive one not who applies. The thanks say yes or no, and nothing else.
"""

from django.http import Http404
from django.urls import reverse

from circles import access
from circles.inviting_letters import name_in_mail
from circles.models import Application, Reference
from kring.lib.acting import acting_as
from members import links, mailing, silence
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member

S = Application.State


# --- to referees outside ------------------------------------------------------------------
@letter_kind("reference_asked", at_least_once=False, unasked=True)
def asked(letter: Letter) -> Mail:
    return _outside(letter)


@letter_kind("reference_reminder", at_least_once=False, unasked=True)
def reminder(letter: Letter) -> Mail:
    return _outside(letter)


@letter_kind("reference_thanks", at_least_once=False, unasked=True)
def thanks(letter: Letter) -> Mail:
    return _outside(letter)


# --- to members ---------------------------------------------------------------------------
@letter_kind("reference_asked_member", at_least_once=False, may_be_stopped=True)
def asked_member(letter: Letter) -> Mail:
    return _member(letter)


@letter_kind("reference_reminder_member", at_least_once=False, may_be_stopped=True)
def reminder_member(letter: Letter) -> Mail:
    return _member(letter)


@letter_kind("reference_thanks_member", at_least_once=False, may_be_stopped=True)
def thanks_member(letter: Letter) -> Mail:
    return _member(letter)


def _outside(letter: Letter) -> Mail:
    reference = access.own_reference(letter.link_id)
    _look_again(letter, reference)
    application = Application.objects.get(pk=reference.application_id)
    address = reference.referee.address
    return mailing.compose(
        letter.kind.removesuffix("_member"),
        to=address,
        language=application.language,
        path=reverse("reference_open", args=[links.token_of(reference.link)]),
        never=silence.url_for(address),
        **_facts(letter, reference, application, name_in_mail(reference.circle)),
    )


def _member(letter: Letter) -> Mail:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    reference = (
        Reference.objects.select_related("circle", "referee")
        .filter(pk=letter.subject_id, member_id=letter.member_id)
        .first()
    )
    if member is None or reference is None or not reference.referee.address:
        raise Skip("erased")
    with acting_as(member.pk):
        try:
            membership, reference = access.reference_for(
                member, reference.circle.public_id, reference.public_id
            )
        except (access.FactorAsked, Http404) as error:
            raise Skip("no member any more") from error
        circle = membership.circle
    _look_again(letter, reference)
    application = Application.objects.get(pk=reference.application_id)
    return mailing.compose(
        letter.kind.removesuffix("_member"),
        to=member.email,
        language=member.language,
        path=reverse("member_reference", args=[circle.public_id, reference.public_id]),
        never="",
        **_facts(
            letter,
            reference,
            application,
            circle.mail_alias if circle.is_sensitive else circle.name,
        ),
    )


def _facts(letter, reference, application, circle: str) -> dict:
    hidden = reference.circle.is_sensitive  # who applies stands behind the link then
    return {
        "again": "reminder" in letter.kind,
        "reference": reference,
        "dear": reference.referee.name,
        "applicant": "" if hidden else reference.applicant,
        "circle": circle,
        "admitted": application.state == S.APPROVED,
    }


def _look_again(letter: Letter, reference: Reference | None) -> None:
    """Raise Skip when this letter is not due any more."""
    if reference is None:
        raise Skip("erased")
    if "thanks" in letter.kind:
        if not reference.answered_at:
            raise Skip("not answered")
    elif not reference.is_asked:
        raise Skip("moved on")
