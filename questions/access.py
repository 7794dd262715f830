"""The doors to what is said: a circle's member gets in, everybody else finds nothing there."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone

from circles.access import administering, circle_for
from circles.models import Membership
from kring.lib.kept import kept
from kring.lib.privacy import KINDS
from members.models import AuditEntry, Member
from questions.models import Answer, ArchiveImport, ImportFinding, Outcome, Question, Tag
from questions.models.traces import tag_names

MOST_TAGS = 500


def question_for(member: Member, circle_id: str, question_id: str) -> tuple[Membership, Question]:
    """Hand over the membership and the question, with its author, `tag_names` and `has_outcome`;
    404 for whoever may not know."""
    membership = circle_for(member, circle_id)
    question = _question.first(membership.circle_id, question_id)
    if question is None:
        raise Http404
    question.circle = membership.circle
    return membership, question


@kept
def _question(circle_id: int, question_id: str):
    outcomes = Outcome.objects.filter(circle_id=OuterRef("circle_id"), question_id=OuterRef("id"))
    rows = Question.objects.in_circles([circle_id]).with_people().filter(public_id=question_id)
    return rows.annotate(tag_names=tag_names(), has_outcome=Exists(outcomes))


def answer_for(
    member: Member, circle_id: str, question_id: str, answer_id: str
) -> tuple[Membership, Question, Answer]:
    """Hand over an answer together with where it stands; 404 for whoever may not know."""
    membership, question = question_for(member, circle_id, question_id)
    answer = (
        Answer.objects.select_related("author", "imported_author")
        .filter(circle_id=membership.circle_id, question=question, public_id=answer_id)
        .first()
    )
    if answer is None:
        raise Http404
    return membership, question, answer


def own_question_for(
    member: Member, circle_id: str, question_id: str
) -> tuple[Membership, Question]:
    """Hand over a question one may change: one's own, in a circle where one writes."""
    membership, question = question_for(member, circle_id, question_id)
    if question.author_id != member.pk or not membership.writes:
        raise Http404
    return membership, question


def own_answer_for(
    member: Member, circle_id: str, question_id: str, answer_id: str
) -> tuple[Membership, Question, Answer]:
    """Hand over an answer one may change: one's own, in a circle where one writes."""
    membership, question, answer = answer_for(member, circle_id, question_id, answer_id)
    if answer.author_id != member.pk or not membership.writes:
        raise Http404
    return membership, question, answer


def writing_in(member: Member, circle_id: str) -> Membership:
    """Hand over the membership of somebody who may write there; 404 for a reader only."""
    membership = circle_for(member, circle_id)
    if not membership.writes:
        raise Http404
    return membership


def tags_of(membership: Membership) -> list[str]:
    """Hand over what questions of a circle are about, by name: how the circle writes it."""
    rows = Tag.objects.filter(circle_id=membership.circle_id).order_by("name")
    return list(rows.values_list("name", flat=True)[:MOST_TAGS])


def reading_memberships(member: Member) -> list[Membership]:
    """All circles one reads, by name: where searching and the home page look."""
    return [row for row in own_memberships(member) if not row.is_locked]


def own_memberships(member: Member) -> list[Membership]:
    """All circles one is in, by name, also those that ask for a second factor first."""
    return _memberships(member.pk)


@kept
def _memberships(member_id: int):
    rows = Membership.objects.reading().with_lock().filter(member_id=member_id)
    return rows.select_related("circle").order_by("circle__name", "id")


# --- moving in ----------------------------------------------------------------------------
MOST_IMPORTS, MOST_FINDINGS = 20, 100


def imports_for(member: Member, circle_id: str) -> tuple[Membership, list[ArchiveImport]]:
    """Hand over what was moved into a circle one administers, newest first."""
    membership = administering(member, circle_id)
    rows = ArchiveImport.objects.filter(circle_id=membership.circle_id).select_related("by")
    return membership, list(rows.order_by("-created_at", "-id")[:MOST_IMPORTS])


def import_for(member: Member, circle_id: str, import_id: str) -> tuple[Membership, ArchiveImport]:
    """Hand over one import of a circle one administers."""
    membership = administering(member, circle_id)
    made = (
        ArchiveImport.objects.select_related("by")
        .filter(circle_id=membership.circle_id, public_id=import_id)
        .first()
    )
    if made is None:
        raise Http404
    made.circle = membership.circle
    return membership, made


def findings_of(made: ArchiveImport, most: int | None = MOST_FINDINGS) -> dict[str, list]:
    """Hand over what the dry run found, by kind, in the order of the file."""
    found: dict[str, list] = {kind: [] for kind in ImportFinding.Kind.values}
    rows = ImportFinding.objects.filter(circle_id=made.circle_id, archive_import=made)
    for finding in rows.order_by("kind", "place"):
        if most is None or len(found[finding.kind]) < most:
            found[finding.kind].append(finding)
    return found


def guard_counts_of(membership: Membership, weeks: int = 12) -> dict[str, list[int]]:
    """How often each kind was [redacted, kept] in what was posted lately; for an admin."""
    rows = AuditEntry.objects.filter(
        circle_id=membership.circle_id,
        act__in=("guard.redacted", "guard.kept"),
        at__gte=timezone.now() - timedelta(weeks=weeks),
    ).values_list("act", "facts")
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for act, facts in rows[:20_000]:
        for kind, number in facts.get("kinds", {}).items():
            counts[kind][act == "guard.kept"] += number
    return {kind: counts[kind] for kind in KINDS if kind in counts}
