"""One bundle of an archive into its tables. Runs inside the transaction of its admin; a dry run
reads and notes the same rows and writes none."""

from collections.abc import Callable, Iterable

from django.db import connection
from django.db.models import Model

from questions.archive import authors, rows
from questions.archive.move import Item, Move
from questions.archive.reading import Row
from questions.archive.rows import ACCEPTED, ANSWER, COMMENT, QUESTION, Author, Bad, Text
from questions.models import Answer, Comment, Question, Tag, Tagging


def ids(model: type[Model], move: Move, keys: Iterable[str]) -> dict[str, int]:
    """The rows of the circle that have these keys."""
    found = model.objects.filter(circle=move.circle, source_key__in=list(keys))
    return dict(found.values_list("source_key", "id"))


def write_questions(move: Move, items: list[Item]) -> int:
    """New questions with their tags; return how many can be read."""
    read = _read(
        move, QUESTION, items, lambda row: (rows.title(row), _post(move, row), _tags(move, row))
    )
    if move.dry_run:
        move.coming |= {item.key: item.key for item, _ in read}
        return len(read)
    people = _people(move, (text for _, (_, text, _) in read))
    Question.objects.bulk_create(
        [
            Question(
                **_written(move, item, text, people),
                source_url=f"https://{move.archive.site}/questions/{text.number}",
                title=title,
                state="abandoned" if item.row.values.get("ClosedDate") else "open",
                last_activity_at=text.created_at,
            )
            for item, (title, text, _) in read
        ],
        ignore_conflicts=True,
    )
    _tag(move, {item.key: tags for item, (_, _, tags) in read})
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


def _tags(move: Move, row: Row) -> list[str]:
    tags = rows.tags(row)
    for tag in tags:
        if len(tag) > rows.LONGEST_TAG:
            move.watch.left_out(row.file, row.line, f"only its tag {tag[:20]}…, which is too long")
    return [tag for tag in tags if len(tag) <= rows.LONGEST_TAG]


def write_answers(move: Move, items: list[Item]) -> int:
    """New answers under questions that have come; return how many can be read."""
    parents = ids(Question, move, _pointed_at(move, QUESTION, items, "ParentId"))

    def read_one(row: Row) -> tuple[str, Text]:
        parent = move.key(QUESTION, rows.number(row, "ParentId"))
        if parent not in parents and parent not in move.coming:
            raise Bad(f"its question {row.values['ParentId']} is not there")
        return parent, _post(move, row)

    read = _read(move, ANSWER, items, read_one)
    if move.dry_run:
        move.coming |= {item.key: parent for item, (parent, _) in read}
        return len(read)
    people = _people(move, (text for _, (_, text) in read))
    Answer.objects.bulk_create(
        [
            Answer(
                **_written(move, item, text, people),
                source_url=f"https://{move.archive.site}/a/{text.number}",
                question_id=parents[parent],
            )
            for item, (parent, text) in read
        ],
        ignore_conflicts=True,
    )
    return len(read)


def accept(move: Move, items: list[Item]) -> None:
    """Mark the accepted answers of these questions."""
    answers = _pointed_at(move, ANSWER, items, "AcceptedAnswerId")
    found = Answer.objects.filter(circle=move.circle, source_key__in=answers)
    question_of = dict(found.values_list("source_key", "question__source_key"))
    pairs = []  # (question, answer)
    coming = 0
    for item in items:
        try:
            answer = move.key(ANSWER, rows.number(item.row, "AcceptedAnswerId"))
            if item.key not in (question_of.get(answer), move.coming.get(answer)):
                raise Bad("only its accepted answer, which is not there")
        except Bad as bad:
            move.bad(ACCEPTED, item.row, str(bad))
        else:
            pairs.append((item.key, answer))
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
    places = _places(move, items)  # post -> its question and, under an answer, that answer

    def read_one(row: Row) -> tuple[str, Text]:
        number = rows.number(row, "PostId")
        for post in (move.key(QUESTION, number), move.key(ANSWER, number)):
            if post in places or post in move.coming:
                return post, rows.comment(row)
        raise Bad(f"its post {number} is not there")

    read = _read(move, COMMENT, items, read_one)
    if move.dry_run:
        return len(read)
    people = _people(move, (text for _, (_, text) in read))
    Comment.objects.bulk_create(
        [
            Comment(
                **_written(move, item, text, people),
                source_url=_address_of_comment(move, item.row, under_answer=places[post][1]),
                question_id=places[post][0],
                answer_id=places[post][1],
            )
            for item, (post, text) in read
        ],
        ignore_conflicts=True,
    )
    return len(read)


def _places(move: Move, items: list[Item]) -> dict[str, tuple[int, int | None]]:
    questions = ids(Question, move, _pointed_at(move, QUESTION, items, "PostId"))
    answers = Answer.objects.filter(
        circle=move.circle, source_key__in=_pointed_at(move, ANSWER, items, "PostId")
    )
    places = {key: (question, None) for key, question in questions.items()}
    for key, question, answer in answers.values_list("source_key", "question_id", "id"):
        places[key] = (question, answer)
    return places


def _address_of_comment(move: Move, row: Row, *, under_answer: int | None) -> str:
    number, post = row.values["Id"], row.values["PostId"]
    room = "a" if under_answer else "questions"
    return f"https://{move.archive.site}/{room}/{post}#comment{number}_{post}"


def _pointed_at(move: Move, kind: str, items: list[Item], name: str) -> list[str]:
    """The keys of the rows that these point at; what points nowhere is told when it is read."""
    keys = []
    for item in items:
        try:
            keys.append(move.key(kind, rows.number(item.row, name)))
        except Bad:
            continue
    return keys


def _read(move: Move, kind: str, items: list[Item], read_one: Callable[[Row], tuple]) -> list:
    """What the usable rows say; the others are told."""
    read = []
    for item in items:
        try:
            read.append((item, read_one(item.row)))
        except Bad as bad:
            move.bad(kind, item.row, str(bad))
    return read


def _post(move: Move, row: Row) -> Text:
    return rows.post(row, move.archive.site)


def _people(move: Move, texts: Iterable[Text]) -> dict[Author, int]:
    return authors.ids((text.author for text in texts), move.circle, move.archive.site)


def _written(move: Move, item: Item, text: Text, people: dict[Author, int]) -> dict:
    return {
        "circle": move.circle,
        "imported_author_id": people[text.author],
        "source_key": item.key,
        "body": text.body,
        "html": text.html,
        "created_at": text.created_at,
        "edited_at": text.edited_at,
    }
