"""How a post read before it was edited comes along with a dump."""

from questions.models import ImportedAuthor, Question, Revision
from tests.questions.archive_rows import Listener, answer, comment, question, version

DAYS = [f"2016-08-0{n}T10:00:00.000" for n in range(1, 6)]
HISTORY = [
    version(10, 1, 2, "First words.", DAYS[0], UserId=7),
    version(11, 1, 1, "How then?", DAYS[0], UserId=7),
    version(12, 1, 3, "<a>", DAYS[0], UserId=7),
    version(13, 2, 2, "So.", DAYS[1], UserId=8),
    version(14, 1, 6, "<a><b>", DAYS[1], UserId=8),
    version(15, 1, 5, "Better **words**.", DAYS[2], UserId=8),
    version(16, 1, 4, "How?", DAYS[3], UserId=7),
]


def revisions(circle):
    return Revision.objects.filter(circle=circle).order_by("written_at", "id")


def test_every_version_that_was_replaced_is_kept(dump, move, circle):
    move(
        dump(
            [question(1), answer(2, to=1)],
            users=[{"Id": 8, "DisplayName": "Ben"}],
            history=HISTORY,
        )
    )
    first, second = revisions(circle)
    asked = Question.objects.get(circle=circle)
    assert (first.title, first.body, first.question) == ("How then?", "First words.", asked)
    assert (second.title, second.html) == ("How then?", "<p>Better <strong>words</strong>.</p>\n")
    moments = [first.written_at, first.replaced_at, second.replaced_at]
    assert [moment.day for moment in moments] == [1, 3, 4]
    assert [row.imported_author.name for row in (first, second)] == ["user 7", "Ben"]


def test_versions_of_an_answer_stand_under_it(dump, move, circle):
    rows = [
        version(1, 2, 2, "So.", DAYS[0], UserId=8),
        version(2, 2, 5, "Or so.", DAYS[1], UserId=8),
    ]
    move(dump([question(1), answer(2, to=1)], history=rows))
    kept = revisions(circle).get()
    assert (kept.answer.source_key, kept.question.source_key) == ("ai:a:2", "ai:q:1")


def test_twice_adds_no_version(dump, move, circle):
    folder = dump([question(1)], history=HISTORY)
    first, again = move(folder), move(folder)
    assert (first.moved["earlier version"], again.moved["earlier version"]) == (2, 0)
    assert revisions(circle).count() == 2


def test_versions_of_what_is_not_there_are_no_mistake(dump, move, circle):
    listener = Listener()
    rows = [version(1, 99, 2, "A wiki.", DAYS[0]), version(2, 99, 5, "A better one.", DAYS[1])]
    counts = move(dump([question(1)], [comment(3, on=1)], history=rows), watch=listener)
    assert (counts.archive["earlier version"], counts.bad["earlier version"]) == (0, 0)
    assert not listener.said


def test_numbered_links_are_written_out(dump, move, circle):
    text = "See [this][1] and [that][2].\n\n  [1]: https://a.example/x\n"
    rows = [version(1, 1, 2, text, DAYS[0]), version(2, 1, 5, "New.", DAYS[1])]
    move(dump([question(1)], history=rows))
    assert revisions(circle).get().body == "See [this](https://a.example/x) and [that][2]."


def test_a_version_too_long_to_show_is_told(dump, move, circle):
    listener = Listener()
    rows = [version(1, 1, 2, "x" * 30_001, DAYS[0]), version(2, 1, 5, "New.", DAYS[1])]
    move(dump([question(1)], history=rows), watch=listener)
    assert listener.said[0][:2] == ("PostHistory.xml", 2)
    assert not revisions(circle).exists()


def test_members_read_how_it_was(dump, move, circle, as_, bram):
    edited = question(1, LastEditDate=DAYS[3])
    move(dump([edited], users=[{"Id": 7, "DisplayName": "Ada"}], history=HISTORY))
    asked = Question.objects.get(circle=circle)
    page = as_(bram).get(f"/c/{circle.public_id}/q/{asked.public_id}/history/").content.decode()
    assert "First words." in page
    assert "Ada" in page


def test_who_edited_has_a_name_and_nothing_more(dump, move, circle):
    users = [{"Id": 7, "DisplayName": "Ada"}, {"Id": 9, "DisplayName": "Reader"}]
    move(dump([question(1, OwnerUserId=3)], users=users, history=HISTORY))
    names = set(ImportedAuthor.objects.filter(circle=circle).values_list("name", flat=True))
    assert names == {"user 3", "Ada", "user 8"}
