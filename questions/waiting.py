"""What waits for one member, over all circles: answers and outcomes of theirs, people who named them
as a referee, questions they can help with, people at the door. Finite: it ends, and says so."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from circles.access import appointed_and_awaited, objected_in, references_asked
from circles.models import Application
from kring.lib.kept import kept
from members.models import Member
from questions.access import own_memberships
from questions.models import DigestPlan, Mark, Question
from questions.models.traces import unread_by

MOST = 5  # of each kind; the rest waits in its circle
SOON = timedelta(days=7)


def for_member(member: Member) -> dict:
    """Everything the home page shows, in a constant number of queries."""
    every = own_memberships(member)
    memberships = [m for m in every if not m.is_locked]
    circles = {m.circle_id: m.circle for m in memberships}
    writing = [m.circle_id for m in memberships if m.writes]
    answered = _placed(_answered(member.pk, writing), circles)
    outcomes = _placed(_outcomes(member.pk, writing, timezone.now() + SOON), circles)
    references = _placed(references_asked(member.pk, list(circles))[:MOST], circles)
    helping = _placed(_helping(member.pk, writing), circles)
    vetting = [m.circle_id for m in memberships if m.vets]
    desks = _desks(member, vetting, circles)
    # A desk of one's own counts its applications itself.
    cases = [row for row in appointed_and_awaited(member.pk) if row.circle_id not in vetting]
    leading = [m.circle_id for m in memberships if m.administers]
    objected = _placed(objected_in(leading)[:MOST] if leading else [], circles)
    own = len(answered) + len(outcomes) + len(references)
    return {
        "memberships": every,
        "is_any_locked": len(memberships) < len(every),
        "answered": answered,
        "outcomes": outcomes,
        "references": references,
        "helping": helping,
        "desks": desks,
        "objected": objected,
        "cases": cases[:MOST],
        "count": own + len(helping) + len(desks) + len(objected) + len(cases[:MOST]),
        "references_from": len(answered) + len(outcomes),
        "helping_from": own,
        "desks_from": own + len(helping),
        "objected_from": own + len(helping) + len(desks),
        "cases_from": own + len(helping) + len(desks) + len(objected),
        "plan": _plan.first(member.pk),
    }


@kept
def _answered(member_id: int, circle_ids: list[int]):
    return answers_for(member_id, circle_ids).in_short()[:MOST]


@kept
def _outcomes(member_id: int, circle_ids: list[int], until: datetime):
    return outcomes_owed(member_id, circle_ids, until).in_short()[:MOST]


@kept
def _helping(member_id: int, circle_ids: list[int]):
    return oldest_of_each(can_help(member_id, circle_ids).in_short(), circle_ids, MOST)


@kept
def _plan(member_id: int):
    return DigestPlan.objects.filter(member_id=member_id)


def answers_for(member_id: int, circle_ids: list[int]):
    """My open questions with something new, longest waiting first."""
    return (
        Question.objects.in_circles(circle_ids)
        .asked_by(member_id)
        .open()
        .filter(unread_by(member_id), answer_count__gt=0)
        .order_by("last_activity_at", "id")
    )


def outcomes_owed(member_id: int, circle_ids: list[int], until: datetime):
    """Questions whose outcome I promised up to this moment."""
    return (
        Question.objects.in_circles(circle_ids)
        .asked_by(member_id)
        .filter(
            Q(state=Question.State.OUTCOME_DUE)
            | Q(state=Question.State.ANSWERED, outcome_due_at__lte=until)
        )
        .order_by("outcome_due_at", "id")
    )


def can_help(member_id: int, circle_ids: list[int]):
    """Questions of colleagues that nobody answered yet, and that I did not set aside.

    Not those of an archive: nobody waits for the answer there.
    """
    return _unanswered(member_id, circle_ids).filter(
        ~Exists(_mark_of(member_id).filter(aside_at__isnull=False))
    )


def can_help_unread(member_id: int, circle_ids: list[int]):
    """Those of them in which something is newer than my last look."""
    done = Q(aside_at__isnull=False) | Q(read_at__gte=OuterRef("last_activity_at"))
    return _unanswered(member_id, circle_ids).filter(~Exists(_mark_of(member_id).filter(done)))


def _mark_of(member_id: int):
    return Mark.objects.filter(
        circle_id=OuterRef("circle_id"), question_id=OuterRef("id"), member_id=member_id
    )


def _unanswered(member_id: int, circle_ids: list[int]):
    return (
        Question.objects.in_circles(circle_ids)
        .unanswered()
        .filter(imported_author=None)
        .exclude(author_id=member_id)
        .order_by("created_at", "id")
    )


def oldest_of_each(rows: QuerySet, circle_ids: list[int], most: int):
    """The oldest rows of all circles together, sought circle by circle: there an index has them in
    their order, so a long backlog costs nothing."""
    parts = [
        rows.filter(circle_id=circle_id).order_by("created_at", "id")[:most]
        for circle_id in circle_ids
    ]
    if len(parts) < 2:
        return parts[0] if parts else rows.none()
    return parts[0].union(*parts[1:], all=True).order_by("created_at", "id")[:most]


def _placed(rows: list, circles: dict) -> list:
    for row in rows:
        row.circle = circles[row.circle_id]
    return rows


def _desks(member: Member, circle_ids: list[int], circles: dict) -> list[dict]:
    rows = (
        Application.objects.filter(circle_id__in=circle_ids)
        .awaiting_vote_of(member.pk)
        .values("circle_id")
        .annotate(count=Count("id"), before=Min("decide_before"))
        .order_by("before", "circle_id")
        if circle_ids
        else []
    )
    return [{**row, "circle": circles[row["circle_id"]]} for row in rows]
