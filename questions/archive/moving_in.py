"""Moving an archive into a circle, as one of its admins.

In bundles of one transaction each: what was killed half-way goes on where it was, and what is
there already is left alone. No account, no letter, no event comes of it: old content is no news.
"""

from collections.abc import Callable

from django.utils import translation

from circles.models import Circle
from kring.lib.acting import acting_as
from members import audit
from members.models import Member
from questions.archive import authors, rows, writing
from questions.archive.move import BUNDLE, Counts, Item, Move, Watch, bundles, survey
from questions.archive.reading import Archive, Broken
from questions.archive.rows import ANSWER, COMMENT, QUESTION
from questions.models import Answer, Comment, Question

MODELS = {QUESTION: Question, ANSWER: Answer, COMMENT: Comment}


def move_in(
    archive: Archive,
    circle: Circle,
    by: Member,
    *,
    dry_run: bool = False,
    watch: Watch | None = None,
) -> Counts:
    """Move the questions, answers and comments of an archive into the circle; say what came.

    Acts as the admin `by`; the row policies refuse anybody else. Bad rows are told to `watch`
    and left out. Raises Unreadable, before anything is written, when a file is no dump.
    """
    move = Move(archive, circle, by, dry_run, watch or Watch())
    with translation.override("en"):  # reasons are for the operator
        writers = survey(move)
        move.watch.begins(sum(move.counts.archive[kind] for kind in MODELS))
        try:
            _move_authors(move, writers)
            _move_bundles(move, QUESTION, writing.write_questions)
            _move_bundles(move, ANSWER, writing.write_answers)
            _accept_answers(move)
            _move_bundles(move, COMMENT, writing.write_comments)
        finally:
            _record(move)
        _count_held(move)
    return move.counts


def _move_authors(move: Move, writers: set[int]) -> None:
    """Name those who wrote; whoever else stands in Users.xml stays out."""
    bundle = []
    for row in move.archive.rows("Users"):
        if isinstance(row, Broken):
            move.unreadable(row, row.reason)
        elif (user := rows.user(row)).number in writers:
            bundle.append(user)
        if len(bundle) == BUNDLE:
            _add_authors(move, bundle)
            bundle = []
    _add_authors(move, bundle)


def _add_authors(move: Move, bundle: list[rows.Author]) -> None:
    if bundle and not move.dry_run:
        with acting_as(move.by.pk):
            authors.ids(bundle, move.circle, move.archive.site)


def _move_bundles(move: Move, kind: str, write: Callable[[Move, list[Item]], int]) -> None:
    """Write each bundle in a transaction of its own, without what is there already."""
    for bundle in bundles(move, kind):
        with acting_as(move.by.pk):
            there = writing.ids(MODELS[kind], move, [item.key for item in bundle])
            written = write(move, [item for item in bundle if item.key not in there])
        move.counts.there[kind] += len(there)
        move.counts.moved[kind] += written
        move.watch.moves(len(bundle))


def _accept_answers(move: Move) -> None:
    """All answers are there now: mark the accepted ones, and their questions as answered."""
    for bundle in bundles(move, QUESTION, again=True):
        with acting_as(move.by.pk):
            writing.accept(move, [item for item in bundle if rows.accepts(item.row)])


def _record(move: Move) -> None:
    """One line for what came, also when something stopped it half-way."""
    if move.dry_run or not move.counts.moved.total():
        return
    with acting_as(move.by.pk):
        audit.record(
            "archive.imported",
            by=move.by,
            circle_id=move.circle.pk,
            subject="circle",
            subject_id=move.circle.pk,
            archive=move.archive.site,
            questions=move.counts.moved[QUESTION],
            answers=move.counts.moved[ANSWER],
            comments=move.counts.moved[COMMENT],
            were_there=move.counts.there.total(),
            left_out=move.counts.bad.total() + move.counts.unreadable,
        )


def _count_held(move: Move) -> None:
    with acting_as(move.by.pk):
        for kind, model in MODELS.items():
            kept = model.objects.filter(
                circle=move.circle, source_key__startswith=move.key(kind, "")
            )
            move.counts.held[kind] = kept.count()
