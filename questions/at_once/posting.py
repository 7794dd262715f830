"""Writing letters at once, in the transaction of the act that causes them.

The number (`seq`) of a letter that waits is not above 0: 0 is the one that waits in its thread, so
a burst makes one letter. When it leaves it takes the number of its day (see `leaving`).
"""

from datetime import datetime, timedelta

from django.utils import timezone

from members import letters
from members.models import Member
from questions.at_once import kinds
from questions.models import Answer, Question

HOLD = timedelta(minutes=5)  # answers that come together are told together
AHEAD = timedelta(days=3)  # how long before its moment a promised outcome is asked for


def answer_came(question: Question, answer: Answer) -> None:
    """Tell whoever asked, unless they answered themselves, or asked in an archive."""
    if question.author_id not in (None, answer.author_id):
        _post(kinds.ANSWERS, question, question.author_id, not_before=timezone.now() + HOLD)


def outcome_promised(question: Question, due_at: datetime, *, by: Member) -> None:
    """Remind the asker before the moment they chose. Each promise has a letter of its own."""
    _post(
        kinds.OUTCOME_DUE,
        question,
        by.pk,
        not_before=due_at - AHEAD,
        seq=-due_at.date().toordinal(),
    )


def outcome_came(question: Question, *, by: Member) -> None:
    """Thank everybody who answered, now that the outcome is known."""
    helpers = Answer.objects.filter(circle_id=question.circle_id, question=question)
    helpers = helpers.filter(author__isnull=False).exclude(author_id=by.pk)
    for helper_id in sorted(set(helpers.values_list("author_id", flat=True))):
        _post(kinds.THANKS, question, helper_id, not_before=timezone.now() + HOLD)


def _post(
    kind: kinds.Kind, question: Question, member_id: int, *, not_before: datetime, seq: int = 0
) -> None:
    letters.post(
        kind.name,
        member=member_id,
        subject_id=question.pk,
        circle_id=question.circle_id,
        seq=seq,
        not_before=not_before,
    )
