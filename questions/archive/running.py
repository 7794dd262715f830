"""The worker's part of an import: the dry run, then the move, in slices of half a minute so that
letters never wait long behind it. Everything is done as the admin who brought the file.

Whoever works on one holds it (`holder`, `held_until`) and says so again with every bundle, in the
transaction of that bundle: of two workers one writes nothing, and a killed one is replaced.
"""

import logging
import random
import time
import traceback
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from circles.models import Membership
from kring.lib.acting import acting_as
from members import audit
from members.models import Member
from questions.archive.dump import open_dump
from questions.archive.imports import forget_file, path_of
from questions.archive.move import Archive, Counts, Move, Watch
from questions.archive.moving_in import go_on, record
from questions.archive.people import (
    INVITATION,
    MOST_PEOPLE,
    People,
    open_people,
    send_all,
    try_all,
)
from questions.archive.sheet import notes_of
from questions.archive.spreadsheet import open_spreadsheet
from questions.archive.texts import Row, Unreadable
from questions.models import ArchiveImport, ImportFinding

log = logging.getLogger(__name__)
S, F = ArchiveImport.State, ImportFinding.Kind
SLICE = 30.0  # seconds
HOLD = timedelta(seconds=60)  # a bundle takes one or two
KEEP_FILE = timedelta(days=1)
KEEP_FINDINGS = timedelta(days=30)
MOST_BAD, MOST_COMING = 5_000, 5
LONGEST_FINDING = 600


class Lost(Exception):
    """It is not ours any more: stopped, dropped, or somebody else's."""


class Pause(Exception):
    """The slice is over."""


# --- which ---------------------------------------------------------------------------------
def waiting() -> list[int]:
    """What nobody is at, as the house sees it."""
    return list(_free().order_by("state_at").values_list("id", flat=True))


def _free():
    return ArchiveImport.objects.filter(
        Q(held_until=None) | Q(held_until__lt=timezone.now()), state__in=ArchiveImport.WORKING
    )


def tidy() -> None:
    """Drop what nobody said yes to within a day, findings after a month, and stray files."""
    now = timezone.now()
    ArchiveImport.objects.filter(
        state__in=ArchiveImport.WAITING, state_at__lt=now - KEEP_FILE
    ).update(state=S.EXPIRED, state_at=now)
    ArchiveImport.objects.exclude(state__in=ArchiveImport.UNFINISHED).filter(
        forgotten_at=None, state_at__lt=now - KEEP_FINDINGS
    ).update(forgotten_at=now)
    unfinished = ArchiveImport.objects.filter(state__in=ArchiveImport.UNFINISHED)
    kept = {path_of(made) for made in unfinished}
    stray = {*(settings.FILES / "imports").glob("*"), *(settings.FILES / "incoming").glob("*")}
    for path in stray - kept:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - KEEP_FILE.total_seconds():
                path.unlink()


# --- one -----------------------------------------------------------------------------------
def run(import_id: int) -> bool:
    """Work on an import for a slice; return whether there is more to do. Nothing happens when
    somebody else is at it."""
    holder = random.getrandbits(62)
    hold = {"holder": holder, "held_until": timezone.now() + HOLD}
    if not _free().filter(pk=import_id).update(**hold):
        return False
    made = ArchiveImport.objects.select_related("circle").get(pk=import_id)
    by = Member.objects.get(pk=made.by_id)
    try:
        with translation.override(by.language):
            _still_admin(made)
            (_check if made.state == S.CHECKING else _move)(made, by)
    except Pause:
        return bool(_end(made, made.state, held_until=None))
    except Lost:
        return False
    except Unreadable as unreadable:
        _refuse(made, str(unreadable))
    except Exception as error:
        # The words of an error of the database hold what was to be written: not for a log.
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        where = "".join(f"\n    {f.filename}:{f.lineno} {f.name}" for f in frames)
        log.error("import %s failed: %s%s", import_id, type(error).__name__, where)
        _end(made, S.FAILED)
    return False


def _still_admin(made: ArchiveImport) -> None:
    """Nobody goes on for somebody who administers no more."""
    admins = Membership.objects.filter(
        circle_id=made.circle_id,
        member_id=made.by_id,
        role=Membership.Role.ADMIN,
        state=Membership.State.ACTIVE,
    )
    if not admins.exists():
        _end(made, S.STOPPED if made.state == S.MOVING else S.DISCARDED)
        raise Lost


def _check(made: ArchiveImport, by: Member) -> None:
    keeper = Keeper(made)
    if made.is_of_people:
        people = _people(made)
        counts, notes = try_all(people, made.circle, by, keeper), notes_of(people.sheet)
    else:
        move = Move(_archive(made), made.circle, by, True, keeper)
        go_on(move)
        counts, notes = move.counts, move.archive.notes
    with acting_as(made.by_id):
        keeper.write(F.NOTE, [("", 0, note) for note in notes])
        keeper.write(F.BAD, keeper.bad)
        keeper.write(F.COMING, keeper.coming)
    _end(made, S.CHECKED, counts=counts.as_json(), total=keeper.total, done=0)


def _move(made: ArchiveImport, by: Member) -> None:
    keeper = Keeper(made, until=time.monotonic() + SLICE)
    counts = Counts.from_json(made.counts) if made.passed else None
    if made.is_of_people:
        passed = made.passed.get(INVITATION, 0)
        counts = send_all(_people(made), made.circle, by, keeper, counts, passed)
    else:
        move = Move(_archive(made), made.circle, by, False, keeper)
        move.counts = counts or move.counts
        move.passed.update(made.passed)
        go_on(move)
        counts = move.counts
        record(move)
    _end(made, S.DONE, counts=counts.as_json(), done=made.total)
    forget_file(made)


def _file(made: ArchiveImport) -> Path:
    path = path_of(made)
    if not path.is_file():
        log.error("import %s: no file; pages and workers need the same KRING_FILES", made.pk)
        raise Unreadable(_("The file did not reach the worker. Whoever runs Kring can mend that."))
    return path


def _people(made: ArchiveImport) -> People:
    return open_people(_file(made), words=made.words, how=made.how, name=made.file_name)


def _archive(made: ArchiveImport) -> Archive:
    path = _file(made)
    if made.kind == ArchiveImport.Kind.STACK_EXCHANGE:
        return open_dump(path, made.source)
    return open_spreadsheet(
        path, made.source, licence=made.licence, link=made.link, name=made.file_name
    )


def _end(made: ArchiveImport, state: str, **facts) -> int:
    """Give it up in this state, if it is ours still."""
    facts = {"held_until": None, "state_at": timezone.now(), **facts}
    ours = ArchiveImport.objects.filter(pk=made.pk, holder=made.holder, state=made.state)
    return ours.update(state=state, **facts)


def _refuse(made: ArchiveImport, sentence: str) -> None:
    with acting_as(made.by_id):
        Keeper(made).write(F.REFUSAL, [("", 0, sentence)])
        audit.record(
            "import.refused",
            by=None,
            circle_id=made.circle_id,
            subject="import",
            subject_id=made.pk,
        )
    _end(made, S.REFUSED)
    forget_file(made)


class Keeper(Watch):
    """Writes down how far it is and what was found, and notices when it is not ours any more."""

    def __init__(self, made: ArchiveImport, until: float | None = None):
        self.made, self.until = made, until
        self.total, self.done = made.total, made.done
        self.bad: list[tuple[str, int, str]] = []
        self.coming: list[tuple[str, int, str]] = []

    def begins(self, total: int) -> None:
        self.total = total

    def comes(self, row: Row, title: str) -> None:
        if len(self.coming) < (MOST_PEOPLE if self.made.is_of_people else MOST_COMING):
            self.coming.append((row.file, row.line, title))

    def left_out(self, file: str, line: int, reason: str) -> None:
        if len(self.bad) < MOST_BAD:
            self.bad.append((file, line, reason))

    def keeps(self, move: Move, count: int) -> None:
        facts = {}
        if not move.dry_run:
            facts = {"counts": move.counts.as_json(), "passed": dict(move.passed)}
        self._hold(count, facts)

    def keeps_row(self, counts: Counts, passed: int) -> None:
        if self.bad:
            self.write(F.UNSENT, self.bad[-1:], first=passed)
            self.bad.clear()
        self._hold(1, {"counts": counts.as_json(), "passed": {INVITATION: passed}})

    def _hold(self, count: int, facts: dict) -> None:
        self.done += count
        facts |= {"total": self.total, "done": self.done}
        ours = ArchiveImport.objects.filter(
            circle_id=self.made.circle_id,
            pk=self.made.pk,
            holder=self.made.holder,
            state=self.made.state,
        )
        if not ours.update(held_until=timezone.now() + HOLD, **facts):
            raise Lost

    def moves(self, count: int) -> None:
        if self.until is not None and time.monotonic() > self.until:
            raise Pause

    def write(self, kind: str, found: list[tuple[str, int, str]], first: int = 0) -> None:
        """Keep findings; a second dry run finds them there. Runs as the admin."""
        ImportFinding.objects.bulk_create(
            [
                ImportFinding(
                    circle_id=self.made.circle_id,
                    archive_import_id=self.made.pk,
                    kind=kind,
                    place=place,
                    file=file[:100],
                    line=line,
                    text=text[:LONGEST_FINDING],
                )
                for place, (file, line, text) in enumerate(found, start=first)
            ],
            ignore_conflicts=True,
        )
