"""What still holds of a digest's items, by the rights of this moment. Acts as the reader."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q

from kring.lib import among  # noqa: F401 (the lookup)
from kring.lib.kept import kept
from questions.digests.desk import desks
from questions.digests.items import Item, Micros, day_of, moment_of, section_of
from questions.digests.newcomers import newcomers
from questions.digests.reader import Reader
from questions.models import Answer, Question, Tagging

State = Question.State


class Asked(NamedTuple):
    """A question as its reader may see it now, with their own mark. Moments as items keep them."""

    id: int
    circle_id: int
    public_id: str
    title: str
    mail_line: str
    state: str
    answer_count: int
    created: int
    last_activity: int
    outcome_due: int | None
    read: int | None
    aside: int | None

    @property
    def created_at(self) -> datetime:
        return moment_of(self.created)

    @property
    def outcome_due_at(self) -> datetime | None:
        return moment_of(self.outcome_due) if self.outcome_due else None

    def is_read_since(self, moment: int) -> bool:
        return self.read is not None and self.read >= moment


@dataclass
class Today:
    """The rows behind the items, as the reader may see them now."""

    reader: Reader
    questions: dict[int, Asked] = field(default_factory=dict)
    answers: set[int] = field(default_factory=set)
    tags: dict[int, list[str]] = field(default_factory=dict)  # of questions one can help with
    desks: dict[int, Item] = field(default_factory=dict)
    newcomers: dict[int, Item] = field(default_factory=dict)

    @classmethod
    def of(cls, items: list[Item], reader: Reader) -> "Today":
        """Read what the items are about: at most four queries, whatever there is."""
        today = cls(reader)
        asked = {item["question"] for item in items if "question" in item}
        if asked:
            rows = _questions(reader.reads, sorted(asked), reader.member_id)
            today.questions = {row[0]: Asked._make(row) for row in rows}
        answers = {answer for item in items for answer in item.get("answers", ())}
        if answers:
            today.answers = set(_answers(reader.reads, sorted(answers)))
        helping = [item["question"] for item in items if item["kind"] == "help"]
        for question_id, name in _mail_safe_tags(reader.reads, helping) if helping else ():
            today.tags.setdefault(question_id, []).append(name)
        if any(item["kind"] == "desk" for item in items):
            today.desks = {desk["circle"]: desk for desk in desks(reader)}
        if any(item["kind"] == "newcomers" for item in items):
            today.newcomers = {item["circle"]: item for item in newcomers(reader)}
        return today

    def still(self, item: Item) -> Item | None:
        """Return the item as it stands now, or None when it need not be told any more."""
        if self.reader.only_mine and section_of(item) != "you":
            return None
        seen = self.visible(item)
        if seen is None or item["kind"] in ("desk", "newcomers", "joined"):
            return seen
        question, mailed = self.questions[item["question"]], self.reader.told_at_once
        match item["kind"]:
            case "answers":
                told = mailed.answers(question.id)
                new = [pk for pk in seen["answers"] if pk not in told]
                seen = {**seen, "answers": new}
                holds = bool(new) and not question.is_read_since(item["at"])
            case "remarks":
                holds = not question.is_read_since(item["at"])
            case "outcome":
                holds = question.state in (State.ANSWERED, State.OUTCOME_DUE)
                holds = holds and not question.is_read_since(item["at"])
                if holds and item.get("reason") == "soon" and question.outcome_due:
                    holds = not mailed.promise(question.id, day_of(question.outcome_due))
            case "help":
                holds = question.state == State.OPEN and not question.answer_count
                holds = holds and question.aside is None
                holds = holds and not question.is_read_since(question.last_activity)
                holds = holds and self.reader.memberships[question.circle_id].writes
            case _:
                holds = question.state in Question.SOLVED
                holds = holds and not question.is_read_since(item["at"])
                holds = holds and not mailed.outcome(question.id)
        return seen if holds else None

    def visible(self, item: Item) -> Item | None:
        """Return the item with what may be seen of it now, or None when nothing may."""
        if item["circle"] not in self.reader.memberships:
            return None
        match item["kind"]:
            case "joined":
                return item
            case "desk":
                return self.desks.get(item["circle"])
            case "newcomers":
                return self.newcomers.get(item["circle"])
            case _ if item["question"] not in self.questions:
                return None
            case "answers":
                left = [answer for answer in item["answers"] if answer in self.answers]
                return {**item, "answers": left} if left else None
            case _:
                return item


@kept
def _questions(circle_ids: list[int], question_ids: list[int], member_id: int):
    rows = Question.objects.filter(circle_id__among=circle_ids, pk__among=question_ids)
    mine = Q(marks__circle_id=F("circle_id"), marks__member_id=member_id)
    return (
        rows.exclude(state__in=[State.WITHDRAWN, State.HELD])
        .annotate(mine=FilteredRelation("marks", condition=mine))
        .values_list(
            *("pk", "circle_id", "public_id", "title", "mail_line", "state", "answer_count"),
            *map(Micros, ("created_at", "last_activity_at", "outcome_due_at")),
            *map(Micros, ("mine__read_at", "mine__aside_at")),
        )
    )


@kept
def _answers(circle_ids: list[int], answer_ids: list[int]):
    rows = Answer.objects.filter(circle_id__among=circle_ids, pk__among=answer_ids)
    return rows.values_list("pk", flat=True)


@kept
def _mail_safe_tags(circle_ids: list[int], question_ids: list[int]):
    rows = Tagging.objects.filter(circle_id__among=circle_ids, question_id__among=question_ids)
    return rows.filter(tag__mail_safe=True).values_list("question_id", "tag__name")
