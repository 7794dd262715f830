"""What a circle asks at its door: set by its admins, answered by an applicant.

Whoever changes a question makes a new version of it; an answer keeps the words it was given to.
Without questions of its own a circle asks two: what do you bring, what do you seek.
"""

from django.db import transaction

from circles.models import Application, Circle, DoorAnswer, DoorQuestion
from kring.lib.acting import acting_with
from members import audit
from members.models import Member

ASKED = ("kind", "label", "choices")  # a change of these is a new version


@transaction.atomic
def ask(circle: Circle, *, by: Member, questions: list[dict]) -> bool:
    """Set what is asked, place by place; without a label a place asks nothing. Say whether
    anything changed."""
    now = {row.position: row for row in DoorQuestion.objects.filter(circle_id=circle.pk)}
    changed = False
    for position, wanted in enumerate(questions, start=1):
        row = now.get(position)
        if row is None:
            if wanted["label"]:
                DoorQuestion.objects.create(circle_id=circle.pk, position=position, **wanted)
                changed = True
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            is_new = any(getattr(row, name) != wanted[name] for name in ASKED)
            DoorQuestion.objects.filter(circle_id=circle.pk, pk=row.pk).update(
                **wanted, version=row.version + is_new
            )
            changed = True
    if changed:
        audit.record(
            "circle.door_questions",
            by=by,
            circle_id=circle.pk,
            subject="circle",
            subject_id=circle.pk,
        )
    return changed


def asked_of(application: Application) -> list[DoorQuestion]:
    """Hand over what the circle asks its applicant, with `value` as far as it is answered."""
    with acting_with(application.link_id):
        questions = list(DoorQuestion.objects.asked().filter(circle_id=application.circle_id))
        values = {row.position: row for row in _answers(application)} if questions else {}
    for question in questions:
        answer = values.get(question.position)
        is_same = answer is not None and answer.version == question.version
        question.value = answer.value if is_same else ""
    return questions


def keep(application: Application, questions: list[DoorQuestion], values: dict[int, str]) -> None:
    """Keep what a draft answers so far, {position: text}."""
    if not values:
        return
    with acting_with(application.link_id):
        DoorAnswer.objects.bulk_create(
            [
                DoorAnswer(
                    circle_id=application.circle_id,
                    application=application,
                    position=question.position,
                    version=question.version,
                    asked=question.label,
                    value=values[question.position],
                )
                for question in questions
                if question.position in values
            ],
            update_conflicts=True,
            unique_fields=["circle", "application", "position"],
            update_fields=["version", "asked", "value"],
        )


def _answers(application: Application):
    return DoorAnswer.objects.filter(
        circle_id=application.circle_id, application_id=application.pk
    )
