"""What somebody asked and answered lately in one circle: where a colleague meets them at work."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from kring.lib.kept import kept
from questions.models import Answer, Question

MOST = 8
UNSEEN = (Question.State.WITHDRAWN, Question.State.HELD)
# As kring_taken_back() says it: what somebody took back is no work to be met by.
TAKEN_BACK = Q(body__in=("Ingetrokken door de schrijver.", "Withdrawn by its writer."))


@dataclass(frozen=True)
class Said:
    """A question somebody asked, or one they answered."""

    question: Question
    at: datetime
    answer_id: str = ""


def said_by(member_id: int, circle_id: int) -> list[Said]:
    """The newest few, each question once."""
    every = [Said(row, row.created_at) for row in _asked(circle_id, member_id)]
    for row in _answered(circle_id, member_id):
        every.append(Said(row.question, row.created_at, row.public_id))
    found: dict[int, Said] = {}
    for said in sorted(every, key=lambda said: said.at, reverse=True):
        found.setdefault(said.question.pk, said)
    return list(found.values())[:MOST]


@kept
def _asked(circle_id: int, member_id: int):
    rows = Question.objects.filter(circle_id=circle_id, author_id=member_id)
    return _newest(rows.exclude(state__in=UNSEEN).only("public_id", "title", "created_at"))


@kept
def _answered(circle_id: int, member_id: int):
    rows = Answer.objects.filter(circle_id=circle_id, author_id=member_id)
    rows = rows.exclude(question__state__in=UNSEEN).select_related("question")
    shown = ("question__public_id", "question__title")
    return _newest(rows.only("public_id", "created_at", *shown))


def _newest(rows: QuerySet) -> QuerySet:
    return rows.exclude(TAKEN_BACK).order_by("-created_at", "-id")[:MOST]
