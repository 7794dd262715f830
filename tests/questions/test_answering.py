import pytest

from kring.lib.ids import public_id
from kring.lib.refused import Refused
from questions import answering
from questions.models import Answer, Event, Revision
from tests import make


@pytest.fixture
def question(circle, anna):
    return make.question(circle, by=anna)


def test_an_answer_counts_on_its_question(question, bram, acting):
    with acting(bram):
        answering.answer(question, by=bram, public_id=public_id(), body="Splint.")
    question.refresh_from_db()
    assert question.answer_count == 1


def test_an_answer_moves_its_question_to_now(question, bram, acting):
    with acting(bram):
        answer = answering.answer(question, by=bram, public_id=public_id(), body="Splint.")
    question.refresh_from_db()
    assert question.last_activity_at == answer.created_at


def test_a_second_tap_answers_nothing_twice(question, bram, acting):
    number = public_id()
    with acting(bram):
        for _ in range(2):
            answering.answer(question, by=bram, public_id=number, body="Splint.")
    assert Answer.objects.filter(question=question).count() == 1
    assert Event.objects.filter(question=question).count() == 1


def test_a_withdrawn_question_takes_no_answers(question, bram, acting):
    question.state = "withdrawn"
    with acting(bram), pytest.raises(Refused):
        answering.answer(question, by=bram, public_id=public_id(), body="Splint.")


def test_an_edited_answer_keeps_how_it_read_before(question, bram, acting):
    answer = make.answer(question, by=bram, body="Splint.")
    with acting(bram):
        answering.edit(answer, by=bram, body="Screw.", seen=answering.version(answer))
    answer.refresh_from_db()
    assert (answer.body, Revision.objects.get().body) == ("Screw.", "Splint.")


def test_a_remark_stands_under_its_answer(question, anna, bram, acting):
    answer = make.answer(question, by=bram)
    with acting(anna):
        remark = answering.comment(question, by=anna, body="How long?", under=answer)
    assert remark.answer == answer
    assert Event.objects.get(kind="remarked").answer == answer  # the digest tells whose it is


def test_in_grace_one_reads_but_writes_nothing(question, circle, bram, acting):
    from django.db import ProgrammingError

    circle.memberships.filter(member_id=bram.pk).update(state="grace")
    with acting(bram), pytest.raises(ProgrammingError, match="row-level security"):
        answering.answer(question, by=bram, public_id=public_id(), body="Splint.")
