"""Reading: a question with all that stands under it, and the marks of one reader (what was read,
what was set aside), which opening a page never writes."""

from collections import defaultdict
from datetime import datetime

from django.utils import timezone

from kring.lib.kept import kept
from members.models import Member
from questions.models import Answer, Comment, Mark, Outcome, Question, Revision


def mark_read(question: Question, *, by: Member, seen: datetime | None = None) -> None:
    """Remember that this member has seen the question as it stood at `seen` (None: now).

    What came after that moment stays unread, and a mark never moves back.
    """
    moment = min(seen or timezone.now(), timezone.now())
    earlier = Mark.objects.filter(
        circle_id=question.circle_id, question_id=question.pk, member=by, read_at__gt=moment
    )
    if not earlier.exists():
        _mark(question, by, read_at=moment)


def set_aside(question: Question, *, by: Member) -> None:
    """Stop offering this question to this member. They still find it in its circle."""
    _mark(question, by, aside_at=timezone.now())


def _mark(question: Question, by: Member, **moment) -> None:
    Mark.objects.update_or_create(
        circle_id=question.circle_id, question_id=question.pk, member=by, defaults=moment
    )


def thread(question: Question) -> dict:
    """Everything under a question: answers (the chosen one first), remarks, outcomes.

    Three queries at most, whatever it shows. The question comes from its door.
    """
    here = question.circle_id, question.pk
    answers = _answers(*here)
    under = defaultdict(list)
    for comment in _comments(*here):
        under[comment.answer_id].append(comment)
    for answer in answers:
        answer.remarks = under[answer.pk]
        answer.is_accepted = answer.pk == question.accepted_answer_id
    answers.sort(key=lambda answer: not answer.is_accepted)
    return {
        "answers": answers,
        "remarks": under[None],
        "outcomes": _outcomes(*here) if question.has_outcome else [],
    }


@kept
def _answers(circle_id: int, question_id: int):
    rows = Answer.objects.filter(circle_id=circle_id, question_id=question_id)
    rows = rows.select_related("author", "imported_author").defer("search", "body")
    return rows.order_by("created_at", "id")


@kept
def _comments(circle_id: int, question_id: int):
    rows = Comment.objects.filter(circle_id=circle_id, question_id=question_id)
    rows = rows.select_related("author", "imported_author").defer("body")
    return rows.order_by("created_at", "id")


@kept
def _outcomes(circle_id: int, question_id: int):
    return Outcome.objects.filter(circle_id=circle_id, question_id=question_id).order_by(
        "at", "id"
    )


def history(question: Question) -> list[Revision]:
    """Earlier versions of the question and its answers, newest first."""
    return list(
        Revision.objects.filter(circle_id=question.circle_id, question=question)
        .select_related("by", "imported_author", "answer")
        .order_by("-replaced_at", "-id")[:100]
    )
