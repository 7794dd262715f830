"""The two letters of an invitation: what they say, and when they do not go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from circles.models import Invitation, Membership
from kring.lib.acting import acting_as
from members import bounces, delivery, links, silence
from members.letters import KINDS, Skip
from members.models import Letter
from tests import make

NOOR = "noor@example.org"
KINDS_OF_IT = ("invitation", "invitation_reminder")


def letter_of(invitation, kind="invitation", **facts) -> Letter:
    facts = {"subject_id": invitation.pk, "circle_id": invitation.circle_id, **facts}
    return Letter.objects.create(kind=kind, link=invitation.link, **facts)


@pytest.fixture
def mail(house):
    """`mail(invitation)` composes its letter as the worker does."""

    def compose(invitation, kind="invitation"):
        letter = letter_of(invitation, kind)
        with house(), acting_as(None):
            return KINDS[kind].compose(letter)

    return compose


@pytest.fixture
def invitation(circle, bram):
    return make.invitation(circle, by=bram, address=NOOR)


@pytest.mark.parametrize("kind", KINDS_OF_IT)
def test_it_says_who_invites_to_what_until_when_and_how_to_hear_no_more(
    kind, mail, invitation, circle
):
    made = mail(invitation, kind)
    assert made.to == NOOR
    for whole in (made.text, made.html):
        assert "Bram de Vries (hand surgeon)" in whole
        assert "Hand surgeons" in whole
        assert "Fewer operations done twice" in whole
        assert silence.url_for(NOOR) in whole
        assert f"/invitation/open/{links.token_of(invitation.link)}/" in whole
        assert "{{" not in whole


@pytest.mark.parametrize("kind", KINDS_OF_IT)
def test_no_word_of_the_inviter_stands_in_the_mail(kind, mail, invitation):
    made = mail(invitation, kind)
    assert invitation.words not in made.subject + made.text + made.html


@pytest.mark.parametrize("sensitivity", ["normal", "sensitive"])
def test_of_an_unlisted_circle_the_mail_says_the_alias_only(sensitivity, mail, anna):
    hidden = make.circle("Whistlers", admin=anna, listed=False, sensitivity=sensitivity)
    made = mail(make.invitation(hidden, by=anna))
    everything = made.subject + made.text + made.html
    for said in (hidden.name, hidden.purpose, hidden.profession):
        assert said not in everything
    assert hidden.mail_alias in everything


def test_it_speaks_the_language_the_inviter_chose(mail, circle, bram):
    made = mail(make.invitation(circle, by=bram, language="nl"))
    assert made.subject == "Kring: Bram de Vries nodigt u uit"
    assert "staat voor u in" in made.text


def test_the_second_letter_says_that_it_is_the_last(mail, invitation):
    assert "the second letter and the last" in mail(invitation, "invitation_reminder").text


def test_both_go_at_most_once():
    assert not any(KINDS[kind].at_least_once for kind in KINDS_OF_IT)


# --- when it does not go ----------------------------------------------------------------------
def skipped(mail, invitation, kind="invitation") -> str:
    with pytest.raises(Skip) as skip:
        mail(invitation, kind)
    return str(skip.value)


@pytest.mark.parametrize("state", ["declined", "begun", "revoked", "expired"])
def test_not_when_it_is_open_no_more(state, mail, circle, bram):
    made = make.invitation(circle, by=bram, state=state)
    assert skipped(mail, made) in ("ended", "applies")


def test_not_when_its_time_is_over_and_the_timer_late(mail, circle, bram):
    made = make.invitation(circle, by=bram, created_at=timezone.now() - timedelta(days=15))
    assert skipped(mail, made) == "ended"


@pytest.mark.parametrize("state", ["review", "waitlisted", "offered"])
def test_not_to_whoever_applies(state, mail, invitation, circle):
    make.application(circle, state=state, email="Noor@example.org")
    assert skipped(mail, invitation) == "applies"


@pytest.mark.parametrize("state", ["declined", "discarded"])
def test_not_to_whoever_was_refused_a_short_while_ago(state, mail, invitation, circle):
    facts = {"decline_code": "other", "decline_text": "Feet."}
    make.application(circle, state=state, email=NOOR, **facts)
    assert skipped(mail, invitation) == "too early"


@pytest.mark.parametrize("state", ["removed", "active"])
def test_not_to_whoever_is_in_or_was_removed(state, mail, circle, bram, eva):
    ended = None if state == "active" else timezone.now()
    Membership.objects.filter(member_id=eva.pk).update(state=state, ended_at=ended)
    assert skipped(mail, make.invitation(circle, by=bram, address=eva.email)) == "member"


def test_to_whoever_left_it_goes(mail, circle, bram, eva):
    assert mail(make.invitation(circle, by=bram, address=eva.email)).to == eva.email


def test_the_first_who_asked_speaks_for_all(mail, circle, bram, anna):
    first = make.invitation(circle, by=anna, address=NOOR)
    second = make.invitation(circle, by=bram, address="NOOR@example.org")
    assert skipped(mail, second) == "asked by another"
    assert mail(first).to == NOOR


def test_another_circle_asks_on_its_own(mail, invitation, elsewhere, carla):
    assert mail(make.invitation(elsewhere, by=carla, address=NOOR)).to == NOOR


def test_nobody_gets_a_third_letter_whoever_of_the_circle_invites(mail, circle, bram, anna):
    ended = make.invitation(circle, by=anna, address=NOOR, state="expired")
    for kind in KINDS_OF_IT:
        letter_of(ended, kind, state="sent")
    assert skipped(mail, make.invitation(circle, by=bram, address=NOOR)) == "two in all"


def test_the_worker_brings_it_and_never_to_whoever_said_never(
    invitation, circle, bram, house, mailoutbox
):
    other = make.invitation(circle, by=bram)
    for made in (invitation, other):
        letter_of(made)
    silence.ask(silence.key_of(other.address))
    with house(), acting_as(None):
        delivery.deliver_waiting()
    assert [mail.to for mail in mailoutbox] == [[NOOR]]
    assert "List-Unsubscribe-Post" in mailoutbox[0].extra_headers


def test_the_inviter_reads_that_an_address_is_wrong(invitation, house):
    letter = letter_of(invitation, state="dead")
    with house(), acting_as(None):
        bounces.note(letter, NOOR, "hard")
    assert Invitation.objects.get(pk=invitation.pk).bounced_at is not None
    assert not silence.is_asked(NOOR)


def test_calling_it_unwanted_mail_is_saying_never_again(invitation, house):
    letter = letter_of(invitation, state="sent")
    with house(), acting_as(None):
        bounces.note(letter, NOOR, "complaint")
    assert silence.is_asked(NOOR)
    assert Invitation.objects.get(pk=invitation.pk).state == "declined"
