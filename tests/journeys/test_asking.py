"""From a question to its outcome, in the browsers of two colleagues; and by keyboard only."""

import pytest
from playwright.sync_api import expect

from circles.models import Circle
from questions.models import Question
from tests import make
from tests.journeys.visitor import desk_with_script, phone_with_script

QUESTION = "Splint or pins for this fracture?"
CASE = "A pianist of 40; the fracture is two weeks old."


@pytest.fixture
def asks_for_hand(circle):
    make.parameter(circle, "Which hand", required=True)
    return circle


@phone_with_script
def test_a_question_is_asked_answered_and_its_outcome_told(
    asks_for_hand, visit, window, bram, vera, with_password
):
    asker = visit()
    sign_in(asker, bram.email, with_password(bram))
    asker.follow("Hand surgeons")
    asker.follow("Ask a question")
    asker.write("Your question in one sentence", QUESTION)
    asker.write("What is going on, and what did you try?", CASE)
    asker.press("Put the question")

    asker.sees_heading("One thing is not right yet")
    forgotten = asker.field("Which hand")
    expect(forgotten).to_have_accessible_description(
        "This circle needs this to be able to answer."
    )
    expect(asker.field("What is going on, and what did you try?")).to_have_value(CASE)
    if window.script:
        expect(asker.page.get_by_role("alert")).to_be_focused()

    asker.write("Which hand", "the right one")
    asker.press("Put the question")
    asker.sees("Your question stands. The circle sees it now.")
    asker.sees("the right one")
    asker.follow("For you")  # or the page would call the answer read that comes while it stands

    colleague = visit(vera)
    colleague.open("/")
    colleague.follow("Answer")
    colleague.write("Your answer", "Pins. A splint **loses** the length.")
    colleague.press("Post the answer")
    expect(colleague.page.locator("article strong")).to_have_text("loses")

    asker.follow("For you")
    asker.follow("Read and choose")
    asker.press("This answer helped")
    asker.sees("Chosen by the asker")
    asker.choose("Yes")
    asker.write("How did it turn out?", "She plays again.")
    asker.press("Report the outcome")
    asker.sees("Reported. Thank you: this is what the others learn from.")
    asker.sees("She plays again.")
    assert Question.objects.get(title=QUESTION).state == "closed"


@desk_with_script
def test_the_keyboard_alone_is_enough_to_ask(asks_for_hand, visit, bram, with_password):
    Circle.objects.filter(pk=asks_for_hand.pk).update(sensitivity="sensitive")
    someone = visit()
    someone.open("/account/login/")
    someone.tab_to("Email address")
    someone.type(bram.email)
    someone.tab_to("Password")
    someone.type(with_password(bram))
    someone.tab_to("Sign in")
    someone.enter()
    someone.tab_to("Hand surgeons")
    someone.enter()
    someone.tab_to("Ask a question")
    someone.enter()
    someone.tab_to("Your question in one sentence")
    someone.type(QUESTION)
    someone.tab_to("Which hand")
    someone.type("the right one")
    someone.tab_to("What is going on, and what did you try?")
    someone.type(CASE)
    someone.tab_to("Nothing in this text can be traced to a person")
    someone.page.keyboard.press("Space")
    someone.tab_to("Put the question")
    someone.enter()
    someone.sees("Your question stands. The circle sees it now.")
    someone.sees_heading(QUESTION)


def sign_in(visitor, email, password):
    visitor.open("/account/login/")
    visitor.write("Email address", email)
    visitor.write("Password", password)
    visitor.press("Sign in")
