"""Asking and changing one's own question."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Circle
from kring.lib import text
from kring.lib.refused import Refused
from members import audit
from members.models import Member
from questions.models import Event, Question, Revision, Tag, Tagging
from questions.writing import put_down

MAX_TAGS = 5


@transaction.atomic
def ask(
    circle: Circle,
    *,
    by: Member,
    public_id: str,
    title: str,
    body: str,
    mail_line: str = "",
    parameters: list[dict] = (),
    need: str = Question.Need.OPINION,
    needed_by: date | None = None,
    outcome_weeks: int | None = None,
    tags: list[str] = (),
) -> Question:
    """Put a question to the circle, once: the same `public_id` again gives the first question.

    Raises Refused when the text cannot be shown as a page.
    """
    html = text.render(body, field="body")
    question, is_new = put_down(
        Question,
        by=by,
        circle_id=circle.pk,
        public_id=public_id,
        title=title,
        mail_line=mail_line,
        body=body,
        html=html,
        parameters=list(parameters),
        need=need,
        needed_by=needed_by,
        outcome_weeks=outcome_weeks,
    )
    if not is_new:
        return question
    _tag(question, tags)
    Event.objects.create(circle=circle, kind=Event.Kind.ASKED, by=by, question=question)
    _record("question.asked", question, by)
    return question


@transaction.atomic
def edit(
    question: Question,
    *,
    by: Member,
    title: str,
    body: str,
    mail_line: str,
    parameters: list[dict],
    needed_by: date | None,
    seen: str,
) -> None:
    """Change one's own question; how it read before is kept.

    `seen` is the moment of the version the writer started from. Raises Refused when it was
    changed meanwhile (in another tab, say) or the text cannot be shown.
    """
    html = text.render(body, field="body")
    now = timezone.now()
    written_at = question.edited_at or question.created_at
    Revision.objects.create(
        circle_id=question.circle_id,
        question=question,
        by_id=by.pk,
        title=question.title,
        body=question.body,
        html=question.html,
        parameters=question.parameters,
        written_at=written_at,
        replaced_at=now,
    )
    changed = Question.objects.filter(
        circle_id=question.circle_id, pk=question.pk, edited_at=question.edited_at
    )
    if seen != version(question) or not changed.update(
        title=title,
        body=body,
        html=html,
        mail_line=mail_line,
        parameters=parameters,
        needed_by=needed_by,
        edited_at=now,
    ):
        raise Refused(_("This text was changed meanwhile. Yours is below; nothing is lost."))
    _record("question.edited", question, by)


def version(written) -> str:
    """Name the version of a text: the moment it was last written."""
    return (written.edited_at or written.created_at).isoformat()


def _tag(question: Question, names: list[str]) -> None:
    wanted = list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    known = {
        tag.name: tag
        for tag in Tag.objects.filter(circle_id=question.circle_id, name__in=wanted[:MAX_TAGS])
    }
    for name in wanted[:MAX_TAGS]:
        tag = (
            known.get(name)
            or Tag.objects.get_or_create(circle_id=question.circle_id, name=name)[0]
        )
        Tagging.objects.create(circle_id=question.circle_id, question=question, tag=tag)


def _record(act: str, question: Question, by: Member) -> None:
    audit.record(
        act, by=by, circle_id=question.circle_id, subject="question", subject_id=question.pk
    )
