"""What still holds of a digest's items, by the rights of this moment. Acts as the reader."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from kring.lib import among  # noqa: F401 (the lookup)
from kring.lib.kept import kept
from questions.digests.desk import desks
from questions.digests.items import Item, moment_of
from questions.digests.reader import Reader
from questions.models import Answer, Mark, Question, Tagging

State = Question.State


@dataclass
class Today:
    """The rows behind the items, as the reader may see them now."""

    reader: Reader
    questions: dict[int, Question] = field(default_factory=dict)
    answers: set[int] = field(default_factory=set)
    marks: dict[int, Mark] = field(default_factory=dict)
    tags: dict[int, list[str]] = field(default_factory=dict)
    desks: dict[int, Item] = field(default_factory=dict)

    @classmethod
    def of(cls, items: list[Item], reader: Reader) -> "Today":
        """Read what the items are about: at most five queries, whatever there is."""
        today = cls(reader)
        questions = {item["question"] for item in items if "question" in item}
        answers = {answer for item in items for answer in item.get("answers", ())}
        here, asked = reader.reads, sorted(questions)
        today.questions = {row.pk: row for row in _questions(here, asked)}
        today.answers = set(_answers(here, sorted(answers)))
        marks = _marks(here, asked, reader.member_id)
        today.marks = {mark.question_id: mark for mark in marks}
        today.tags = defaultdict(list)
        for question_id, name in _mail_safe_tags(here, asked):
            today.tags[question_id].append(name)
        if any(item["kind"] == "desk" for item in items):
            today.desks = {desk["circle"]: desk for desk in desks(reader)}
        return today

    def still(self, item: Item) -> Item | None:
        """Return the item as it stands now, or None when it need not be told any more."""
        seen = self.visible(item)
        if seen is None or item["kind"] in ("desk", "joined"):
            return seen
        question = self.questions[item["question"]]
        mark, mailed = self.marks.get(question.pk), self.reader.told_at_once
        match item["kind"]:
            case "answers":
                new = [pk for pk in seen["answers"] if pk not in mailed.answers(question.pk)]
                seen = {**seen, "answers": new}
                holds = bool(new) and not _read_since(mark, moment_of(item))
            case "remarks":
                holds = not _read_since(mark, moment_of(item))
            case "outcome":
                owed = question.state in (State.ANSWERED, State.OUTCOME_DUE)
                soon, day = item.get("reason") == "soon", question.outcome_due_at
                holds = owed and not _read_since(mark, moment_of(item))
                holds = holds and not (soon and day and mailed.promise(question.pk, day.date()))
            case "help":
                aside = mark is not None and mark.aside_at is not None
                holds = question.is_open and question.answer_count == 0 and not aside
                holds = holds and not _read_since(mark, question.last_activity_at)
                holds = holds and self.reader.memberships[question.circle_id].writes
            case _:
                holds = question.is_solved and not _read_since(mark, moment_of(item))
                holds = holds and not mailed.outcome(question.pk)
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
            case _ if item["question"] not in self.questions:
                return None
            case "answers":
                left = [answer for answer in item["answers"] if answer in self.answers]
                return {**item, "answers": left} if left else None
            case _:
                return item


def _read_since(mark: Mark | None, moment: datetime) -> bool:
    return mark is not None and mark.read_at is not None and mark.read_at >= moment


@kept
def _questions(circle_ids: list[int], question_ids: list[int]):
    rows = Question.objects.filter(circle_id__among=circle_ids, pk__among=question_ids)
    return rows.exclude(state__in=[State.WITHDRAWN, State.HELD]).only(
        *("circle_id", "public_id", "title", "mail_line", "state", "answer_count"),
        *("created_at", "last_activity_at", "outcome_due_at"),
    )


@kept
def _answers(circle_ids: list[int], answer_ids: list[int]):
    rows = Answer.objects.filter(circle_id__among=circle_ids, pk__among=answer_ids)
    return rows.values_list("pk", flat=True)


@kept
def _marks(circle_ids: list[int], question_ids: list[int], member_id: int):
    rows = Mark.objects.filter(circle_id__among=circle_ids, question_id__among=question_ids)
    return rows.filter(member_id=member_id)


@kept
def _mail_safe_tags(circle_ids: list[int], question_ids: list[int]):
    rows = Tagging.objects.filter(circle_id__among=circle_ids, question_id__among=question_ids)
    rows = rows.filter(tag__mail_safe=True).order_by("tag__name")
    return rows.values_list("question_id", "tag__name")
