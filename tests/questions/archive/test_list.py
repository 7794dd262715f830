"""A list that a spreadsheet saved moves in: questions with their answers, or one row a text."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from questions.archive.texts import Unreadable
from questions.models import Answer, Comment, ImportedAuthor, Question
from tests.questions.archive_rows import Listener, everything

HEAD = "question body author asked_at tags answer answer_author answered_at accepted comment"
CAST = ("Splint or pins?", "A *pianist*.", "Ada", "9-3-2024", "hand; bone")
PINS = (*CAST, "Pins.", "Ben", "2024-03-10 14:05", "yes", "Agreed.")


def questions(circle):
    return Question.objects.filter(circle=circle)


def test_a_row_is_a_question_with_its_answer(sheet, move_sheet, circle):
    move_sheet(sheet(HEAD, PINS), licence="CC0 1.0", link="https://example.org/list")
    asked = questions(circle).get()
    answer = asked.answers.get()
    assert (asked.title, asked.body, asked.html) == (
        "Splint or pins?",
        "A *pianist*.",
        "<p>A <em>pianist</em>.</p>\n",
    )
    assert asked.created_at == datetime(2024, 3, 8, 23, tzinfo=UTC)
    assert (answer.body, answer.created_at.hour) == ("Pins.", 13)
    assert (asked.state, asked.accepted_answer_id) == ("answered", answer.pk)
    assert sorted(asked.taggings.values_list("tag__name", flat=True)) == ["bone", "hand"]
    assert asked.comments.get().answer == answer
    assert (asked.imported_author.name, answer.imported_author.name) == ("Ada", "Ben")
    assert (asked.licence, asked.source_url) == ("CC0 1.0", "https://example.org/list")


def test_the_same_question_again_brings_another_answer(sheet, move_sheet, circle):
    splint = (*CAST, "A splint.", "Cas", "", "", "")
    counts = move_sheet(sheet(HEAD, PINS, splint))
    assert (counts.archive["question"], counts.moved["question"]) == (1, 1)
    assert questions(circle).get().answer_count == 2


def test_a_number_makes_questions_of_other_words_one(sheet, move_sheet, circle):
    move_sheet(sheet("id question answer", (7, "How?", "So."), (7, "", "Or so.")))
    assert questions(circle).get().answers.count() == 2


def test_a_row_a_text_says_what_it_belongs_to(sheet, move_sheet, circle):
    path = sheet(
        "kind id belongs_to title body author date accepted",
        ("answer", "a1", "q1", "", "Pins.", "Ben", "", "x"),
        ("comment", "c1", "a1", "", "Agreed.", "Cas", "11-3-2024", ""),
        ("question", "q1", "", "Splint or pins?", "A pianist.", "Ada", "9-3-2024", ""),
        ("comment", "c2", "q1", "", "Which hand?", "Cas", "", ""),
    )
    move_sheet(path)
    asked = questions(circle).get()
    answer = asked.answers.get()
    assert asked.accepted_answer_id == answer.pk
    assert answer.created_at == asked.created_at  # it has no date of its own
    assert [c.answer_id for c in asked.comments.order_by("body")] == [answer.pk, None]


@pytest.mark.parametrize(
    "header", ["Vraag;Antwoord;Gesteld op", "vraag,antwoord,datum", "VRAAG\tAntwoord\tdatum"]
)
def test_columns_may_be_dutch_and_divided_otherwise(tmp_path, move_sheet, circle, header):
    path = tmp_path / "lijst.csv"
    mark = next(sign for sign in ";,\t" if sign in header)
    path.write_text("\n".join([header, mark.join(("Hoe?", "Zo.", "9 maart 2024"))]))
    move_sheet(path)
    asked = questions(circle).get()
    assert (asked.answers.get().body, asked.created_at.month) == ("Zo.", 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_accents_survive_however_it_was_saved(sheet, move_sheet, circle, encoding):
    move_sheet(sheet("question answer", ("Één café?", "Drie à €"), encoding=encoding))
    asked = questions(circle).get()
    assert (asked.title, asked.answers.get().body) == ("Één café?", "Drie à €")


def test_columns_can_be_named_by_hand(sheet, move_sheet, circle):
    path = sheet("Wat Wie question", ("How?", "Ada", "unread"))
    counts = move_sheet(path, columns={"question": "wat", "author": "WIE"})
    assert counts.moved["question"] == 1
    assert questions(circle).get().imported_author.name == "Ada"


@pytest.mark.parametrize(
    ("cell", "title", "body"),
    [
        ("How?\n\nA pianist.\nHer left hand.", "How?", "A pianist.  \nHer left hand."),
        ("How?\nA pianist.", "How?", "A pianist."),
        ("How? " + "word " * 80, "How?", ("word " * 80).strip()),
        ("How?", "How?", ""),
    ],
)
def test_a_question_in_one_cell_is_divided(sheet, move_sheet, circle, cell, title, body):
    move_sheet(sheet("question", (cell,)))
    asked = questions(circle).get()
    assert (asked.title, asked.body) == (title, body)


def test_nobody_is_made_up(sheet, move_sheet, circle):
    move_sheet(sheet("question", ("How?",)))
    assert ImportedAuthor.objects.filter(circle=circle).get().name == "author unknown"


def test_markup_in_a_cell_does_nothing(sheet, move_sheet, circle):
    move_sheet(sheet("question body", ("How?", "<script>x</script> ![p](https://x.example/p)")))
    html = questions(circle).get().html
    assert "<script" not in html
    assert "<img" not in html


def test_twice_adds_nothing(sheet, move_sheet, circle):
    path = sheet(HEAD, PINS)
    move_sheet(path)
    before = everything(circle)
    again = move_sheet(path)
    assert everything(circle) == before
    assert (again.moved.total(), again.there.total()) == (0, 4)


def test_two_lists_do_not_mix(sheet, move_sheet, circle):
    path = sheet("question answer", ("How?", "So."))
    move_sheet(path, name="One list")
    move_sheet(path, name="Another list")
    assert questions(circle).count() == 2


def test_a_dry_run_says_the_same_and_writes_nothing(sheet, move_sheet, circle):
    before = everything(circle)
    counts = move_sheet(sheet(HEAD, PINS), dry_run=True)
    moved = (counts.moved[kind] for kind in ("question", "answer", "comment", "accepted answer"))
    assert list(moved) == [1, 1, 1, 1]
    assert everything(circle) == before


def test_questions_of_a_parliament_move_in_by_naming_their_columns(command, circle):
    """dekamer.README.md says what it is."""
    said = command(
        Path(__file__).with_name("dekamer.csv"),
        circle.public_id,
        format="csv",
        source="Belgische Kamer, 2017",
        licence="CC0 1.0",
        columns=[
            ("author", "aut_person"),
            ("asked_at", "depotdat"),
            ("tags", "question_theme"),
            ("answer_author", "answer_department"),
        ],
    ).out
    assert re.search(r"questions +3 +3 +0 +0\n", said)
    assert "Columns left unread: doc_id, aut_party, aut_language" in said
    asked = questions(circle).get(answer_count=2)
    assert len({answer.imported_author.name for answer in asked.answers.all()}) == 2
    assert (asked.created_at.year, asked.licence) == (2017, "CC0 1.0")


# --- rows that cannot come ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("question answer", ("", "So."), "its title is empty"),
        ("question answer", ("t" * 301, "So."), "its title has 301 characters; 300 fit"),
        (
            "question asked_at answer",
            ("How?", "31-2-2024", "So."),
            "its asked_at is '31-2-2024'; write it like 2024-03-09 or 9-3-2024",
        ),
        (
            "question body",
            ("How?", "x" * 30_001),
            "its text is refused: This text is too long: at most 30,000 characters and "
            "1,500 lines.",
        ),
        ("question body", ("How?", "x" * 100_001), "its body has more than 100000 characters"),
        ("question url", ("How?", "javascript:x"), "its link is 'javascript:x', no web address that fits"),
        ("question", ("How?", "stray"), "it has 2 cells, the first row 1"),
        ("kind id body", ("poem", "1", "x"), "its kind is 'poem', not question, answer or comment"),
        ("kind id body", ("question", "", "x"), "it has no id"),
        ("kind id body", ("answer", "1", "x"), "it has no belongs_to"),
        ("kind id belongs_to body", ("answer", "1", "9", "x"), "its question 9 is not there"),
        ("kind id belongs_to body", ("comment", "1", "9", "x"), "its post 9 is not there"),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_once_with_its_line(sheet, move_sheet, circle, header, row, reason):
    listener = Listener()
    good = dict.fromkeys(header.split(), "")
    good |= {"question": "Good?", "kind": "question", "id": "g", "body": "Good."}
    fine = [good[name] for name in header.split()]
    other = [{**good, "question": "Else?", "id": "h"}[name] for name in header.split()]
    move_sheet(sheet(header, fine, row, other), watch=listener)
    assert listener.reasons[0] == (3, reason)
    assert questions(circle).count() >= 1
    assert len([line for line, _reason in listener.reasons if line == 3]) == 1


def test_a_column_is_told_by_its_own_name(sheet, move_sheet):
    listener = Listener()
    move_sheet(sheet("Vraag Datum", ("How?", "soon")), watch=listener)
    assert listener.reasons[0][1].startswith("its Datum is 'soon'")


def test_a_line_is_the_row_a_spreadsheet_shows(sheet, move_sheet):
    listener = Listener()
    move_sheet(sheet("question body", ("One?", "two\nlines\nhere"), ("", "x")), watch=listener)
    assert listener.reasons == [(3, "its title is empty")]


def test_a_quotation_mark_left_open_is_told(tmp_path, move_sheet, circle):
    path = tmp_path / "list.csv"
    path.write_text('question;body\nOne?;fine\nTwo?;"never ends\nThree?;lost\n')
    listener = Listener()
    move_sheet(path, watch=listener)
    assert listener.reasons == [(3, "it cannot be read: is a quotation mark left open?")]
    assert questions(circle).count() == 1


def test_empty_rows_are_no_rows(sheet, move_sheet):
    listener = Listener()
    counts = move_sheet(sheet("question", ("One?",), ("",), (" ",), ("Two?",)), watch=listener)
    assert (counts.moved["question"], listener.said) == (2, [])


# --- lists that cannot be read ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Found: nothing"),
        (
            b"naam;adres\nx;y",
            r"Found: naam, adres\. Wanted at least: question or kind \+ id \+ body\.",
        ),
        (b"vraag;question\nx;y", "These columns mean the same, question: vraag, question"),
        (b"PK\x03\x04\0\0", "no CSV"),
        (b"sep=", "Found: nothing"),
    ],
)
def test_a_wrong_header_is_a_sentence(tmp_path, move_sheet, content, sentence):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=sentence):
        move_sheet(path)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"question": "Waar"}, r"There is no column Waar\. Found: question"),
        ({"colour": "question"}, "Kring reads no column colour"),
    ],
)
def test_a_column_named_by_hand_must_be_there(sheet, move_sheet, columns, sentence):
    with pytest.raises(Unreadable, match=sentence):
        move_sheet(sheet("question", ("How?",)), columns=columns)


def test_too_many_rows_stop_it_before_anything_is_written(sheet, move_sheet, circle, monkeypatch):
    monkeypatch.setattr("questions.archive.sheet.MOST_ROWS", 2)
    with pytest.raises(Unreadable, match="more than 2 rows"):
        move_sheet(sheet("question", ("One?",), ("Two?",), ("Three?",)))
    assert not questions(circle).exists()


@pytest.mark.parametrize("endless", ["," * 30, ',"\n",' * 10])
def test_an_endless_row_is_not_read_to_its_end(tmp_path, move_sheet, monkeypatch, endless):
    monkeypatch.setattr("questions.archive.sheet.LONGEST_ROW", 20)
    path = tmp_path / "list.csv"
    path.write_text(f"question,answer\nOne?,Yes\n{endless}\n")
    with pytest.raises(Unreadable, match="Row 3 of this list is longer than"):
        move_sheet(path)


def test_too_many_bytes_are_refused(sheet, move_sheet, monkeypatch):
    monkeypatch.setattr("questions.archive.sheet.MOST_BYTES", 10)
    with pytest.raises(Unreadable, match="Cut it in parts"):
        move_sheet(sheet("question", ("How do you do this?",)))


def test_nothing_else_was_written(sheet, move_sheet, elsewhere):
    before = everything(elsewhere)
    move_sheet(sheet(HEAD, PINS))
    assert everything(elsewhere) == before
    assert not Answer.objects.filter(circle=elsewhere, imported_author__isnull=False).exists()
    assert not Comment.objects.filter(circle=elsewhere).exists()
