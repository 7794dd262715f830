"""What somebody asked and answered lately in one circle: where a colleague meets them at work."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

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
    own = {"circle_id": circle_id, "author_id": member_id}
    asked = _newest(Question.objects.filter(**own).exclude(state__in=UNSEEN))
    answers = Answer.objects.filter(**own).exclude(question__state__in=UNSEEN)
    answers = _newest(answers.select_related("question"))
    every = [Said(row, row.created_at) for row in asked]
    every += [Said(row.question, row.created_at, row.public_id) for row in answers]
    found: dict[int, Said] = {}
    for said in sorted(every, key=lambda said: said.at, reverse=True):
        found.setdefault(said.question.pk, said)
    return list(found.values())[:MOST]


def _newest(rows: QuerySet) -> QuerySet:
    return rows.exclude(TAKEN_BACK).order_by("-created_at", "-id")[:MOST]
