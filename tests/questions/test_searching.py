import pytest
from django.db import connection

from questions import searching
from tests import make


def titles(words, *circles):
    return [question.title for question in searching.find(words, list(circles))]


def test_a_word_of_an_answer_finds_its_question(circle, anna, bram, acting):
    question = make.question(circle, by=anna, title="Wrist?")
    make.answer(question, by=bram, body="I would immobilise.")
    with acting(bram):
        assert titles("immobilised", circle) == ["Wrist?"]


def test_words_are_stemmed_in_the_language_of_the_circle(circle, elsewhere, anna, bram, acting):
    dutch = make.circle("Handchirurgen", admin=anna, members=[bram], language="nl")
    make.question(dutch, by=anna, title="Antwoorden over de pols?")
    with acting(bram):
        assert titles("antwoord", dutch, circle) == ["Antwoorden over de pols?"]


def test_parameters_are_found(circle, anna, acting):
    shown = [{"id": 1, "name": "Side", "unit": "", "value": "left", "shown": "Left, dominant"}]
    make.question(circle, by=anna, title="Wrist?", parameters=shown)
    with acting(anna):
        assert titles("dominant", circle) == ["Wrist?"]


def test_markup_is_no_word(circle, anna, acting):
    make.question(circle, by=anna, title="Wrist?", body="<blockquote>thumb</blockquote>")
    with acting(anna):
        assert titles("blockquote", circle) == []


def test_even_named_circles_of_others_give_nothing(circle, elsewhere, bram, acting):
    with acting(bram):
        assert titles("keepers", elsewhere, circle) == []


def test_a_withdrawn_question_is_not_found(circle, anna, acting):
    make.question(circle, by=anna, title="Wrist?", state="withdrawn")
    with acting(anna):
        assert titles("wrist", circle) == []


@pytest.mark.parametrize("words", ["", "   ", "-", '"', "a & | !", "'", "é" * 500])
def test_any_words_are_no_error(circle, anna, acting, words):
    with acting(anna):
        titles(words, circle)


def test_the_index_is_looked_into_in_one_s_own_circles_only(
    circle, elsewhere, bram, carla, acting
):
    mine = make.question(circle, by=bram, title="Scaphoid?")
    theirs = make.question(elsewhere, by=carla, title="Scaphoid elsewhere?")

    def asked_for_both() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select kring_find(%s, 'english', 'scaphoid')", [[circle.pk, elsewhere.pk]]
            )
            return [pk for (pk,) in cursor.fetchall()]

    with acting(bram):
        assert asked_for_both() == [mine.pk]
    with acting(carla):
        assert asked_for_both() == [theirs.pk]
    assert asked_for_both() == []  # nobody acts
