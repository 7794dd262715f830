"""What a digest holds for its reader, collected as that reader: ids and numbers, in their order.

A, for you: answers and remarks on mine, outcomes I owe, applications that wait for my vote.
B, you can help. C, solved and outcomes. D, the circle. The same input gives the same items.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from circles.models import Membership
from kring.lib.kept import kept
from questions import waiting
from questions.digests.desk import desks
from questions.digests.items import Item, Micros, day_of, micros
from questions.digests.newcomers import newcomers
from questions.digests.reader import Reader
from questions.digests.window import Window, between
from questions.models import Event, Mark

STILL = timedelta(days=7)  # a question is offered a second time when it waited this long
MOST_HELP = 60  # candidates looked at; twelve lines are the most a digest has
WEEK = timedelta(days=7)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Told:
    """What earlier digests said already: (kind, question) with the reasons given."""

    reasons: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    until: datetime | None = None

    def has(self, kind: str, question_id: int, reason: str) -> bool:
        return reason in self.reasons.get((kind, question_id), ())

    def of(self, kind: str, reason: str) -> list[int]:
        return sorted(q for (k, q), given in self.reasons.items() if k == kind and reason in given)


class Happened(NamedTuple):
    """One event of the window; its moment as items keep it."""

    id: int
    xid: int
    circle_id: int
    kind: str
    question_id: int
    answer_id: int | None
    at: int


def collect(reader: Reader, window: Window) -> list[Item]:
    """Collect everything one digest could say, best first. Acts as the reader.

    A constant number of queries, whatever there is.
    """
    told = _told(reader)
    events = _events(reader, window)
    owed = _owed(reader.member_id, reader.writes, reader.now + waiting.SOON)
    read = _read(reader, {row.question_id for row in events} | {row[0] for row in owed})
    mine = [
        *_answers(events, read),
        *_remarks(events, read),
        *_outcomes(reader, told, owed, read),
        *desks(reader),
    ]
    if reader.only_mine:
        return mine
    return [
        *mine,
        *_help(reader, told),
        *_solved(events, read),
        *newcomers(reader),
        *_joined(reader, told),
    ]


def _told(reader: Reader) -> Told:
    """Read from the issues that were sent what they said, and up to when the last one told."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"member": reader.member_id, "scope": reader.scope})
        until, said = cursor.fetchone()
    reasons = defaultdict(set)
    for kind, question_id, reason in map(str.split, said):
        reasons[kind, int(question_id)].add(reason)
    return Told(dict(reasons), until)


_TOLD = """
    select
        (select max(built_at) from questions_digestissue
         where member_id = %(member)s and asked = 0
           and (scope = 0 or %(scope)s in (0, scope))
           and (state = 'sent' or (state = 'skipped' and reason = 'empty'))),
        array(
            select concat_ws(' ', item ->> 'kind', item ->> 'question', item ->> 'reason')
            from questions_digestissue issue
            cross join lateral jsonb_array_elements(issue.items) with ordinality of (item, place)
            where issue.member_id = %(member)s and issue.asked = 0 and issue.state = 'sent'
              and item ->> 'reason' is not null
              and (issue.told is null or issue.told @> to_jsonb(place - 1)))
"""


def _events(reader: Reader, window: Window) -> list[Happened]:
    """What others did in the window while the reader was there: answers on the reader's own
    questions, remarks under these and under the reader's answers, answers chosen and outcomes
    reported on anybody's."""
    rows = _happened(reader.reads, reader.member_id, *window.edges)
    return [
        row
        for row in map(Happened._make, rows)
        if reader.has_joined_before(row.circle_id, row.at)
        and window.is_news(row.circle_id, row.xid, row.id)
        and not _was_mailed(reader, row)
    ]


@kept
def _happened(circle_ids: list[int], member_id: int, *edges: int):
    kinds = Q(kind=Event.Kind.ANSWERED, question__author_id=member_id)
    kinds |= Q(kind__in=[Event.Kind.ACCEPTED, Event.Kind.OUTCOME])
    on_mine = Q(answer=None, question__author_id=member_id)
    on_mine |= Q(answer__author_id=member_id)
    kinds |= Q(on_mine, kind=Event.Kind.REMARKED)
    rows = Event.objects.filter(between(*edges), kinds, circle_id__among=circle_ids)
    rows = rows.exclude(by_id=member_id).order_by("id")
    return rows.values_list(
        "id", "xid", "circle_id", "kind", "question_id", "answer_id", Micros("at")
    )


def _was_mailed(reader: Reader, row: Happened) -> bool:
    """Whether a letter told this at once. No letter tells of remarks."""
    told, question_id = reader.told_at_once, row.question_id
    if row.kind == Event.Kind.REMARKED:
        return False
    if row.kind == Event.Kind.ANSWERED:
        return row.answer_id in told.answers(question_id)
    return told.outcome(question_id)  # whoever knows how it ended knows that it was solved


def _read(reader: Reader, question_ids: set[int]) -> dict[int, int]:
    if not question_ids:
        return {}
    return dict(_marks(reader.reads, sorted(question_ids), reader.member_id))


@kept
def _marks(circle_ids: list[int], question_ids: list[int], member_id: int):
    rows = Mark.objects.filter(circle_id__among=circle_ids, question_id__among=question_ids)
    rows = rows.filter(member_id=member_id, read_at__isnull=False)
    return rows.values_list("question_id", Micros("read_at"))


def _unread(events: list[Happened], read: dict[int, int], kinds: set[str]) -> list[list[Happened]]:
    """Group the events of these kinds by question, without what was read since the last."""
    groups = defaultdict(list)
    for row in events:
        if row.kind in kinds:
            groups[row.question_id].append(row)
    return [
        rows
        for question_id, rows in groups.items()
        if question_id not in read or read[question_id] < max(row.at for row in rows)
    ]


def _answers(events: list[Happened], read: dict[int, int]) -> list[Item]:
    return [
        {
            "kind": "answers",
            "circle": rows[0].circle_id,
            "question": rows[0].question_id,
            "answers": [row.answer_id for row in rows],
            "at": max(row.at for row in rows),
        }
        for rows in _unread(events, read, {Event.Kind.ANSWERED})
    ]


def _remarks(events: list[Happened], read: dict[int, int]) -> list[Item]:
    """Remarks to the reader, as a number; where an answer is new too, that leads there already."""
    answered = {rows[0].question_id for rows in _unread(events, read, {Event.Kind.ANSWERED})}
    return [
        {
            "kind": "remarks",
            "circle": rows[0].circle_id,
            "question": rows[0].question_id,
            "count": len(rows),
            "at": max(row.at for row in rows),
        }
        for rows in _unread(events, read, {Event.Kind.REMARKED})
        if rows[0].question_id not in answered
    ]


def _solved(events: list[Happened], read: dict[int, int]) -> list[Item]:
    """Outcomes first, then what was solved; each question once."""
    items = [
        {
            "kind": "known" if any(row.kind == Event.Kind.OUTCOME for row in rows) else "solved",
            "circle": rows[0].circle_id,
            "question": rows[0].question_id,
            "at": max(row.at for row in rows),
        }
        for rows in _unread(events, read, {Event.Kind.ACCEPTED, Event.Kind.OUTCOME})
    ]
    return sorted(items, key=lambda item: (item["kind"], item["question"]))


def _outcomes(reader: Reader, told: Told, owed: list[tuple], read: dict[int, int]) -> list[Item]:
    """Outcomes I promised: once when the moment nears, once when it has come."""
    items, now, soon = [], micros(reader.now), waiting.SOON // MICROSECOND
    for question_id, circle_id, due_at in owed:
        due_at = due_at or now
        reason = "due" if due_at <= now else "soon"
        since = due_at if reason == "due" else due_at - soon
        if read.get(question_id, 0) >= since or told.has("outcome", question_id, reason):
            continue
        if reason == "soon" and reader.told_at_once.promise(question_id, day_of(due_at)):
            continue
        items.append(
            {
                "kind": "outcome",
                "circle": circle_id,
                "question": question_id,
                "reason": reason,
                "at": since,
            }
        )
    return items


@kept
def _owed(member_id: int, circle_ids: list[int], until: datetime):
    rows = waiting.outcomes_owed(member_id, circle_ids, until)
    return rows.values_list("id", "circle_id", Micros("outcome_due_at"))


def _help(reader: Reader, told: Told) -> list[Item]:
    """Open questions nobody answered: offered when new, and once more when they still wait."""
    offered, again = told.of("help", "open"), told.of("help", "still")
    since = reader.now - STILL
    rows = _unanswered(reader.member_id, reader.writes, offered, since, again)
    best = sorted(rows, key=lambda row: (-score(row[2], row[3], reader.now), row[0]))
    return [
        {
            "kind": "help",
            "circle": circle_id,
            "question": question_id,
            "reason": "still" if told.has("help", question_id, "open") else "open",
        }
        for question_id, circle_id, _, _ in best
    ]


@kept
def _unanswered(
    member_id: int, circle_ids: list[int], offered: list[int], since: datetime, again: list[int]
):
    rows = waiting.can_help_unread(member_id, circle_ids)
    rows = rows.exclude(pk__among=again).exclude(pk__among=offered, created_at__gt=since)
    rows = rows.values_list("id", "circle_id", "created_at", "answer_count")
    return waiting.oldest_of_each(rows, circle_ids, MOST_HELP)


def score(asked_at: datetime, answers: int, now: datetime, *, tag_match: bool = False) -> float:
    """Return how much a question asks for this reader's help: 3 for a common field, 2 without
    answers, up to 1 for its age (a week is full)."""
    return 3 * tag_match + 2 * (answers == 0) + min((now - asked_at) / WEEK, 1)


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
