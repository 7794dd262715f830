"""Answering, remarking, and changing one's own answer."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kring.lib import text
from kring.lib.refused import Refused
from members import audit
from members.models import Member
from questions.asking import version
from questions.at_once import posting
from questions.models import Answer, Comment, Event, Question, Revision
from questions.writing import put_down


@transaction.atomic
def answer(question: Question, *, by: Member, public_id: str, body: str) -> Answer:
    """Answer a question, once: the same `public_id` again gives the first answer.

    Raises Refused when the question takes no answers, or the text cannot be shown.
    """
    if not question.takes_answers:
        raise Refused(_("This question takes no answers any more."))
    written, is_new = put_down(
        Answer,
        by=by,
        circle_id=question.circle_id,
        public_id=public_id,
        question=question,
        body=body,
        html=text.render(body, field="body"),
    )
    if not is_new:
        return written
    Event.objects.create(
        circle_id=question.circle_id,
        kind=Event.Kind.ANSWERED,
        by=by,
        question=question,
        answer=written,
    )
    posting.answer_came(question, written)
    _record("answer.given", written, by)
    return written


@transaction.atomic
def comment(question: Question, *, by: Member, body: str, under: Answer | None = None) -> Comment:
    """Add a remark under the question, or under one of its answers.

    Raises Refused when the question takes none, or the text cannot be shown.
    """
    if not question.takes_answers:
        raise Refused(_("This question takes no answers any more."))
    written = Comment.objects.create(
        circle_id=question.circle_id,
        question=question,
        answer=under,
        author_id=by.pk,
        body=body,
        html=text.render(body, field="body"),
    )
    Event.objects.create(
        circle_id=question.circle_id,
        kind=Event.Kind.REMARKED,
        by=by,
        question=question,
        answer=under,
    )
    audit.record(
        "comment.written",
        by=by,
        circle_id=question.circle_id,
        subject="comment",
        subject_id=written.pk,
    )
    return written


@transaction.atomic
def edit(answer: Answer, *, by: Member, body: str, seen: str) -> None:
    """Change one's own answer; how it read before is kept.

    Raises Refused when it was changed meanwhile, or the text cannot be shown.
    """
    html = text.render(body, field="body")
    now = timezone.now()
    Revision.objects.create(
        circle_id=answer.circle_id,
        question_id=answer.question_id,
        answer=answer,
        by_id=by.pk,
        body=answer.body,
        html=answer.html,
        written_at=answer.edited_at or answer.created_at,
        replaced_at=now,
    )
    unchanged = Answer.objects.filter(
        circle_id=answer.circle_id, pk=answer.pk, edited_at=answer.edited_at
    )
    if seen != version(answer) or not unchanged.update(body=body, html=html, edited_at=now):
        raise Refused(_("This text was changed meanwhile. Yours is below; nothing is lost."))
    _record("answer.edited", answer, by)


def _record(act: str, written: Answer, by: Member) -> None:
    audit.record(act, by=by, circle_id=written.circle_id, subject="answer", subject_id=written.pk)
