"""What one gave at the doors of circles, for the archive of one's own: applications with their
answers and papers, references and invitations one wrote, what one said about one's membership.

Read as oneself, so a row nobody may read comes into no archive. What others said of one's
application is theirs; so is what one voted or noted on somebody else's, an act of the circle.
"""

from pathlib import Path

from circles import evidence
from circles.models import (
    Application,
    DoorAnswer,
    Invitation,
    Paper,
    Reference,
    Renewal,
    Sanction,
)

Rows = dict[str, list[dict]]


def gathered(member_id: int) -> tuple[Rows, list[tuple[str, Path]]]:
    """Gather it as rows for programs; and the papers that lie here still, under a name to read."""
    own = {"application_id__in": Application.objects.filter(member_id=member_id).values("id")}
    papers = list(Paper.objects.select_related("circle").filter(**own).order_by("id"))
    rows: Rows = {
        "applications": _rows(
            Application.objects.filter(member_id=member_id),
            *("circle__name", "state", "submitted_at", "name", "profession"),
            *("register_number", "brings", "seeks"),
        ),
        "answers_at_the_door": _rows(
            DoorAnswer.objects.filter(**own).exclude(value=""), "circle__name", "asked", "value"
        ),
        "papers": [
            {
                "circle__name": paper.circle.name,
                "file": _name(paper),
                "what": paper.what,
                "bytes": paper.size,
                "added_at": paper.added_at,
                "erased_at": paper.erased_at,
            }
            for paper in papers
        ],
        "references": _rows(
            Reference.objects.filter(member_id=member_id, answered_at__isnull=False),
            *("circle__name", "answered_at", "how", "place", "own_case", "words"),
        ),
        "invitations": _rows(
            Invitation.objects.filter(inviter_id=member_id),
            *("circle__name", "created_at", "state", "how", "words"),
        ),
        "renewals": _rows(
            Renewal.objects.filter(membership__member_id=member_id),
            *("circle__name", "at", "choice", "worth"),
        ),
        "answers_to_a_suspension": _rows(
            Sanction.objects.filter(membership__member_id=member_id).exclude(answer=""),
            *("circle__name", "at", "code", "answered_at", "answer"),
        ),
    }
    files = [
        (f"papers/{_name(paper)}", evidence.path_of(paper))
        for paper in papers
        if paper.erased_at is None
    ]
    return rows, files


def _name(paper: Paper) -> str:
    return f"{paper.added_at:%Y-%m-%d}-{paper.pk}.{paper.kind}"


def _rows(rows, *names: str) -> list[dict]:
    found = rows.order_by("id").values_list(*names)
    return [dict(zip(names, row, strict=True)) for row in found]
