"""One's own year in a circle: asked, helped, outcomes. Counted for its owner, and shown to nobody
else: there is no ranking."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

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
    here = {"circle_id": circle_id}
    answers = Answer.objects.filter(**here, author_id=member_id)
    chosen = Question.objects.filter(
        **here, pk=OuterRef("question_id"), accepted_answer_id=OuterRef("pk")
    )
    helped = Exists(answers.filter(question_id=OuterRef("question_id")))
    asked = Question.objects.filter(**here, author_id=member_id).aggregate(
        asked=_those(created_at__gte=since), owed=_those(state=Question.State.OUTCOME_DUE)
    )
    answered = answers.filter(created_at__gte=since).aggregate(
        answered=Count("pk"), accepted=Count("pk", filter=Exists(chosen))
    )
    told = Outcome.objects.filter(**here, at__gte=since).aggregate(
        told=_those(by_id=member_id), thanked=Count("pk", filter=~Q(by_id=member_id) & helped)
    )
    return OwnYear(**asked, **answered, **told)


def _those(**facts) -> Count:
    return Count("pk", filter=Q(**facts))
