"""How much of a question the mails of a circle may show: what it allows, or less if the member wants
less. A sensitive circle allows numbers only. Pure."""

from circles.models import Circle
from questions.models import DigestPlan

NUMBERS, LINE, TITLE = LADDER = ("counts", "line", "title")
NEVER = "never"  # the digest leaves the circle out


def ceiling_of(circle: Circle, plan: DigestPlan | None = None) -> str:
    """Say how much the mails of this circle may show, to the member of this plan or to anybody."""
    allowed = NUMBERS if circle.is_sensitive else circle.mail_ceiling
    chosen = plan.circles.get(str(circle.pk)) if plan else None
    if chosen == NEVER:
        chosen = NUMBERS
    return min(allowed, chosen or allowed, key=LADDER.index)


def steps_below(circle: Circle) -> tuple[str, ...]:
    """Return what a member may choose for the mails of this circle, least first."""
    return LADDER[: LADDER.index(ceiling_of(circle)) + 1]


def is_left_out(circle_id: int, plan: DigestPlan | None) -> bool:
    """Whether this member wants nothing of this circle in the digest."""
    return plan is not None and plan.circles.get(str(circle_id)) == NEVER
