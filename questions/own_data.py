"""What is one's own, and how it goes: withdraw what one wrote, erase the account.

Each is one function of the owner that works for whoever acts alone; the ledger keeps what was
erased from coming back with an old backup.
"""

from functools import partial

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from circles import evidence, forgetting
from circles.models import Application, Circle, Membership, Portrait
from kring.lib.refused import Refused
from members import audit, erasing, poke
from members.due import when_due
from members.models import Due, Member
from questions import own_export


def circles_of(member: Member) -> list[Circle]:
    """Hand over every circle one is or was in, by name: one's words there are one's own."""
    rows = Membership.objects.select_related("circle").filter(
        member_id=member.pk, circle__confirmed_at__isnull=False
    )
    return [row.circle for row in rows.order_by("circle__name", "id")[:100]]


@transaction.atomic
def withdraw(circle: Circle, *, by: Member) -> int:
    """Take back every word one wrote in a circle, earlier versions too; return how many texts.

    What others wrote stays. Where one's words stood, the page says that they were withdrawn.
    """
    with connection.cursor() as cursor:
        cursor.execute("select kring_withdraw_words(%s)", [circle.pk])
        gone = cursor.fetchone()[0]
    audit.record("words.withdrawn", by=by, circle_id=circle.pk, about=by.pk, texts=gone)
    return gone


@transaction.atomic
def erase_account(*, by: Member, with_words: bool) -> None:
    """Leave nothing personal of oneself, at once; with one's words, or leaving them to a 'former
    member'. Raises Refused for the last admin of a circle, and for a steward."""
    if with_words:
        with connection.cursor() as cursor:
            cursor.execute("select kring_withdraw_words(null)")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select kring_erase_account()")
            papers = cursor.fetchone()[0]
    except DatabaseError as error:
        if "hands over first" in str(error):
            raise Refused(
                _("You are the only admin of a circle. Make somebody else admin first.")
            ) from error
        if "lays down the duty" in str(error):
            raise Refused(_("A steward lays down that duty first.")) from error
        raise
    transaction.on_commit(partial(_drop_files, by.pk, papers), robust=True)
    transaction.on_commit(lambda: poke.ask_for("members.tasks.run_due"))


def _drop_files(member_id: int, papers: list[str]) -> None:
    evidence.delete(papers)
    own_export.drop(member_id)


@when_due("account_traces")
def drop_traces(row: Due) -> None:
    """Once more, for a crash in between: the files of somebody who is gone, and what was said at
    the doors of circles about them."""
    for application in Application.objects.filter(member_id=row.subject_id).select_related("link"):
        forgetting.drop_words(application)
    own_export.drop(row.subject_id)


# --- after a restore ----------------------------------------------------------------------
@erasing.erasure("account")
def erase_account_again(line: erasing.Line) -> bool:
    """Erase a person whom a backup brought back."""
    if not Member.objects.filter(pk=line.row_id, is_active=True).exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute("select kring_erase_person(%s)", [line.row_id])
    for application in Application.objects.filter(member_id=line.row_id).select_related("link"):
        forgetting.drop_words(application)
    own_export.drop(line.row_id)
    return True


def _words(kind: str) -> None:
    @erasing.erasure(kind)
    def again(line: erasing.Line) -> bool:
        """Take back once more a text that a backup brought back, with its versions and tags."""
        with connection.cursor() as cursor:
            cursor.execute("select kring_take_back(%s, %s)", [kind, line.row_id])
            return cursor.fetchone()[0]


for _kind in ("question_words", "answer_words", "comment_words", "outcome_words"):
    _words(_kind)


@erasing.erasure("portrait")
def erase_portrait_again(line: erasing.Line) -> bool:
    """Leave nothing of what somebody took back of themselves."""
    return bool(Portrait.objects.filter(pk=line.row_id).delete()[0])
