"""What the settings page tells of the digest: when the next one comes, what it would say now."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.models import Member
from questions.digests import building, moments
from questions.digests.wording import Said, say
from questions.models import DigestIssue, DigestPlan


@dataclass(frozen=True)
class Preview:
    """The lines of the next digest, as its mail would say them."""

    lines: list[Said]
    more: int
    would_come: bool


def next_digest(member: Member, plan: DigestPlan) -> Preview:
    """Say what the digest would hold if it came now. Acts as the member."""
    arranged, today = building.preview(member)
    several = len({line.circle.pk for line in arranged.lines}) > 1
    with timezone.override(moments.zone_of(plan.zone)):
        lines = [say(line, today, several=several) for line in arranged.lines]
    worth = any(line.section != "circle" for line in arranged.lines)
    return Preview(lines, arranged.more, worth)


def when(plan: DigestPlan) -> tuple[str, str]:
    """Say when the next digest comes: day and time, on the clock of the member's zone."""
    due_at = plan.next_due_at - moments.jitter(plan.pk)
    due_at = due_at.astimezone(moments.zone_of(plan.zone))
    # Translators: a time of day, 07:30; 07.30 uur in Dutch
    at = _("%(hour)s:%(minute)s") % {"hour": f"{due_at:%H}", "minute": f"{due_at:%M}"}
    return date_format(due_at, "l j F"), at


def answer_to_change(plan: DigestPlan) -> str:
    """Say what follows from the digest as it is set now."""
    if plan.every == DigestPlan.Every.NEVER:
        return _("Saved. No digest comes any more.")
    day, at = when(plan)
    return _("Saved. Your next digest comes on %(day)s at %(time)s.") % {"day": day, "time": at}


def answer_to_asking(issue: DigestIssue) -> str:
    """Say what became of asking for one now."""
    match issue.reason:
        case "":
            return _("Your digest is on its way. The weekly one comes at its own time.")
        case "empty":
            return _("Nothing waits for you now, so there is nothing to send.")
        case "unsubscribed" | "paused":
            return _("Your digest is switched off at the moment. Switch it on first.")
        case "bouncing":
            return _("Our email does not reach you at the moment, so we send nothing. See above.")
        case _:
            return _("You are in no circle at the moment, so there is nothing to send.")
