from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from kring.lib.refused import Refused
from members import due
from members.models import Due
from questions import closing
from questions.models import Question
from tests import make


@pytest.fixture
def question(circle, anna, bram):
    asked = make.question(circle, by=anna, outcome_weeks=2)
    make.answer(asked, by=bram)
    return asked


@pytest.fixture
def answer(question):
    return question.answers.get()


def test_the_asker_chooses_and_promises_an_outcome(question, answer, anna, acting):
    with acting(anna):
        closing.accept(question, answer, by=anna)
    question.refresh_from_db()
    assert question.state == "answered"
    assert question.accepted_answer_id == answer.pk
    assert (question.outcome_due_at - timezone.now()).days == 13


def test_nobody_else_can_choose_not_even_in_the_database(question, answer, bram, acting):
    with acting(bram), pytest.raises(LookupError):
        closing.accept(question, answer, by=bram)


def test_only_an_answer_to_this_question_can_be_chosen(question, circle, anna, bram):
    other = make.answer(make.question(circle, by=anna), by=bram)
    Question.objects.filter(pk=question.pk).update(accepted_answer_id=other.pk)
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def test_when_the_moment_comes_the_outcome_is_due(question, answer, anna, acting, house):
    with acting(anna):
        closing.accept(question, answer, by=anna)
    past = timezone.now() - timedelta(minutes=1)
    Due.objects.exclude(kind="outcome").delete()
    Due.objects.update(due_at=past)
    Question.objects.filter(pk=question.pk).update(outcome_due_at=past)
    with house():
        assert [due.run_due(), due.run_due()] == [1, 0]
    question.refresh_from_db()
    assert question.state == "outcome_due"


def test_a_reported_outcome_closes_the_question(question, answer, anna, acting):
    with acting(anna):
        closing.accept(question, answer, by=anna)
        closing.report_outcome(question, by=anna, helped="yes", body="He plays **again**.")
    question.refresh_from_db()
    assert question.state == "closed"
    assert question.outcomes.get().html == "<p>He plays <strong>again</strong>.</p>\n"


def test_after_the_outcome_the_choice_stands(question, answer, anna, acting):
    with acting(anna):
        closing.report_outcome(question, by=anna, helped="yes", body="")
        with pytest.raises(Refused):
            closing.accept(question, answer, by=anna)


def test_an_old_page_moves_nothing(question, answer, anna, acting):
    seen_before = Question.objects.get(pk=question.pk)
    with acting(anna):
        closing.accept(question, answer, by=anna)
        closing.report_outcome(question, by=anna, helped="no", body="")
        with pytest.raises(Refused):
            closing.accept(seen_before, answer, by=anna)


def test_a_timer_of_somebody_who_left_moves_nothing(question, answer, anna, acting, house):
    """It is done as the asker, whose own words stay theirs; but never as anybody else."""
    with acting(anna):
        closing.accept(question, answer, by=anna)
    Due.objects.update(due_at=timezone.now() - timedelta(days=1), member=None)
    with house():
        due.run_due()
    question.refresh_from_db()
    assert question.state == "answered"
