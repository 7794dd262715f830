"""Where the link in a letter at once leads its own reader: to the answer or outcome it told of."""

from django.http import Http404
from django.urls import reverse

from circles.access import knock
from circles.models import Membership
from members import links
from members.models import Letter, Member
from questions.at_once.kinds import ANSWERS, KINDS
from questions.models import Answer, Question

PLACE = "letter at once"  # what the opaque links of these letters are signed for


def token_of(letter: Letter) -> str:
    """Return what stands in the address of a letter's link: says nothing, opens nothing alone."""
    return links.token(PLACE, letter.pk, 0)


def address_behind(member: Member, token: str) -> str | None:
    """Return the address to which a letter's link leads; None when it is no such link.

    Raises 404 for anybody but its reader, and for what may not be seen any more.
    """
    found = links.read(PLACE, token)
    if found is None:
        return None
    letter = Letter.objects.filter(pk=found[0], kind__in=KINDS, member_id=member.pk).first()
    if letter:
        knock(member, letter.circle_id)
    membership = letter and (
        Membership.objects.reading()
        .filter(circle_id=letter.circle_id, member_id=member.pk)
        .select_related("circle")
        .first()
    )
    question = membership and (
        Question.objects.in_circles([membership.circle_id]).filter(pk=letter.subject_id).first()
    )
    if not question or not question.takes_answers:
        raise Http404
    page = reverse("question_page", args=[membership.circle.public_id, question.public_id])
    return page + _anchor(letter, question)


def _anchor(letter: Letter, question: Question) -> str:
    if letter.kind != ANSWERS.name:
        return "#outcome"
    first = (
        Answer.objects.filter(circle_id=question.circle_id, question=question, pk__in=letter.tells)
        .order_by("created_at", "id")
        .first()
    )
    return f"#a-{first.public_id}" if first else ""
