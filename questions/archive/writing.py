"""One bundle of an archive into its tables. Runs inside the transaction of its admin; a dry run
reads and notes the same rows and writes none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from questions.archive import authors, texts
from questions.archive.move import Item, Move
from questions.archive.texts import (
    ACCEPTED,
    ANSWER,
    COMMENT,
    EDIT,
    QUESTION,
    Asked,
    Author,
    Bad,
    Entry,
    Orphan,
    Text,
)
from questions.models import Answer, Comment, Question, Revision, Tag, Tagging


def ids(model: type[Model], move: Move, keys: Iterable[str]) -> dict[str, int]:
    """The rows of the circle that have these keys."""
    found = model.objects.filter(circle=move.circle, source_key__in=list(keys))
    return dict(found.values_list("source_key", "id"))


def write_questions(move: Move, items: list[Item]) -> int:
    """New questions with their tags; return how many can be read."""
    read = _read(move, QUESTION, items, move.archive.question)
    tags_of = {item.key: _tags(move, item, asked) for item, asked in read}
    if move.dry_run:
        move.coming |= {item.key: item.key for item, _asked in read}
        for item, asked in read:
            move.watch.comes(item.row, asked.title)
        return len(read)
    people = _people(move, (asked.text for _item, asked in read))
    Question.objects.bulk_create(
        [
            Question(
                **_written(move, item, asked.text, people),
                title=asked.title,
                state="abandoned" if asked.is_closed else "open",
                last_activity_at=asked.text.created_at or move.began_at,
            )
            for item, asked in read
        ],
        ignore_conflicts=True,
    )
    _tag(move, tags_of)
    return len(read)


def _tag(move: Move, tags_of: dict[str, list[str]]) -> None:
    names = sorted({tag for tags in tags_of.values() for tag in tags})
    kept = Tag.objects.filter(circle=move.circle, name__in=names)
    known = set(kept.values_list("name", flat=True))
    Tag.objects.bulk_create(
        [Tag(circle=move.circle, name=name) for name in names if name not in known],
        ignore_conflicts=True,
    )
    tag_ids = dict(kept.values_list("name", "id"))
    questions = ids(Question, move, tags_of)
    Tagging.objects.bulk_create(
        [
            Tagging(circle=move.circle, question_id=questions[key], tag_id=tag_ids[tag])
            for key, tags in tags_of.items()
            for tag in tags
        ],
        ignore_conflicts=True,
    )


def _tags(move: Move, item: Item, asked: Asked) -> list[str]:
    for tag in asked.tags:
        if len(tag) > texts.LONGEST_TAG:
            reason = _("only its tag %(tag)s…, which is too long") % {"tag": tag[:20]}
            move.watch.left_out(item.row.file, item.row.line, reason)
    return [tag for tag in asked.tags if len(tag) <= texts.LONGEST_TAG]


def write_answers(move: Move, items: list[Item]) -> int:
    """New answers under questions that have come; return how many can be read."""
    wanted = _parents(move, ANSWER, items, QUESTION)
    found = Question.objects.filter(circle=move.circle, source_key__in=wanted)
    parents = {
        key: (pk, at) for key, pk, at in found.values_list("source_key", "id", "created_at")
    }

    def read_one(entry: Entry) -> tuple[str, Text]:
        number = move.archive.parent(ANSWER, entry)
        parent = move.key(QUESTION, number)
        if parent not in parents and parent not in move.coming:
            raise Orphan(_("its question %(number)s is not there") % {"number": _short(number)})
        return parent, move.archive.answer(entry)

    read = _read(move, ANSWER, items, read_one)
    if move.dry_run:
        move.coming |= {item.key: parent for item, (parent, _text) in read}
        return len(read)
    people = _people(move, (text for _item, (_parent, text) in read))
    Answer.objects.bulk_create(
        [
            Answer(
                **_written(move, item, text, people, parents[parent][1]),
                question_id=parents[parent][0],
            )
            for item, (parent, text) in read
        ],
        ignore_conflicts=True,
    )
    return len(read)


def accept(move: Move, items: list[Item]) -> None:
    """Mark the accepted answers of these questions."""
    answer_of = {}  # key of a question -> key of its answer
    for item in items:
        try:
            answer_of[item.key] = move.key(ANSWER, move.archive.accepted(item.entry))
        except Bad as bad:
            move.bad(ACCEPTED, item.row, bad)
    found = Answer.objects.filter(circle=move.circle, source_key__in=list(answer_of.values()))
    question_of = dict(found.values_list("source_key", "question__source_key"))
    pairs = []  # (question, answer)
    coming = 0
    for item in items:
        question, answer = move.key(QUESTION, item.entry.number), answer_of.get(item.key)
        if answer is None:
            continue
        if question not in (question_of.get(answer), move.coming.get(answer)):
            reason = _("only its accepted answer, which is not there")
            move.bad(ACCEPTED, item.row, Orphan(reason))
        else:
            pairs.append((question, answer))
            coming += answer in move.coming
    moved = coming if move.dry_run else _mark_accepted(move, pairs)
    move.counts.moved[ACCEPTED] += moved
    move.counts.there[ACCEPTED] += len(pairs) - moved


def _mark_accepted(move: Move, pairs: list[tuple[str, str]]) -> int:
    """Only where nobody has decided since: a second import changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update questions_question question
            set accepted_answer_id = answer.id, state = 'answered'
            from unnest(%(questions)s::text[], %(answers)s::text[]) as pair (question, answer)
            join questions_answer answer
              on answer.circle_id = %(circle)s and answer.source_key = pair.answer
            where question.circle_id = %(circle)s and question.source_key = pair.question
              and answer.question_id = question.id and question.accepted_answer_id is null
              and question.author_id is null and question.state in ('open', 'abandoned')
            """,
            {
                "circle": move.circle.pk,
                "questions": [question for question, _ in pairs],
                "answers": [answer for _, answer in pairs],
            },
        )
        return cursor.rowcount


def write_comments(move: Move, items: list[Item]) -> int:
    """New comments under questions and answers that have come; return how many can be read."""
    places = _places(move, COMMENT, items)

    def read_one(entry: Entry) -> tuple[str, Text]:
        number = move.archive.parent(COMMENT, entry)
        post = _post(move, places, number)
        if post is None:
            raise Orphan(_("its post %(number)s is not there") % {"number": _short(number)})
        under_answer = post == move.key(ANSWER, number)
        return post, move.archive.comment(entry, under_answer=under_answer)

    read = _read(move, COMMENT, items, read_one)
    if move.dry_run:
        return len(read)
    people = _people(move, (text for _item, (_post, text) in read))
    Comment.objects.bulk_create(
        [
            Comment(
                **_written(move, item, text, people, places[post].at),
                question_id=places[post].question_id,
                answer_id=places[post].answer_id,
            )
            for item, (post, text) in read
        ],
        ignore_conflicts=True,
    )
    return len(read)


def write_versions(move: Move, items: list[Item]) -> int:
    """Earlier versions of questions and answers that have come; return how many can be read.

    Dumps also tell how tag wikis and deleted posts read: nothing of them comes, nor is told.
    """
    places = _places(move, EDIT, items)
    posts = {}
    for item in items:
        try:
            post = _post(move, places, move.archive.parent(EDIT, item.entry))
        except Bad:
            post = None
        if post:
            posts[item.key] = post
    move.counts.archive[EDIT] -= len(items) - len(posts)
    read = _read(move, EDIT, [item for item in items if item.key in posts], move.archive.edit)
    if move.dry_run:
        return len(read)
    people = _people(move, (version.text for _item, version in read))
    Revision.objects.bulk_create(
        [
            Revision(
                circle=move.circle,
                source_key=item.key,
                imported_author_id=people[version.text.author],
                question_id=places[posts[item.key]].question_id,
                answer_id=places[posts[item.key]].answer_id,
                title=version.title,
                body=version.text.body,
                html=version.text.html,
                written_at=version.text.created_at,
                replaced_at=version.replaced_at,
            )
            for item, version in read
        ],
        ignore_conflicts=True,
    )
    return len(read)


@dataclass(frozen=True)
class Place:
    """Where a comment or a version stands: its question and, under an answer, that answer."""

    question_id: int
    answer_id: int | None
    at: datetime


def _places(move: Move, kind: str, items: list[Item]) -> dict[str, Place]:
    questions = Question.objects.filter(
        circle=move.circle, source_key__in=_parents(move, kind, items, QUESTION)
    )
    answers = Answer.objects.filter(
        circle=move.circle, source_key__in=_parents(move, kind, items, ANSWER)
    )
    found = {
        key: Place(pk, None, at)
        for key, pk, at in questions.values_list("source_key", "id", "created_at")
    }
    for key, question, pk, at in answers.values_list(
        "source_key", "question_id", "id", "created_at"
    ):
        found[key] = Place(question, pk, at)
    return found


def _post(move: Move, places: dict[str, Place], number: str) -> str | None:
    """The key of the question or else the answer that has this number, if it has come."""
    for key in (move.key(QUESTION, number), move.key(ANSWER, number)):
        if key in places or key in move.coming:
            return key
    return None


def _parents(move: Move, kind: str, items: list[Item], of_kind: str) -> list[str]:
    """The keys that these rows point at; what points nowhere is told when it is read."""
    keys = []
    for item in items:
        try:
            keys.append(move.key(of_kind, move.archive.parent(kind, item.entry)))
        except Bad:
            continue
    return keys


def _read(move: Move, kind: str, items: list[Item], read_one: Callable[[Entry], object]) -> list:
    """What the usable rows say; the others are told."""
    read = []
    for item in items:
        try:
            read.append((item, read_one(item.entry)))
        except Bad as bad:
            move.bad(kind, item.row, bad)
    return read


def _short(number: str) -> str:
    number = texts.one_line(number)
    return number if len(number) <= 20 else f"“{number[:40]}…”"


def _people(move: Move, written: Iterable[Text]) -> dict[Author, int]:
    return authors.ids((text.author for text in written), move.circle, move.archive)


def _written(
    move: Move, item: Item, text: Text, people: dict[Author, int], at: datetime | None = None
) -> dict:
    """The columns all texts have; without a date of its own a text has that of its post."""
    return {
        "circle": move.circle,
        "imported_author_id": people[text.author],
        "source_key": item.key,
        "source_url": text.url,
        "licence": text.licence,
        "body": text.body,
        "html": text.html,
        "created_at": text.created_at or at or move.began_at,
        "edited_at": text.edited_at,
    }
