"""What an import says of itself on its page: counts in rows, and how far it is."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from questions.archive.people import INVITATION
from questions.archive.texts import ACCEPTED, ANSWER, COMMENT, EDIT, QUESTION
from questions.models import ArchiveImport

NAMES: dict[str, Promise] = {
    QUESTION: _("Questions"),
    ANSWER: _("Answers"),
    ACCEPTED: _("Accepted answers"),
    COMMENT: _("Remarks"),
    EDIT: _("Earlier versions"),
    INVITATION: _("Invitations"),
}
SENDING: dict[str, Promise] = {
    ArchiveImport.State.CHECKED: _("These invitations would go out"),
    ArchiveImport.State.MOVING: _("The invitations are being sent"),
    ArchiveImport.State.DONE: _("The invitations are sent"),
}


@dataclass(frozen=True)
class Line:
    """One kind of text: how many are in the file, come or came, were there, stay out."""

    name: Promise
    archive: int
    moved: int
    there: int
    bad: int


def title(made: ArchiveImport) -> str:
    """How it stands, as the heading of its page."""
    sending = SENDING.get(made.state) if made.is_of_people else None
    return str(sending or made.get_state_display())


def rows_of(made: ArchiveImport) -> list[Line]:
    """A line for each kind of text the file holds."""
    counts = {name: made.counts.get(name, {}) for name in ("archive", "moved", "there", "bad")}
    lines = (
        Line(label, *(count.get(kind, 0) for count in counts.values()))
        for kind, label in NAMES.items()
    )
    return [line for line in lines if line.archive or line.bad]


def share(made: ArchiveImport) -> int:
    """How far it is, in percent."""
    return min(100, made.done * 100 // made.total) if made.total else 0
