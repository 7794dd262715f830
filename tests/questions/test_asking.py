import pytest
from django.db import ProgrammingError

from kring.lib.ids import public_id
from kring.lib.refused import Refused
from members.models import AuditEntry
from questions import asking
from questions.models import Event, Question, Revision
from tests import make


def ask(circle, by, **facts):
    facts = {"public_id": public_id(), "title": "Splint or screw?", "body": "He *plays*.", **facts}
    return asking.ask(circle, by=by, **facts)


def test_a_question_stands_with_its_cleaned_html(circle, bram, acting):
    with acting(bram):
        question = ask(circle, bram, body="He *plays*. <script>alert(1)</script>")
    assert question.html == "<p>He <em>plays</em>. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


def test_asking_is_an_event_and_an_audit_line(circle, bram, acting):
    with acting(bram):
        question = ask(circle, bram)
    assert Event.objects.get(question=question).kind == Event.Kind.ASKED
    assert AuditEntry.objects.get(act="question.asked").subject_id == question.pk


def test_a_second_tap_asks_nothing_twice(circle, bram, acting):
    number = public_id()
    with acting(bram):
        first, second = (ask(circle, bram, public_id=number) for _ in range(2))
    assert first == second
    assert Question.objects.filter(circle=circle).count() == 1


def test_the_number_of_somebody_else_s_question_is_replaced(circle, anna, bram, acting):
    taken = make.question(circle, by=anna)
    with acting(bram):
        question = ask(circle, bram, public_id=taken.public_id)
    assert question.author_id == bram.pk
    assert question.public_id != taken.public_id


def test_another_text_under_the_same_number_is_not_lost(circle, bram, acting):
    number = public_id()
    with acting(bram):
        ask(circle, bram, public_id=number, body="First.")
        ask(circle, bram, public_id=number, body="Second, after going back.")
    bodies = set(Question.objects.filter(circle=circle).values_list("body", flat=True))
    assert bodies == {"First.", "Second, after going back."}


def test_an_unbearable_table_is_refused(circle, bram, acting):
    with acting(bram), pytest.raises(Refused) as refused:
        ask(circle, bram, body="|" * 20_000)
    assert refused.value.field == "body"
    assert not Question.objects.filter(circle=circle).exists()


def test_nobody_asks_where_they_do_not_belong(elsewhere, bram, acting):
    with acting(bram), pytest.raises(ProgrammingError, match="row-level security"):
        ask(elsewhere, bram)


def test_an_edit_keeps_how_it_read_before(circle, bram, acting):
    question = make.question(circle, by=bram, title="Old?", body="Old.")
    with acting(bram):
        asking.edit(
            question,
            by=bram,
            title="New?",
            body="New.",
            mail_line="",
            parameters=[],
            needed_by=None,
            seen=asking.version(question),
        )
    question.refresh_from_db()
    assert (question.title, Revision.objects.get(question=question).title) == ("New?", "Old?")


def test_an_edit_of_an_older_version_is_refused_and_keeps_nothing(circle, bram, acting):
    question = make.question(circle, by=bram)
    with acting(bram), pytest.raises(Refused):
        asking.edit(
            question,
            by=bram,
            title="New?",
            body="New.",
            mail_line="",
            parameters=[],
            needed_by=None,
            seen="an earlier moment",
        )
    assert not Revision.objects.exists()


def test_tags_of_two_circles_stay_apart(circle, elsewhere, bram, carla, acting):
    with acting(carla):
        ask(elsewhere, carla, tags=["wrist"])
    with acting(bram):
        question = ask(circle, bram, tags=["wrist", "Wrist ", "tendon"])
    names = set(question.taggings.values_list("tag__circle_id", "tag__name"))
    assert names == {(circle.pk, "wrist"), (circle.pk, "tendon")}


@pytest.mark.parametrize("column", ["circle", "author"])
def test_a_question_never_changes_its_circle_or_its_writer(
    circle, elsewhere, anna, bram, acting, column
):
    question = make.question(circle, by=bram)
    other = {"circle": elsewhere.pk, "author": anna.pk}[column]
    with pytest.raises(ProgrammingError, match="permission denied"), acting(bram):
        Question.objects.filter(pk=question.pk).update(**{f"{column}_id": other})
