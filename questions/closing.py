"""Closing the loop: the answer that helped, and what came of it."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kring.lib import text
from kring.lib.refused import Refused
from members import audit, due
from members.models import Member
from questions.at_once import posting
from questions.models import Answer, Event, Outcome, Question

State = Question.State
# Who asked moves a question; only these moves exist. Later states add rows here.
MOVES = {
    State.OPEN: {State.ANSWERED, State.CLOSED, State.NOT_KNOWN},
    State.ANSWERED: {State.ANSWERED, State.OUTCOME_DUE, State.CLOSED, State.NOT_KNOWN},
    State.OUTCOME_DUE: {State.ANSWERED, State.CLOSED, State.NOT_KNOWN},
    State.CLOSED: {State.CLOSED},
    State.NOT_KNOWN: {State.CLOSED},
    State.ABANDONED: {State.ANSWERED, State.CLOSED},
}
OUTCOME_WEEKS = 6  # when the asker chose no moment
_FIRST_DAY = date(2026, 1, 1)


@transaction.atomic
def accept(question: Question, answer: Answer, *, by: Member) -> None:
    """Choose the answer that helped; another may be chosen later. Sets the moment of the outcome.

    Raises Refused when the question has moved on meanwhile.
    """
    due_at = timezone.now() + timedelta(weeks=question.outcome_weeks or OUTCOME_WEEKS)
    if question.state in (State.CLOSED, State.NOT_KNOWN):
        raise Refused(_("The outcome is known already; the chosen answer stays."))
    _move(question, State.ANSWERED, accepted_answer_id=answer.pk, outcome_due_at=due_at)
    due.set_timer(
        "outcome",
        question.pk,
        due_at,
        circle_id=question.circle_id,
        member_id=by.pk,
        seq=(due_at.date() - _FIRST_DAY).days,  # another choice later has a later moment
    )
    posting.outcome_promised(question, due_at, by=by)
    Event.objects.create(
        circle_id=question.circle_id,
        kind=Event.Kind.ACCEPTED,
        by=by,
        question=question,
        answer=answer,
    )
    _record("answer.accepted", question, by)


@transaction.atomic
def report_outcome(question: Question, *, by: Member, helped: str, body: str) -> Outcome:
    """Tell the circle what came of it.

    Raises Refused when the question has moved on meanwhile, or the text cannot be shown.
    """
    known = helped != Outcome.Helped.UNKNOWN
    _move(question, State.CLOSED if known else State.NOT_KNOWN, outcome_due_at=None)
    outcome = Outcome.objects.create(
        circle_id=question.circle_id,
        question=question,
        by_id=by.pk,
        helped=helped,
        body=body,
        html=text.render(body, field="body"),
    )
    Event.objects.create(
        circle_id=question.circle_id, kind=Event.Kind.OUTCOME, by=by, question=question
    )
    if known:
        posting.outcome_came(question, by=by)
    _record("outcome.reported", question, by)
    return outcome


@due.when_due("outcome")
def outcome_falls_due(timer) -> None:
    """The moment the asker chose has come. Done as the asker; nothing when it was reported."""
    Question.objects.filter(
        circle_id=timer.circle_id,
        pk=timer.subject_id,
        state=State.ANSWERED,
        outcome_due_at__lte=timer.due_at,
    ).update(state=State.OUTCOME_DUE)


def _move(question: Question, new: str, **facts) -> None:
    if new not in MOVES.get(question.state, ()):
        raise Refused(_("This question has moved on; look at how it stands now."))
    row = Question.objects.filter(circle_id=question.circle_id, pk=question.pk)
    moved = row.filter(state=question.state).update(
        state=new, last_activity_at=timezone.now(), **facts
    )
    if not moved:
        if row.filter(state=question.state).exists() or not row.exists():
            raise LookupError(f"question {question.pk} is not for this member to move")
        raise Refused(_("This question has moved on; look at how it stands now."))
    question.state = new


def _record(act: str, question: Question, by: Member) -> None:
    audit.record(
        act, by=by, circle_id=question.circle_id, subject="question", subject_id=question.pk
    )
