"""One question to the applicant: the clock stands still, the answer is given in place."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from circles import inquiries
from circles.models import Application, Inquiry
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members.models import Due, Letter
from tests import make

QUESTION = "Which part of your week goes to hands?"


@pytest.fixture
def application(circle):
    return make.application(circle, name="Theo Veldkamp", language="en")


@pytest.fixture
def asks(acting):
    def ask(application, by, question=QUESTION):
        with acting(by):
            seen = Application.objects.get(pk=application.pk)
            inquiries.ask(seen, by=by, question=question)

    return ask


@pytest.fixture
def answers(acting):
    def answer(application, text="Three days of five."):
        seen = Application.objects.get(pk=application.pk)
        with acting(None):
            inquiries.answer(seen, text=text)

    return answer


def now_of(application) -> Application:
    return Application.objects.get(pk=application.pk)


def passed(application, days) -> None:
    """Let days go by for an application, in whatever state it is."""
    gone = timedelta(days=days)
    row = now_of(application)
    for name in ("moved_at", "review_since", "decide_before"):
        setattr(row, name, getattr(row, name) - gone)
    row.save()


def test_v7_the_clock_stands_still_while_the_applicant_is_asked(application, asks, answers, vera):
    promised = application.decide_before
    asks(application, vera)
    passed(application, 5)
    answers(application)
    found = now_of(application)
    assert found.state == "review"
    assert abs(found.decide_before - promised) < timedelta(
        minutes=1
    )  # five gone, five stood still
    assert abs(found.stood_still - timedelta(days=5)) < timedelta(minutes=1)
    assert not found.is_late


def test_v7_the_timer_of_the_first_promise_says_nothing_meanwhile(
    application, asks, answers, vera, falls_due, letters_of
):
    asks(application, vera)
    passed(application, 13)
    answers(application)
    promised = now_of(application).decide_before
    late = Due.objects.filter(kind="application_late", subject_id=application.pk)
    assert late.get().due_at == promised
    falls_due("application_late")
    assert now_of(application).decide_before == promised


def test_a_question_goes_out_and_its_answer_comes_back(application, asks, answers, vera, mail_of):
    asks(application, vera)
    mail = mail_of(application, "application_question")
    assert QUESTION in mail.text
    assert "Vera" not in mail.text + mail.html
    answers(application)
    inquiry = Inquiry.objects.get()
    assert (inquiry.by_id, inquiry.answer) == (vera.pk, "Three days of five.")


def test_the_mail_of_a_hidden_circle_does_not_say_the_question(anna, asks, mail_of):
    hidden = make.circle("Whistle", sensitivity="sensitive", listed=False, admin=anna)
    application = make.application(hidden)
    asks(application, anna)
    mail = mail_of(application, "application_question")
    assert QUESTION not in mail.text + mail.html


def test_a_second_question_gets_a_letter_of_its_own(application, asks, answers, vera):
    asks(application, vera)
    answers(application)
    asks(application, vera, "And in which hospital is that?")
    letters = Letter.objects.filter(kind="application_question", subject_id=application.pk)
    assert letters.count() == 2


def test_nobody_asks_while_a_question_is_open(application, asks, anna, vera):
    asks(application, vera)
    with pytest.raises(Refused, match="a question to the applicant"):
        asks(application, anna)
    assert Inquiry.objects.count() == 1


def test_five_questions_are_enough(application, asks, answers, anna, vera):
    for _ in range(Inquiry.MOST):
        asks(application, vera)
        answers(application)
    with pytest.raises(Refused) as refused:
        asks(application, anna)
    assert refused.value.field == "question"


def test_without_an_answer_there_is_one_reminder_and_then_the_end(
    application, asks, vera, falls_due, letters_of, mail_of
):
    asks(application, vera)
    falls_due("application_question_reminder")
    falls_due("application_question_expiry")
    assert now_of(application).state == "expired"
    assert letters_of(application)[-2:] == ["application_question_reminder", "application_ended"]
    assert "had no answer in 14 days" in mail_of(application, "application_ended").text


def test_a_timer_of_a_first_question_leaves_the_second_alone(
    application, asks, answers, vera, falls_due
):
    asks(application, vera)
    answers(application)
    first = Due.objects.filter(kind="application_question_expiry").get()
    asks(application, vera)
    Due.objects.exclude(pk=first.pk).filter(kind=first.kind).delete()
    falls_due("application_question_expiry")
    assert now_of(application).state == "info_requested"


def test_after_90_days_without_a_decision_it_ends_with_the_reason(
    sent, circle, falls_due, mail_of
):
    application = sent(circle)
    falls_due("application_over")
    assert now_of(application).state == "expired"
    assert "did not decide in 90 days" in mail_of(application, "application_ended").text


def test_whoever_may_not_vote_asks_nothing(circle, application, anna, vera, votes, asks, acting):
    votes(application, vera, "recuse")
    with pytest.raises(Refused, match="Only whoever may vote"):
        asks(application, vera)
    row = {"circle": circle, "application": application, "question": QUESTION}
    with acting(vera), pytest.raises(ProgrammingError, match="row-level"), transaction.atomic():
        Inquiry.objects.create(**row, by_id=vera.pk)
    with acting(anna), pytest.raises(ProgrammingError, match="row-level"), transaction.atomic():
        Inquiry.objects.create(**row, by_id=vera.pk)  # in somebody else's name


def test_an_answer_is_given_once_and_by_the_applicant(application, asks, answers, vera, acting):
    asks(application, vera)
    rows = Inquiry.objects.filter(application=application)
    with acting(vera):
        assert rows.update(answer="Mine.", answered_at=timezone.now()) == 0
    answers(application)
    with (
        pytest.raises(DatabaseError, match="answered once"),
        acting(None),
        acting_with(application.link_id),
    ):
        rows.update(answer="Better.", answered_at=timezone.now())


@pytest.mark.parametrize("name", ["bram", "carla", "eva", "dirk"])
def test_nobody_else_reads_it(name, request, application, asks, vera, acting):
    asks(application, vera)
    with acting(request.getfixturevalue(name)):
        assert not Inquiry.objects.exists()


def test_erasing_leaves_no_word_of_it(application, asks, answers, vera, acting, falls_due):
    asks(application, vera)
    answers(application)
    Application.objects.filter(pk=application.pk).update(state="expired")
    Due.objects.create(kind="application_erase", subject_id=application.pk, due_at=timezone.now())
    falls_due("application_erase")
    assert Inquiry.objects.values_list("question", "answer").get() == ("", "")


# --- pages --------------------------------------------------------------------------------
@pytest.fixture
def at_the_desk(as_, circle, application):
    def post(member, **typed):
        address = reverse("vetting_ask", args=[circle.public_id, application.public_id])
        return as_(member).post(address, typed, follow=True).content.decode()

    return post


def test_a_vetter_asks_from_the_desk(at_the_desk, vera, application):
    text = at_the_desk(vera, question=QUESTION)
    assert "Your question is on its way. The clock stands still." in text
    assert QUESTION in text
    assert "No answer yet." in text


def test_too_short_a_question_is_kept_and_refused(at_the_desk, vera, application):
    text = at_the_desk(vera, question="Why?")
    assert "A little more: at least 10 characters." in text
    assert "Why?</textarea>" in text.replace("\n", "")


def test_the_applicant_answers_in_place(client, application, asks, vera, link_in):
    asks(application, vera)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    text = client.get(link_in(application, "application_question"), follow=True).content.decode()
    assert "It is your turn" in text
    assert QUESTION in text
    assert "A decision within 12 days after your answer." in text
    empty = client.post(reverse("application_reply"), {"answer": " "}).content.decode()
    assert "Write your answer." in empty
    done = client.post(reverse("application_reply"), {"answer": "Three days."}, follow=True)
    assert "The clock goes on." in done.content.decode()
    twice = client.post(reverse("application_reply"), {"answer": "Four."}, follow=True)
    assert "Already done" in twice.content.decode()
    assert Inquiry.objects.get().answer == "Three days."
