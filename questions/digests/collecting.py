"""What a digest holds for its reader, collected as that reader: ids and numbers, in their order.

A, for you: answers and remarks on mine, outcomes I owe, applications that wait for my vote.
B, you can help. C, solved and outcomes. D, the circle. The same input gives the same items.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, Q

from circles.models import Membership
from kring.lib.kept import kept
from questions import waiting
from questions.digests.desk import desks
from questions.digests.items import Item, micros
from questions.digests.reader import Reader
from questions.digests.window import Window
from questions.models import DigestIssue, Event, Mark
from questions.models.traces import unread_by

STILL = timedelta(days=7)  # a question is offered a second time when it waited this long
MOST_HELP = 60  # candidates looked at; twelve lines are the most a digest has
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Told:
    """What earlier digests said already: (kind, question) with the reasons given."""

    reasons: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    until: datetime | None = None

    def has(self, kind: str, question_id: int, reason: str) -> bool:
        return reason in self.reasons.get((kind, question_id), ())

    def of(self, kind: str, reason: str) -> list[int]:
        return sorted(q for (k, q), given in self.reasons.items() if k == kind and reason in given)


def collect(reader: Reader, window: Window) -> list[Item]:
    """Collect everything one digest could say, best first. Acts as the reader.

    A constant number of queries, whatever there is.
    """
    told = _told(reader)
    events = _events(reader, window)
    read = _read(reader, {row["question_id"] for row in events})
    return [
        *_answers(events, read),
        *_remarks(events, read),
        *_outcomes(reader, told),
        *desks(reader),
        *_help(reader, told),
        *_solved(events, read),
        *_joined(reader, told),
    ]


def _told(reader: Reader) -> Told:
    """Read from the issues that were sent what they said, and up to when the last one told."""
    reasons = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select item ->> 'kind', (item ->> 'question')::bigint, item ->> 'reason'
            from questions_digestissue issue
            cross join lateral jsonb_array_elements(issue.items) item
            where issue.member_id = %s and issue.asked = 0 and issue.state = 'sent'
              and item ->> 'reason' is not null and item ->> 'rest' is null
            """,
            [reader.member_id],
        )
        for kind, question_id, reason in cursor.fetchall():
            reasons[kind, question_id].add(reason)
    State = DigestIssue.State
    last = (
        DigestIssue.objects.filter(member_id=reader.member_id, asked=0)
        .filter(Q(state=State.SENT) | Q(state=State.SKIPPED, reason="empty"))
        .order_by("-built_at")
        .values_list("built_at", flat=True)
        .first()
    )
    return Told(dict(reasons), last)


def _events(reader: Reader, window: Window) -> list[dict]:
    """What others did in the window while the reader was there: answers on the reader's own
    questions, remarks under these and under the reader's answers, answers chosen and outcomes
    reported on anybody's."""
    kinds = Q(kind=Event.Kind.ANSWERED, question__author_id=reader.member_id)
    kinds |= Q(kind__in=[Event.Kind.ACCEPTED, Event.Kind.OUTCOME])
    on_mine = Q(answer=None, question__author_id=reader.member_id)
    on_mine |= Q(answer__author_id=reader.member_id)
    kinds |= Q(on_mine, kind=Event.Kind.REMARKED)
    rows = (
        Event.objects.filter(window.condition(), kinds, circle_id__in=reader.reads)
        .exclude(by_id=reader.member_id)
        .order_by("id")
        .values("circle_id", "kind", "question_id", "answer_id", "at")
    )
    return [
        row
        for row in rows
        if reader.has_joined_before(row["circle_id"], row["at"]) and not _was_mailed(reader, row)
    ]


def _was_mailed(reader: Reader, row: dict) -> bool:
    """Whether a letter told this at once."""
    told, question_id = reader.told_at_once, row["question_id"]
    if row["kind"] == Event.Kind.ANSWERED:
        return row["answer_id"] in told.answers(question_id)
    return told.outcome(question_id)  # whoever knows how it ended knows that it was solved


def _read(reader: Reader, question_ids: set[int]) -> dict[int, datetime]:
    return dict(_marks(reader.reads, sorted(question_ids), reader.member_id))


@kept
def _marks(circle_ids: list[int], question_ids: list[int], member_id: int):
    rows = Mark.objects.filter(circle_id__among=circle_ids, question_id__among=question_ids)
    rows = rows.filter(member_id=member_id, read_at__isnull=False)
    return rows.values_list("question_id", "read_at")


def _unread(events: list[dict], read: dict[int, datetime], kinds: set[str]) -> list[list[dict]]:
    """Group the events of these kinds by question, without what was read since the last."""
    groups = defaultdict(list)
    for row in events:
        if row["kind"] in kinds:
            groups[row["question_id"]].append(row)
    return [
        rows
        for question_id, rows in groups.items()
        if question_id not in read or read[question_id] < max(row["at"] for row in rows)
    ]


def _answers(events: list[dict], read: dict[int, datetime]) -> list[Item]:
    return [
        {
            "kind": "answers",
            "circle": rows[0]["circle_id"],
            "question": rows[0]["question_id"],
            "answers": [row["answer_id"] for row in rows],
            "at": micros(max(row["at"] for row in rows)),
        }
        for rows in _unread(events, read, {Event.Kind.ANSWERED})
    ]


def _remarks(events: list[dict], read: dict[int, datetime]) -> list[Item]:
    """Remarks to the reader, as a number; where an answer is new too, that leads there already."""
    answered = {row["question_id"] for row in events if row["kind"] == Event.Kind.ANSWERED}
    return [
        {
            "kind": "remarks",
            "circle": rows[0]["circle_id"],
            "question": rows[0]["question_id"],
            "count": len(rows),
            "at": micros(max(row["at"] for row in rows)),
        }
        for rows in _unread(events, read, {Event.Kind.REMARKED})
        if rows[0]["question_id"] not in answered
    ]


def _solved(events: list[dict], read: dict[int, datetime]) -> list[Item]:
    """Outcomes first, then what was solved; each question once."""
    items = [
        {
            "kind": "known"
            if any(row["kind"] == Event.Kind.OUTCOME for row in rows)
            else "solved",
            "circle": rows[0]["circle_id"],
            "question": rows[0]["question_id"],
            "at": micros(max(row["at"] for row in rows)),
        }
        for rows in _unread(events, read, {Event.Kind.ACCEPTED, Event.Kind.OUTCOME})
    ]
    return sorted(items, key=lambda item: (item["kind"], item["question"]))


def _outcomes(reader: Reader, told: Told) -> list[Item]:
    """Outcomes I promised: once when the moment nears, once when it has come."""
    items = []
    for question in _owed(reader.member_id, reader.writes, reader.now + waiting.SOON):
        due_at = question.outcome_due_at or reader.now
        reason = "due" if due_at <= reader.now else "soon"
        since = due_at if reason == "due" else due_at - waiting.SOON
        seen = question.read_at is not None and question.read_at >= since
        mailed = reason == "soon" and reader.told_at_once.promise(question.pk, due_at.date())
        if not seen and not mailed and not told.has("outcome", question.pk, reason):
            items.append(
                {
                    "kind": "outcome",
                    "circle": question.circle_id,
                    "question": question.pk,
                    "reason": reason,
                    "at": micros(since),
                }
            )
    return items


@kept
def _owed(member_id: int, circle_ids: list[int], until: datetime):
    marks = Mark.objects.filter(
        circle_id=OuterRef("circle_id"), question_id=OuterRef("id"), member_id=member_id
    )
    rows = waiting.outcomes_owed(member_id, circle_ids, until)
    rows = rows.only("id", "circle_id", "outcome_due_at")
    return rows.annotate(read_at=marks.values("read_at")[:1])


def _help(reader: Reader, told: Told) -> list[Item]:
    """Open questions nobody answered: offered when new, and once more when they still wait."""
    offered, again = told.of("help", "open"), told.of("help", "still")
    rows = _unanswered(reader.member_id, reader.writes, offered, reader.now - STILL, again)
    best = sorted(rows, key=lambda row: (-score(row, reader.now), row["id"]))
    return [
        {
            "kind": "help",
            "circle": row["circle_id"],
            "question": row["id"],
            "reason": "still" if told.has("help", row["id"], "open") else "open",
        }
        for row in best
    ]


@kept
def _unanswered(
    member_id: int, circle_ids: list[int], offered: list[int], since: datetime, again: list[int]
):
    rows = waiting.can_help(member_id, circle_ids).filter(unread_by(member_id))
    rows = rows.exclude(pk__among=again).exclude(pk__among=offered, created_at__gt=since)
    rows = rows.values("id", "circle_id", "created_at", "answer_count")
    return waiting.oldest_of_each(rows, circle_ids, MOST_HELP)


def score(row: dict, now: datetime, *, tag_match: bool = False) -> float:
    """Return how much a question asks for this reader's help: 3 for a common field, 2 without
    answers, up to 1 for its age (a week is full)."""
    age = min((now - row["created_at"]) / WEEK, 1)
    return 3 * tag_match + 2 * (row["answer_count"] == 0) + age


def _joined(reader: Reader, told: Told) -> list[Item]:
    """New members, as a number, since the last digest and since the reader's own first day."""
    since = told.until or reader.now - WEEK
    counts = defaultdict(int)
    for circle_id, joined in _newcomers(reader.reads, since, reader.member_id):
        counts[circle_id] += joined > reader.memberships[circle_id].since
    return [
        {"kind": "joined", "circle": circle_id, "count": count}
        for circle_id, count in sorted(counts.items())
        if count
    ]


@kept
def _newcomers(circle_ids: list[int], since: datetime, member_id: int):
    rows = Membership.objects.reading().filter(circle_id__among=circle_ids, since__gt=since)
    return rows.exclude(member_id=member_id).values_list("circle_id", "since")
