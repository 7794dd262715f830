import re

import pytest
from django.utils import timezone

from circles import letters, moves
from circles.models import Application, Membership
from kring.lib.acting import acting_as
from members import delivery
from members.letters import KINDS, Skip
from members.models import Due, Letter
from tests import make

STATE_OF = {
    "application_address": "review",
    "application_received": "review",
    "application_waitlisted": "waitlisted",
    "application_offered": "offered",
    "application_offer_reminder": "offered",
    "application_expired": "expired",
    "application_declined": "declined",
    "application_delayed": "review",
    "application_question": "info_requested",
    "application_question_reminder": "info_requested",
    "application_ended": "expired",
    "application_appealed": "appealed",
    "application_declined_final": "declined_final",
}
SEQ_OF = {"draft": 0, "email_pending": 1}
REFUSAL = {"decline_code": "other", "decline_text": "You operate on feet, we on hands."}


@pytest.fixture
def written(mail_of):
    """`written(kind, circle)` is the mail of that kind to an applicant of that circle."""

    def compose(kind, circle, **facts):
        facts = {"language": "en", **REFUSAL, **facts}
        application = make.application(circle, state=STATE_OF[kind], **facts)
        moves.write(application, kind, seq=99)
        return mail_of(application, kind)

    return compose


@pytest.mark.parametrize("kind", STATE_OF)
def test_every_letter_has_a_subject_a_text_and_a_link(kind, written, circle):
    mail = written(kind, circle)
    assert mail.subject.startswith("Kring: ")
    assert re.search(r"https?://\S+/application/open/[\w-]{35}/", mail.text)
    assert "/application/open/" in mail.html
    assert circle.name in mail.text
    assert "{{" not in mail.text + mail.html


@pytest.mark.parametrize("kind", STATE_OF)
def test_a_sensitive_circle_that_is_not_listed_goes_by_its_alias(kind, written, anna):
    hidden = make.circle("Whistle-blowers", sensitivity="sensitive", listed=False, admin=anna)
    mail = written(kind, hidden)
    everything = mail.subject + mail.text + mail.html
    assert "Whistle-blowers" not in everything
    assert hidden.mail_alias in everything
    assert REFUSAL["decline_text"] not in everything


def test_a_listed_sensitive_circle_says_its_name(written, anna):
    seen = make.circle("Surgeons", sensitivity="sensitive", listed=True, admin=anna)
    assert "Surgeons" in written("application_received", seen).text


def test_a_refusal_says_its_reason(written, circle):
    assert REFUSAL["decline_text"] in written("application_declined", circle).text


@pytest.mark.parametrize("kind", [kind for kind in STATE_OF if kind != "application_address"])
def test_a_letter_is_not_sent_when_the_application_moved_on(kind, mail_of, circle):
    application = make.application(circle, state="withdrawn")
    moves.write(application, kind)
    with pytest.raises(Skip, match="moved on"):
        mail_of(application, kind)


def test_nothing_is_mailed_about_an_erased_application(mail_of, circle):
    application = make.application(circle)
    moves.write(application, "application_received")
    Application.objects.filter(pk=application.pk).update(email="")
    with pytest.raises(Skip, match="erased"):
        mail_of(application, "application_received")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "go on with"),
        ("email_pending", "is this your address"),
        ("review", "the link to"),
    ],
)
def test_the_letter_with_the_link_says_what_it_is_for(state, words, mail_of, circle):
    application = make.application(circle, state=state, language="en")
    moves.write(application, "application_address", seq=SEQ_OF.get(state, 99))
    assert words in mail_of(application, "application_address").subject


def test_the_alias_is_for_sensitive_unlisted_circles_only(circle):
    assert letters.name_in_mail(circle) == circle.name


def test_the_worker_brings_every_letter_to_its_address(sent, circle, house, mailoutbox):
    sent(circle, "dirk@example.org")
    with house(), acting_as(None):
        assert delivery.deliver_waiting() == 1  # the link of the draft is not due any more
    assert [mail.to for mail in mailoutbox] == [["dirk@example.org"]]
    assert mailoutbox[0].subject == "Kring: we have your application"
    assert Letter.objects.get(kind="application_received").state == "sent"


# --- to vetters ---------------------------------------------------------------------------
@pytest.fixture
def waiting(circle):
    application = make.application(circle, name="Theo Veldkamp")
    Due.objects.create(
        kind="vetting_queue", subject_id=application.pk, circle_id=circle.pk, due_at=timezone.now()
    )
    return application


@pytest.fixture
def queue_mail(house):
    def compose(letter):
        with house(), acting_as(None):
            return KINDS["vetting_queue"].compose(letter)

    return compose


def test_vetters_hear_once_a_day_and_in_numbers_only(
    waiting, circle, anna, vera, falls_due, queue_mail
):
    other = make.application(circle)
    Due.objects.create(
        kind="vetting_queue", subject_id=other.pk, circle_id=circle.pk, due_at=timezone.now()
    )
    falls_due("vetting_queue")
    falls_due("vetting_queue")
    rows = list(Letter.objects.filter(kind="vetting_queue"))
    assert {row.member_id for row in rows} == {anna.pk, vera.pk}
    assert len(rows) == 2
    mail = queue_mail(rows[0])
    assert "2" in mail.subject
    assert "Veldkamp" not in mail.subject + mail.text + mail.html


def test_whoever_voted_gets_no_letter(waiting, anna, votes, falls_due, queue_mail):
    falls_due("vetting_queue")
    votes(waiting, anna)
    with pytest.raises(Skip, match="nothing waits"):
        queue_mail(Letter.objects.get(kind="vetting_queue", member=anna))


def test_whoever_vets_no_more_gets_no_letter(waiting, vera, falls_due, queue_mail):
    falls_due("vetting_queue")
    Membership.objects.filter(member_id=vera.pk).update(role="member")
    with pytest.raises(Skip, match="no vetter"):
        queue_mail(Letter.objects.get(kind="vetting_queue", member=vera))


def test_the_letters_to_vetters_stop_with_the_decision(waiting, anna, vera, votes, falls_due):
    votes(waiting, anna)
    votes(waiting, vera)
    falls_due("vetting_queue")
    assert not Letter.objects.filter(kind="vetting_queue").exists()
