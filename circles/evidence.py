"""Papers an applicant adds: cleaned when they come in, kept outside the database, read by vetters,
erased by the clock. Every one lies in the folder of files under its random name.
"""

import logging
import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves, referees
from circles.models import Application, Paper
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import audit, due, erasing
from members.due import when_due
from members.models import Due

log = logging.getLogger(__name__)


def path_of(paper: Paper) -> Path:
    return settings.FILES / "evidence" / f"{paper.public_id}.{paper.kind}"


def papers_of(application: Application) -> list[Paper]:
    """Hand over to an applicant what they added."""
    with acting_with(application.link_id):
        return list(
            Paper.objects.kept().filter(
                circle_id=application.circle_id, application_id=application.pk
            )
        )


def add(application: Application, *, content: bytes, what: str) -> None:
    """Clean a file and keep it with a draft.

    Raises Refused, with field "file", for what is neither picture nor PDF, cannot be read, or is
    one too many.
    """
    from kring.lib.cleaning import cleaned  # 0.3 s and 20 MB, for the few who add a file

    kind, clean = cleaned(content, field="file")
    with acting_with(application.link_id):
        moves.hold(application, Application.State.DRAFT)
        if len(papers_of(application)) >= Paper.MOST:
            raise Refused(_("Four files is the most. Remove one first."), field="file")
        paper = Paper(
            circle_id=application.circle_id,
            application=application,
            kind=kind,
            what=" ".join(what.split())[:80],
            size=len(clean),
        )
        paper.save(force_insert=True)
        path = path_of(paper)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "xb", opener=_for_this_user) as file:
            file.write(clean)
        _record("application.paper_added", paper)


def _for_this_user(path, flags):
    return os.open(path, flags, 0o600)


def remove(application: Application, public_id: str) -> None:
    """Take back a file from a draft. Raises Refused when there is none such, or it was sent in."""
    with acting_with(application.link_id):
        moves.hold(application, Application.State.DRAFT)
        papers = {paper.public_id: paper for paper in papers_of(application)}
        paper = papers.get(public_id)
        if paper is None:
            raise Refused(_("This file was removed already."))
        Paper.objects.filter(circle_id=paper.circle_id, pk=paper.pk).update(
            erased_at=timezone.now(), what=""
        )
        _record("application.paper_removed", paper)
        due.set_timer("paper_gone", paper.pk, timezone.now(), circle_id=paper.circle_id)
        referees.soon()


def erase(application: Application) -> None:
    """Leave no file of an applicant. An act of the house."""
    papers = Paper.objects.filter(
        circle_id=application.circle_id, application_id=application.pk, erased_at=None
    )
    for paper in papers:
        _drop(paper)
    papers.update(erased_at=timezone.now(), what="")


def delete(names: list[str]) -> None:
    """Delete files by their names, now; the house does it once more by the rows of their papers."""
    for name in names:
        (settings.FILES / "evidence" / name).unlink(missing_ok=True)


@when_due("paper_gone")
def drop(row: Due) -> None:
    """Delete the file of a paper that was removed."""
    paper = Paper.objects.filter(circle_id=row.circle_id, pk=row.subject_id).first()
    if paper is not None and paper.erased_at:
        _drop(paper)
        erasing.record("paper", paper.pk)


@erasing.erasure("paper")
def drop_again(line: erasing.Line) -> bool:
    """Delete a file that a backup brought back."""
    paper = Paper.objects.filter(pk=line.row_id).first()
    if paper is None or (paper.erased_at and not path_of(paper).exists()):
        return False
    Paper.objects.filter(pk=paper.pk).update(erased_at=timezone.now(), what="")
    _drop(paper)
    return True


def sweep(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete files of which nobody knows: written before a crash kept their row from being, or left
    behind after it was erased. Return how many. An act of the house.

    A file comes before its row, so young ones are left alone; young as this disk has them, also
    when a restore has just put them back.
    """
    before = (timezone.now() - older_than).timestamp()
    folder = settings.FILES / "evidence"
    found = [path for path in folder.glob("*") if path.is_file() and path.stat().st_ctime < before]
    gone = 0
    for start in range(0, len(found), 500):
        some = found[start : start + 500]
        names = {path.stem for path in some}
        known = Paper.objects.kept().filter(public_id__in=names)
        kept = {path_of(paper).name for paper in known}
        for path in some:
            if path.name not in kept:
                path.unlink(missing_ok=True)
                gone += 1
    if gone:
        log.warning("%s files of papers belonged to nothing and were deleted", gone)
    return gone


def _drop(paper: Paper) -> None:
    with suppress(FileNotFoundError):
        path_of(paper).unlink()


def _record(act: str, paper: Paper) -> None:
    audit.record(
        act,
        by=None,
        circle_id=paper.circle_id,
        subject="application",
        subject_id=paper.application_id,
        paper=paper.pk,
    )
