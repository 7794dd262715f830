"""Moving an archive into a circle, as one of its admins.

In bundles of one transaction each: what was killed half-way goes on where it was, and what is
there already is left alone. No account, no letter, no event comes of it: old content is no news.
"""

from collections.abc import Callable

from circles.models import Circle
from kring.lib.acting import acting_as
from members import audit
from members.models import Member
from questions.archive import authors, writing
from questions.archive.move import BUNDLE, Archive, Counts, Item, Move, Watch, bundles, survey
from questions.archive.texts import ACCEPTED, ANSWER, COMMENT, EDIT, QUESTION, Author, Broken
from questions.models import Answer, Comment, Question, Revision

MODELS = {QUESTION: Question, ANSWER: Answer, COMMENT: Comment, EDIT: Revision}
WRITING: dict[str, Callable[[Move, list[Item]], int]] = {
    QUESTION: writing.write_questions,
    ANSWER: writing.write_answers,
    COMMENT: writing.write_comments,
    EDIT: writing.write_versions,
}


def move_in(
    archive: Archive,
    circle: Circle,
    by: Member,
    *,
    dry_run: bool = False,
    watch: Watch | None = None,
) -> Counts:
    """Move the questions, answers, comments and earlier versions of an archive into the circle;
    say what came.

    Acts as the admin `by`; the row policies refuse anybody else. Bad rows are told to `watch`
    and left out. Raises Unreadable, before anything is written, when a file is no archive.
    """
    move = Move(archive, circle, by, dry_run, watch or Watch())
    try:
        go_on(move)
    finally:
        if not dry_run:
            record(move)
    return move.counts


def go_on(move: Move) -> None:
    """Do what is not done yet. What `move.passed` says is behind us is not even looked up."""
    if not move.passed["survey"]:
        writers = survey(move)
        move.watch.begins(sum(move.counts.archive[kind] for kind in MODELS))
        _move_authors(move, writers)
        move.passed["survey"] = 1
    for kind in move.archive.kinds:
        _once(move, kind, _move_bundles)
        if kind == ANSWER:
            _once(move, ACCEPTED, _accept_answers)
    _count_held(move)


def _once(move: Move, kind: str, act: Callable[[Move, str], None]) -> None:
    """Of a kind that is behind us altogether, the file is not even read again."""
    if not move.passed[f"every {kind}"]:
        act(move, kind)
        move.passed[f"every {kind}"] = 1


def _move_authors(move: Move, writers: set[int]) -> None:
    """Name those who wrote; whoever else the archive knows stays out."""
    bundle = []
    for person in move.archive.people():
        if isinstance(person, Broken):
            move.unreadable(person)
        elif person.number in writers:
            bundle.append(person)
        if len(bundle) == BUNDLE:
            _add_authors(move, bundle)
            bundle = []
    _add_authors(move, bundle)


def _add_authors(move: Move, bundle: list[Author]) -> None:
    if bundle and not move.dry_run:
        with acting_as(move.by.pk):
            authors.ids(bundle, move.circle, move.archive)


def _move_bundles(move: Move, kind: str) -> None:
    """Write each bundle in a transaction of its own, without what is there already."""
    for bundle in bundles(move, kind):
        with acting_as(move.by.pk):
            there = writing.ids(MODELS[kind], move, [item.key for item in bundle])
            written = WRITING[kind](move, [item for item in bundle if item.key not in there])
            move.counts.there[kind] += len(there)
            move.counts.moved[kind] += written
            move.passed[kind] += 1
            move.watch.keeps(move, len(bundle))
        move.watch.moves(len(bundle))


def _accept_answers(move: Move, kind: str) -> None:
    """All answers are there now: mark the accepted ones, and their questions as answered."""
    for bundle in bundles(move, kind):
        with acting_as(move.by.pk):
            writing.accept(move, bundle)
            move.passed[kind] += 1
            move.watch.keeps(move, 0)
        move.watch.moves(0)


def record(move: Move) -> None:
    """One line for what came, also when something stopped it half-way."""
    if not move.counts.moved.total():
        return
    with acting_as(move.by.pk):
        audit.record(
            "archive.imported",
            by=move.by,
            circle_id=move.circle.pk,
            subject="circle",
            subject_id=move.circle.pk,
            archive=move.archive.name,
            questions=move.counts.moved[QUESTION],
            answers=move.counts.moved[ANSWER],
            comments=move.counts.moved[COMMENT],
            versions=move.counts.moved[EDIT],
            were_there=move.counts.there.total(),
            left_out=move.counts.bad.total() + move.counts.unreadable,
        )


def _count_held(move: Move) -> None:
    with acting_as(move.by.pk):
        for kind in move.archive.kinds:
            kept = MODELS[kind].objects.filter(
                circle=move.circle, source_key__startswith=move.key(kind, "")
            )
            move.counts.held[kind] = kept.count()
