"""What an admin does with a file in the browser: bring it, read what a dry run found, say yes,
stop, go on, drop it. The worker does the rest (running.py); each step is in the audit."""

from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Circle
from kring.lib import uploads
from kring.lib.refused import Refused
from members import audit, poke
from members.models import Member
from questions.models import ArchiveImport

S = ArchiveImport.State
# How an admin may move it; the worker has its own moves.
_MOVES = {
    S.MOVING: ArchiveImport.WAITING,
    S.STOPPED: (S.MOVING,),
    S.DISCARDED: ArchiveImport.UNFINISHED,
}


@transaction.atomic
def start(
    circle: Circle, *, by: Member, kind: str, file: TemporaryUploadedFile, **told: str
) -> ArchiveImport:
    """Keep a file apart and order a dry run of it; `told` is its source, licence and link.

    Raises Refused when the circle has an unfinished one.
    """
    made = ArchiveImport(
        circle=circle,
        by_id=by.pk,
        kind=kind,
        file_name=_harmless(file.name),
        size=file.size,
        **told,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("There is one under way. Finish or drop that one first.")) from error
    uploads.keep(file, path_of(made))
    _record("import.started", made, by, kind=kind, bytes=made.size)
    _ask_for(made)
    return made


@transaction.atomic
def go(made: ArchiveImport, *, by: Member) -> None:
    """Move in what the dry run found, or go on with what was stopped. Raises Refused."""
    _move(made, S.MOVING)
    _record("import.ordered", made, by)
    _ask_for(made)


@transaction.atomic
def stop(made: ArchiveImport, *, by: Member) -> None:
    """Let it end with the bundle at hand; what has come stays. Raises Refused."""
    _move(made, S.STOPPED)
    _record("import.stopped", made, by)


@transaction.atomic
def discard(made: ArchiveImport, *, by: Member) -> None:
    """Drop the file and what was found in it; what has come stays. Raises Refused."""
    _move(made, S.DISCARDED)
    _record("import.discarded", made, by)
    transaction.on_commit(lambda: forget_file(made))


def path_of(made: ArchiveImport) -> Path:
    """Where the file stands: in no place anybody is served from, under no name of its own."""
    return settings.FILES / "imports" / f"{made.public_id}.upload"


def forget_file(made: ArchiveImport) -> None:
    path_of(made).unlink(missing_ok=True)


def _move(made: ArchiveImport, state: str) -> None:
    moved = ArchiveImport.objects.filter(
        circle_id=made.circle_id, pk=made.pk, state__in=_MOVES[state]
    ).update(state=state, state_at=timezone.now(), held_until=None)
    if not moved:
        raise Refused(_("This changed meanwhile. Look at how it stands now."))
    made.state = state


def _ask_for(made: ArchiveImport) -> None:
    pk = made.pk
    transaction.on_commit(lambda: poke.ask_for("questions.tasks.run_import", pk))


def _harmless(name: str) -> str:
    """The name to show; nothing is ever opened by it."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[-100:] or "file"


def _record(act: str, made: ArchiveImport, by: Member, **facts) -> None:
    audit.record(
        act, by=by, circle_id=made.circle_id, subject="import", subject_id=made.pk, **facts
    )
