"""What is mailed about a circle in the making: will you found it too, and what they answered.

Each goes out once at most. Nothing of the circle stands in them but its name, and of one that is to
be sensitive not even that: the charter is behind the link.
"""

from django.urls import reverse

from circles.models import Cofounder
from circles.proposing import doors
from circles.proposing.cofounders import ASKED, ASKED_MEMBER
from kring.lib.acting import acting_as, acting_with
from members import links, mailing, silence
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member

S = Cofounder.State


@letter_kind(ASKED, at_least_once=False, unasked=True)
def asked(letter: Letter) -> Mail:
    """To whoever reads an address: somebody asks them to found a circle."""
    found = doors.asked_by_link(letter.link_id)
    if found is None or not _stands(found, letter):
        raise Skip("ended")
    with acting_with(letter.link_id):
        lead = found.founders[0]
    return _compose(
        "cofounder_asked",
        found,
        lead,
        to=found.address,
        language=found.founding.language,
        dear=found.name,
        until=found.link.expires_at,
        path=reverse("cofounder_open", args=[links.token_of(found.link)]),
        never=silence.url_for(found.address),
    )


@letter_kind(ASKED_MEMBER, at_least_once=True)
def asked_member(letter: Letter) -> Mail:
    """To a member whom the lead knows from a circle."""
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        mine = doors.asked_of(member) if member else []
        found = next((row for row in mine if row.pk == letter.subject_id), None)
    if found is None or not _stands(found, letter):
        raise Skip("ended")
    return _compose(
        "cofounder_asked",
        found,
        found.founders[0],
        to=member.email,
        language=member.language,
        path=reverse("cofounder_asked", args=[found.public_id]),
    )


@letter_kind("cofounder_answered", at_least_once=False)
def answered(letter: Letter) -> Mail:
    """To the lead: what somebody answered."""
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        found = Cofounder.objects.select_related("founding").filter(pk=letter.subject_id).first()
        if member is None or found is None or not found.founding.is_open:
            raise Skip("ended")
        known = {row.public_id: row for row in doors.founders_of(found.founding)}
    founder = known.get(found.public_id)
    if founder is None or founder.state not in (S.AGREED, S.DECLINED):
        raise Skip("ended")
    return mailing.compose(
        "cofounder_answered",
        to=member.email,
        language=member.language,
        who="" if found.founding.is_sensitive else founder.name,
        agreed=founder.agreed,
        circle=_called(found.founding),
        path=reverse("founding_people"),
    )


def _stands(found: Cofounder, letter: Letter) -> bool:
    return found.state == S.ASKED and found.sees.is_open and letter.seq == found.asks


def _called(founding) -> str:
    """The name of the circle, as far as a mail may say it."""
    return "" if founding.is_sensitive else founding.name


def _compose(name: str, found: Cofounder, lead, **facts) -> Mail:
    return mailing.compose(
        name, lead=lead, circle=_called(found.founding), again=bool(found.asks), **facts
    )
