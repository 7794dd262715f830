"""One's own year in a circle: asked, helped, outcomes. Counted for its owner, and shown to nobody
else: there is no ranking."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from questions.models import Answer, Outcome, Question


@dataclass(frozen=True)
class OwnYear:
    """What one gave and took since a moment."""

    asked: int
    told: int  # outcomes one reported
    owed: int  # outcomes one still owes
    answered: int
    accepted: int  # answers that were chosen
    thanked: int  # outcomes others reported where one had answered

    @property
    def is_empty(self) -> bool:
        return not (self.asked or self.answered)


def own_year(member_id: int, circle_id: int, since: datetime) -> OwnYear:
    """Count as the member themselves."""
    asked = Question.objects.filter(circle_id=circle_id, author_id=member_id)
    answers = Answer.objects.filter(circle_id=circle_id, author_id=member_id)
    recent = answers.filter(created_at__gte=since)
    chosen = Question.objects.filter(
        circle_id=circle_id, pk=OuterRef("question_id"), accepted_answer_id=OuterRef("pk")
    )
    outcomes = Outcome.objects.filter(circle_id=circle_id, at__gte=since)
    helped = answers.filter(question_id=OuterRef("question_id"))
    return OwnYear(
        asked=asked.filter(created_at__gte=since).count(),
        told=outcomes.filter(by_id=member_id).count(),
        owed=asked.filter(state=Question.State.OUTCOME_DUE).count(),
        answered=recent.count(),
        accepted=recent.filter(Exists(chosen)).count(),
        thanked=outcomes.exclude(by_id=member_id).filter(Exists(helped)).count(),
    )
