"""What became of an issue, and how far its member has been told. As the house.

The cursor moves when an issue was sent, or when there was nothing to say. Whatever failed or
stayed unknown is told again by the next issue.
"""

from django.utils import timezone

from members.models import Letter
from questions.models import DigestIssue, DigestPlan

State = DigestIssue.State
_ENDS = {
    Letter.State.SENT: State.SENT,
    Letter.State.SKIPPED: State.SKIPPED,
    Letter.State.DEAD: State.FAILED,
    Letter.State.UNKNOWN: State.UNKNOWN,
}


def settle(letter: Letter) -> None:
    """Write the end of a letter into its issue, in the same transaction."""
    issue = DigestIssue.objects.defer("items").get(pk=letter.subject_id)
    _end(issue, _ENDS[letter.state], letter.reason, ["state", "reason", "settled_at"])


def skip(issue: DigestIssue, reason: str) -> None:
    """End an issue that makes no letter."""
    _end(issue, State.SKIPPED, reason)


def _end(issue: DigestIssue, state: str, reason: str, fields: list[str] | None = None) -> None:
    issue.state, issue.reason, issue.settled_at = state, reason[:20], timezone.now()
    issue.save(update_fields=fields)
    told = state == State.SENT or (state == State.SKIPPED and reason == "empty")
    if told and issue.asked == 0:
        DigestPlan.objects.filter(pk=issue.member_id).update(
            cursor_xid=issue.upper_xid, cursor_event=issue.upper_event
        )
