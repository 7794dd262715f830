"""The first hour of a new circle: a few things its admins do first, each done when it is true.

What can be seen in the circle itself (a question asked, somebody invited, rules changed) is looked
up; what is only in somebody's head (we stand by this text) is said once, with name and day.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.http import Http404

from circles.models import Application, Circle, FirstHour, Invitation, Membership
from members import audit
from members.models import AuditEntry, Member
from questions.models import Question

S = FirstHour.Step
STEPS = ("charter", "form", "rules", "question", "people")
SAID = (S.CHARTER, S.FORM, S.RULES, S.CLOSED)  # what somebody says or tries


@dataclass(frozen=True)
class Step:
    name: str
    is_done: bool
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Hour:
    """Where it stands, the same for every admin."""

    steps: list[Step]

    @property
    def done(self) -> list[Step]:
        return [step for step in self.steps if step.is_done]

    @property
    def waiting(self) -> list[Step]:
        return [step for step in self.steps if not step.is_done]

    @property
    def is_over(self) -> bool:
        return not self.waiting


def hour_of(membership: Membership) -> Hour | None:
    """Hand over the first hour of a circle one administers; None where there is none (any more)."""
    if not membership.administers:
        return None
    of_it = {"circle_id": membership.circle_id}
    said = {row.step: row for row in FirstHour.objects.select_related("by").filter(**of_it)}
    if S.BEGUN not in said or S.CLOSED in said:
        return None
    here = {"circle_id": OuterRef("pk")}
    changed = AuditEntry.objects.filter(**here, act="circle.policy_changed")
    seen = (
        Circle.objects.filter(pk=membership.circle_id)
        .values_list(
            Exists(changed),
            Exists(Question.objects.filter(**here)),
            Exists(Invitation.objects.filter(**here)),
            Exists(Application.objects.filter(**here).exclude(state__in=Application.UNSEEN)),
        )
        .first()
    )
    rules, asked, invited, applied = seen
    true = {"rules": rules, "question": asked, "people": invited or applied}
    return Hour([_step(name, said.get(name), true.get(name, False)) for name in STEPS])


def _step(name: str, row: FirstHour | None, is_true: bool) -> Step:
    if row is None:
        return Step(name, is_true)
    return Step(name, True, row.by.name if row.by else "", row.at)


def hour_for(membership: Membership) -> Hour:
    """The same, or 404."""
    hour = hour_of(membership)
    if hour is None:
        raise Http404
    return hour


def do(circle: Circle, step: str, *, by: Member) -> None:
    """Say or try one step, or close the list; twice is once."""
    FirstHour.objects.bulk_create(
        [FirstHour(circle_id=circle.pk, step=step, by_id=by.pk)], ignore_conflicts=True
    )
    audit.record(
        "circle.first_hour",
        by=by,
        circle_id=circle.pk,
        subject="circle",
        subject_id=circle.pk,
        step=step,
    )
