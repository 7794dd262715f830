"""A list of people, each of whom becomes an invitation in the name of the admin who brings it.

An invitation never goes past the vetting, and no list does: every row passes the same act, with its
quota, its silence and its sentences. The dry run does it all and takes it back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from circles import inviting
from circles.forms_inviting import InvitationForm
from circles.models import Circle, Invitation
from circles.models.invitation import How
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import audit, silence
from members.models import Member
from questions.archive.columns import PEOPLE
from questions.archive.move import Counts, Watch
from questions.archive.sheet import Sheet, open_sheet
from questions.archive.texts import Broken, Row, Unreadable, one_line

INVITATION = "invitation"
MOST_PEOPLE = 200  # the largest circle has 150 seats
_LANGUAGES = {"nl": "nl", "nederlands": "nl", "dutch": "nl", "en": "en", "engels": "en"}
_LANGUAGES |= {"english": "en"}
_HOW = {"gewerkt": How.WORKED, "samengewerkt": How.WORKED, "ontmoet": How.MET, "naam": How.NAME}
_NAME = ("first_name", "infix", "last_name")


@dataclass(frozen=True)
class People:
    """A list of people, and what holds for those rows that do not say it themselves."""

    sheet: Sheet
    words: str
    how: str

    def rows(self) -> Iterator[Row | Broken]:
        """Raises Unreadable when there are too many."""
        for count, row in enumerate(self.sheet.rows(), start=1):
            if count > MOST_PEOPLE:
                most = {"most": MOST_PEOPLE}
                raise Unreadable(
                    _("This list has more than %(most)d people. Cut it in parts.") % most
                )
            yield row

    def form(self, row: Row, circle: Circle) -> InvitationForm:
        """The row as somebody would have typed it."""
        said = row.values
        how = said.get("how", "").casefold() or self.how
        language = said.get("language", "").casefold()
        return InvitationForm(
            {
                "name": person(row),
                "address": said.get("address", ""),
                "how": _HOW.get(how, how),
                "words": said.get("words") or self.words,
                "language": _LANGUAGES.get(language, language or circle.language),
            }
        )


def open_people(path: Path | str, *, words: str = "", how: str = "", name: str = "") -> People:
    """Look whether a file is a list of people. Raises Unreadable."""
    return People(open_sheet(path, (PEOPLE,), {}, name), words, how)


def person(row: Row) -> str:
    """A name in one cell, or in two or three."""
    parts = (row.values.get(part, "") for part in _NAME)
    return one_line(row.values.get("name") or " ".join(parts))


def try_all(people: People, circle: Circle, by: Member, watch: Watch) -> Counts:
    """Say what would become of every row; nothing stays of it. Raises Unreadable."""
    counts = _survey(people, watch)
    with transaction.atomic():
        with acting_as(by.pk):
            for row in people.rows():
                _one(people, row, circle, by, watch, counts)
        transaction.set_rollback(True)
    return counts


def send_all(
    people: People,
    circle: Circle,
    by: Member,
    watch,
    counts: Counts | None = None,
    passed: int = 0,
) -> Counts:
    """Invite every row that can be invited, each in a transaction of its own, and none twice.

    `passed` rows are behind us, with these counts. Raises Unreadable.
    """
    counts = counts or _survey(people, watch)
    try:
        for place, row in enumerate(people.rows()):
            if place < passed:
                continue
            with acting_as(by.pk):
                _one(people, row, circle, by, watch, counts)
                watch.keeps_row(counts, place + 1)
            watch.moves(1)
    finally:
        if counts.moved.total():
            _record(circle, by, counts)
    return counts


def _survey(people: People, watch: Watch) -> Counts:
    counts = Counts()
    counts.archive[INVITATION] = sum(1 for _row in people.rows())
    watch.begins(counts.archive[INVITATION])
    return counts


def _one(
    people: People, row: Row | Broken, circle: Circle, by: Member, watch: Watch, counts: Counts
) -> None:
    if isinstance(row, Broken):
        return _leave_out(row, row.reason, watch, counts)
    form = people.form(row, circle)
    if not form.is_valid():
        found = ((form[name].label, errors[0]) for name, errors in form.errors.items())
        reasons = "; ".join(f"{label}: {error}" for label, error in found)
        return _leave_out(row, reasons, watch, counts)
    if _runs(circle, by, form.cleaned_data["address"]):
        counts.there[INVITATION] += 1
        return None
    try:
        with transaction.atomic():
            inviting.invite(circle, by=by, **form.cleaned_data)
    except Refused as refused:
        return _leave_out(row, refused.sentence, watch, counts)
    counts.moved[INVITATION] += 1
    watch.comes(row, f"{person(row)}, {form.cleaned_data['address']}")
    return None


def _runs(circle: Circle, by: Member, address: str) -> bool:
    """An invitation of theirs to this address is open: it went before, or stands twice."""
    open_now = Invitation.objects.open().filter(circle_id=circle.pk, inviter_id=by.pk)
    return open_now.filter(address_key=silence.key_of(address)).exists()


def _leave_out(row: Row | Broken, reason: str, watch: Watch, counts: Counts) -> None:
    counts.bad[INVITATION] += 1
    counts.rows += 1
    watch.left_out(row.file, row.line, reason)


def _record(circle: Circle, by: Member, counts: Counts) -> None:
    with acting_as(by.pk):
        audit.record(
            "import.invited",
            by=by,
            circle_id=circle.pk,
            subject="circle",
            subject_id=circle.pk,
            sent=counts.moved[INVITATION],
            left_out=counts.bad[INVITATION],
        )
