"""What a member was told by mail already, so that nothing is told twice. Acts as that member."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from kring.lib.kept import kept
from members.models import Letter
from questions.at_once.kinds import ANSWERS, KINDS, OUTCOME_DUE, THANKS
from questions.digests.items import Item
from questions.models import DigestIssue


@dataclass(frozen=True)
class AtOnce:
    """What letters that were sent at once have said to one member: per kind and question, ids."""

    said: dict[tuple[str, int], set[int]]

    @classmethod
    def to(cls, member_id: int) -> "AtOnce":
        """Read it from the letters themselves: one query. What came back has told nobody."""
        said = defaultdict(set)
        for kind, question_id, ids in _sent(member_id):
            said[kind, question_id].update(ids)
        return cls(dict(said))

    def answers(self, question_id: int) -> set[int]:
        """Which answers to this question were told."""
        return self.said.get((ANSWERS.name, question_id), set())

    def promise(self, question_id: int, day: date) -> bool:
        """Whether this question's outcome was asked for, as promised for this day (in UTC)."""
        return day.toordinal() in self.said.get((OUTCOME_DUE.name, question_id), ())

    def outcome(self, question_id: int) -> bool:
        """Whether this question's outcome was told, with thanks."""
        return (THANKS.name, question_id) in self.said


@kept
def _sent(member_id: int):
    rows = Letter.objects.filter(kind__in=KINDS, member_id=member_id, state=Letter.State.SENT)
    rows = rows.exclude(bounced__in=["hard", "soft"])
    return rows.values_list("kind", "subject_id", "tells")


def by_digest(member_id: int, question_id: int) -> list[Item]:
    """Return what digests that were sent have said about a question."""
    issues = DigestIssue.objects.filter(
        member_id=member_id,
        state=DigestIssue.State.SENT,
        items__contains=[{"question": question_id}],
    )
    return [
        item
        for items, told in issues.values_list("items", "told")
        for place, item in enumerate(items)
        if item.get("question") == question_id and (told is None or place in told)
    ]
