"""What a letter still has to tell: by the rights of this moment, unread, and not told before.

Acts as the reader. Each raises Skip with its reason when nothing is left.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from circles.models import Circle, Membership
from members.letters import Skip
from members.models import Letter, Member
from questions import waiting
from questions.at_once import told
from questions.at_once.posting import AHEAD
from questions.digests.ceilings import ceiling_of
from questions.digests.items import micros
from questions.digests.lines import shown_of
from questions.models import Answer, DigestPlan, Mark, Outcome, Question

State = Question.State


@dataclass(frozen=True)
class News:
    """What is new in one thread for one reader; `ids` are kept with the letter that tells it."""

    question: Question
    circle: Circle
    ids: list[int]
    chosen: bool = False  # the reader's answer was the one
    plan: DigestPlan | None = None  # of the reader, who may want less than the circle allows

    @property
    def ceiling(self) -> str:
        return ceiling_of(self.circle, self.plan)

    @property
    def shown(self) -> str:
        """What a mail may say of the question; '' says numbers only."""
        return shown_of(self.question, self.ceiling)


def answers(letter: Letter, member: Member) -> News:
    """Answers on the reader's question, by others."""
    membership, question = _thread(letter, member)
    if question.author_id != member.pk:
        raise Skip("not the asker")
    rows = Answer.objects.filter(
        circle_id=question.circle_id,
        question=question,
        imported_author=None,
        created_at__gte=membership.since,
    ).exclude(author_id=member.pk)
    if read_at := _read_at(question, member):
        rows = rows.filter(created_at__gt=read_at)
    before = told.AtOnce.to(member.pk).answers(question.pk)
    for item in told.by_digest(member.pk, question.pk):
        before = before | set(item.get("answers", ()))
    given = rows.order_by("created_at", "id").values_list("pk", flat=True)
    ids = [pk for pk in given if pk not in before]
    if not ids:
        raise Skip("read or told")
    return News(question, membership.circle, ids)


def outcome_due(letter: Letter, member: Member) -> News:
    """The outcome the reader promised for within three days."""
    membership, question = _thread(letter, member)
    due_at = question.outcome_due_at
    if question.author_id != member.pk or not membership.writes:
        raise Skip("not the asker")
    if question.state not in (State.ANSWERED, State.OUTCOME_DUE) or due_at is None:
        raise Skip("reported")
    if due_at - AHEAD > timezone.now():
        raise Skip("promised for later")  # and that promise has its own letter
    since = due_at - waiting.SOON
    read_at = _read_at(question, member)
    if read_at is not None and read_at >= since:
        raise Skip("read or told")
    by_digest = told.by_digest(member.pk, question.pk)
    moments = {item["at"] for item in by_digest if item["kind"] == "outcome"}
    mailed = told.AtOnce.to(member.pk).promise(question.pk, due_at.date())
    if mailed or moments & {micros(since), micros(due_at)}:
        raise Skip("read or told")
    return News(question, membership.circle, [due_at.date().toordinal()])


def thanks(letter: Letter, member: Member) -> News:
    """The outcome of a question the reader answered."""
    membership, question = _thread(letter, member)
    own = Answer.objects.filter(
        circle_id=question.circle_id, question=question, author_id=member.pk
    ).values_list("pk", flat=True)
    outcome = (
        Outcome.objects.filter(circle_id=question.circle_id, question=question)
        .exclude(by_id=member.pk)
        .order_by("-at", "-id")
        .first()
    )
    if not own or outcome is None or question.state != State.CLOSED:
        raise Skip("nothing to thank for")
    read_at = _read_at(question, member)
    by_digest = [item["kind"] for item in told.by_digest(member.pk, question.pk)]
    if (
        (read_at is not None and read_at >= outcome.at)
        or "known" in by_digest
        or told.AtOnce.to(member.pk).outcome(question.pk)
    ):
        raise Skip("read or told")
    chosen = question.accepted_answer_id in own
    return News(question, membership.circle, [outcome.pk], chosen)


def _thread(letter: Letter, member: Member) -> tuple[Membership, Question]:
    """Return the question with the membership by which the reader sees it today."""
    membership = (
        Membership.objects.living()
        .unlocked()
        .filter(circle_id=letter.circle_id, member_id=member.pk)
        .select_related("circle")
        .first()
    )
    if membership is None:
        raise Skip("not_member")
    question = (
        Question.objects.in_circles([membership.circle_id]).filter(pk=letter.subject_id).first()
    )
    if question is None or not question.takes_answers:
        raise Skip("hidden")
    return membership, question


def _read_at(question: Question, member: Member) -> datetime | None:
    mark = Mark.objects.filter(
        circle_id=question.circle_id, question_id=question.pk, member_id=member.pk
    )
    return mark.values_list("read_at", flat=True).first()
