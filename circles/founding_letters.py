"""The answer of a steward, told to those who propose a circle. Composed as its reader.

Sent at least once. Of a sensitive circle that is not listed a mail says the alias only.
"""

from django.urls import reverse

from circles.letters import is_hidden, name_in_mail
from circles.models import Circle
from kring.lib.acting import acting_as
from members import mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member


@letter_kind("circle_confirmed", at_least_once=True)
def confirmed(letter: Letter) -> Mail:
    """The circle is open."""
    member, circle = _reader(letter)
    if not circle.is_confirmed:
        raise Skip("not confirmed")
    path = reverse("question_list", args=[circle.public_id])
    return _compose(letter, member, circle, path)


@letter_kind("circle_declined", at_least_once=True)
def declined(letter: Letter) -> Mail:
    """The circle does not open, and why: in the mail where that may be said, else on its page."""
    member, circle = _reader(letter)
    if not circle.is_declined:
        raise Skip("not declined")
    path = reverse("own_proposal", args=[circle.public_id])
    return _compose(letter, member, circle, path)


def _reader(letter: Letter) -> tuple[Member, Circle]:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        circle = Circle.objects.filter(pk=letter.subject_id).first()
    if member is None or circle is None:
        raise Skip("out of sight")
    return member, circle


def _compose(letter: Letter, member: Member, circle: Circle, path: str) -> Mail:
    return mailing.compose(
        letter.kind,
        to=member.email,
        language=member.language,
        circle=name_in_mail(circle),
        reason="" if is_hidden(circle) else circle.declined_text,
        path=path,
    )
