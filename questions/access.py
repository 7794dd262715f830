"""The doors to what is said: a circle's member gets in, everybody else finds nothing there."""

from django.http import Http404

from circles.access import circle_for
from circles.models import Membership
from members.models import Member
from questions.models import Answer, Question


def question_for(member: Member, circle_id: str, question_id: str) -> tuple[Membership, Question]:
    """Hand over the membership and the question, with its author; 404 for whoever may not know."""
    membership = circle_for(member, circle_id)
    question = (
        Question.objects.in_circles([membership.circle_id])
        .with_people()
        .filter(public_id=question_id)
        .first()
    )
    if question is None:
        raise Http404
    question.circle = membership.circle
    return membership, question


def answer_for(
    member: Member, circle_id: str, question_id: str, answer_id: str
) -> tuple[Membership, Question, Answer]:
    """Hand over an answer together with where it stands; 404 for whoever may not know."""
    membership, question = question_for(member, circle_id, question_id)
    answer = (
        Answer.objects.select_related("author", "imported_author")
        .filter(circle_id=membership.circle_id, question=question, public_id=answer_id)
        .first()
    )
    if answer is None:
        raise Http404
    return membership, question, answer


def own_question_for(
    member: Member, circle_id: str, question_id: str
) -> tuple[Membership, Question]:
    """Hand over a question one may change: one's own, in a circle where one writes."""
    membership, question = question_for(member, circle_id, question_id)
    if question.author_id != member.pk or not membership.writes:
        raise Http404
    return membership, question


def own_answer_for(
    member: Member, circle_id: str, question_id: str, answer_id: str
) -> tuple[Membership, Question, Answer]:
    """Hand over an answer one may change: one's own, in a circle where one writes."""
    membership, question, answer = answer_for(member, circle_id, question_id, answer_id)
    if answer.author_id != member.pk or not membership.writes:
        raise Http404
    return membership, question, answer


def writing_in(member: Member, circle_id: str) -> Membership:
    """Hand over the membership of somebody who may write there; 404 for a reader only."""
    membership = circle_for(member, circle_id)
    if not membership.writes:
        raise Http404
    return membership


def reading_memberships(member: Member) -> list[Membership]:
    """All circles one reads, by name: where searching and the home page look."""
    return list(
        Membership.objects.reading()
        .filter(member_id=member.pk)
        .select_related("circle")
        .order_by("circle__name", "id")
    )
