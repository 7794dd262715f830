"""What was moved in once comes no second time, also when the first was killed."""

import pytest

from questions.models import Question
from tests.questions.archive_rows import (
    Killed,
    answer,
    everything,
    question,
)


def test_twice_adds_nothing(move, circle, real):
    move(real)
    before = everything(circle)
    again = move(real)
    assert everything(circle) == before
    assert (again.moved.total(), again.there["comment"]) == (0, 1165)


@pytest.mark.parametrize("bundles", [2, 5, 9])
def test_a_killed_import_goes_on_where_it_was(move, circle, monkeypatch, bundles, real):
    monkeypatch.setattr("questions.archive.move.BUNDLE", 200)
    with pytest.raises(KeyboardInterrupt):
        move(real, watch=Killed(after=bundles))
    counts = move(real)
    assert everything(circle)[:5] == [421, 749, 1165, 0, 387]
    assert counts.there.total() > 0
    answered = Question.objects.filter(circle=circle, state="answered")
    assert answered.count() == 212


def test_a_second_import_leaves_alone_what_an_admin_withdrew(dump, move, circle):
    folder = dump([question(1, AcceptedAnswerId=2), answer(2, to=1)])
    move(folder)
    Question.objects.filter(circle=circle).update(
        state="withdrawn", html="", accepted_answer_id=None
    )
    move(folder)
    asked = Question.objects.get(circle=circle)
    assert (asked.state, asked.html) == ("withdrawn", "")


def test_two_archives_in_one_circle_do_not_mix(dump, move, circle):
    move(dump([question(1)]))
    move(dump([question(1, title="Another?"), answer(2, to=1)]), site="math.stackexchange.com")
    counts = Question.objects.filter(circle=circle).order_by("id").values_list("answer_count")
    assert list(counts) == [(0,), (1,)]
