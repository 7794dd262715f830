"""The questions of a circle's own at its door."""

import pytest
from django.db import DatabaseError
from django.urls import reverse

from circles import door_questions
from circles.forms import ApplicationForm
from circles.models import DoorAnswer, DoorQuestion
from members import links
from tests import make
from tests.conftest import RestrictedClient


@pytest.fixture
def holder():
    """`holder(application)` is a browser that came in by the mailed link."""

    def come_in(application):
        client = RestrictedClient(headers={"accept-language": "en"})
        client.get(reverse("application_open", args=[links.token_of(application.link)]))
        return client

    return come_in


@pytest.fixture
def draft(circle):
    return make.application(circle, state="draft", language="en")


def typed(**more):
    return {"name": "Dirk", "profession": "surgeon", "pledge": "on", **more}


def rows(**first):
    blank = {"label": "", "kind": "text", "choices": "", "help": ""}
    forms = [{**blank, **first}, *[blank] * 4]
    return {f"q{n}-{name}": value for n, row in enumerate(forms, 1) for name, value in row.items()}


def test_an_admin_sets_what_the_form_asks(circle, anna, as_, holder, draft):
    address = reverse("circle_questions", args=[circle.public_id])
    as_(anna).post(address, rows(label="Which hands?", required="on"))
    page = holder(draft).get(reverse("application_page")).content.decode()
    assert "Which hands?" in page
    assert 'name="brings"' not in page


def test_a_choice_without_enough_to_choose_from_is_said_beside_it(circle, anna, as_):
    address = reverse("circle_questions", args=[circle.public_id])
    page = as_(anna).post(address, rows(label="Which?", kind="choice", choices="left"))
    assert "Give two to twelve" in page.content.decode()
    assert not DoorQuestion.objects.exists()


def test_an_answer_keeps_the_words_it_was_given_to(circle, anna, acting, draft, holder):
    make.door_question(circle, label="Which hands?")
    holder(draft).post(reverse("application_page"), typed(question1="Both."))
    with acting(anna):
        wanted = {
            "label": "How many?",
            "kind": "text",
            "help": "",
            "choices": [],
            "required": True,
        }
        assert door_questions.ask(circle, by=anna, questions=[wanted])
    answer = DoorAnswer.objects.get()
    assert (answer.asked, answer.value, answer.version) == ("Which hands?", "Both.", 1)
    assert DoorQuestion.objects.get().version == 2


def test_saving_the_same_again_changes_nothing(circle, anna, acting, unchanged):
    question = make.door_question(circle)
    same = {
        name: getattr(question, name) for name in ("label", "kind", "help", "choices", "required")
    }
    with acting(anna), unchanged():
        assert not door_questions.ask(circle, by=anna, questions=[same])


def test_what_is_missing_is_said_and_nothing_is_lost(circle, draft, holder):
    make.door_question(circle, label="Which hands?")
    make.door_question(circle, position=2, label="Left?", kind="yes_no")
    page = (
        holder(draft).post(reverse("application_page"), typed(question1="Both.")).content.decode()
    )
    assert "This question needs an answer." in page
    assert "Both.</textarea>" in page
    draft.refresh_from_db()
    assert (draft.state, draft.name) == ("draft", "Dirk")


def test_nobody_sends_an_answer_that_was_not_offered(circle, draft, holder):
    make.door_question(circle, kind="choice", choices=["left", "right"])
    holder(draft).post(reverse("application_page"), typed(question1="both"))
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_draft_goes_on_in_another_browser(circle, draft, holder):
    make.door_question(circle)
    holder(draft).post(reverse("application_page"), typed(question1="Both.", later="1"))
    page = holder(draft).get(reverse("application_page")).content.decode()
    assert "Both.</textarea>" in page


def test_vetters_read_the_answer_under_its_question(circle, vera, as_):
    application = make.application(circle)
    make.door_answer(application, value="Both of them.")
    address = reverse("vetting_page", args=[circle.public_id, application.public_id])
    page = as_(vera).get(address).content.decode()
    assert "Which hands?" in page
    assert "Both of them." in page


def test_a_typical_form_has_twelve_fields_at_most():
    """Two referees with three fields each, two questions of the circle's own."""
    questions = [DoorQuestion(position=n, label="?", kind="text") for n in (1, 2)]
    for question in questions:
        question.value = ""
    asked = ApplicationForm(questions=questions, papers=False).fields
    assert len(asked) + 2 * 3 <= 12


def test_a_stranger_writes_no_answer_into_another_s_draft(circle, draft, acting):
    other = make.application(circle, state="draft")
    question = make.door_question(circle)
    other.link_id = draft.link_id
    with pytest.raises(DatabaseError, match="row-level security"), acting(None):
        door_questions.keep(other, [question], {1: "Mine."})
