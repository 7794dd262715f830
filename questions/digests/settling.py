"""What became of an issue, and how far its member has been told. As the house.

The cursor moves when an issue was sent, or when there was nothing to say. Whatever failed or
stayed unknown is told again by the next issue.
"""

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from members.models import Letter
from questions.models import DigestIssue

State = DigestIssue.State
_ENDS = {
    Letter.State.SENT: State.SENT,
    Letter.State.SKIPPED: State.SKIPPED,
    Letter.State.DEAD: State.FAILED,
    Letter.State.UNKNOWN: State.UNKNOWN,
}


def settle(letter: Letter) -> None:
    """Write the end of a letter into its issue, in the same transaction."""
    told = letter.tells if letter.state == Letter.State.SENT else None
    _end(letter.subject_id, _ENDS[letter.state], letter.reason, told)


def skip(issue: DigestIssue, reason: str) -> None:
    """End an issue that makes no letter."""
    issue.save(update_fields=["items", "lower_xid", "upper_xid", "upper_event", "built_at"])
    _end(issue.pk, State.SKIPPED, reason)


def _end(issue_id: int, state: str, reason: str, told: list[int] | None = None) -> None:
    """End an issue and move the cursor of its plan, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ENDING,
            {
                "issue": issue_id,
                "state": state,
                "reason": reason[:20],
                "places": None if told is None else Jsonb(told),
                "now": timezone.now(),
                "told": state == State.SENT or (state == State.SKIPPED and reason == "empty"),
            },
        )


_ENDING = """
    with ended as (
        update questions_digestissue
        set state = %(state)s, reason = %(reason)s, settled_at = %(now)s, told = %(places)s
        where id = %(issue)s
        returning member_id, asked, scope, upper_xid, upper_event)
    update questions_digestplan plan
    set cursor_xid = case scope when 0 then ended.upper_xid else plan.cursor_xid end,
        cursor_event = case scope when 0 then ended.upper_event else plan.cursor_event end,
        cursors = case scope when 0 then '{}' else plan.cursors || jsonb_build_object(
            scope, jsonb_build_array(ended.upper_xid, ended.upper_event)) end
    from ended
    where plan.member_id = ended.member_id and ended.asked = 0 and %(told)s
"""
