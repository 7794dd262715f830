"""Inviting, as members and invitees walk it."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from circles import limits
from circles.models import Application, Invitation, Membership
from members import links
from members.models import Letter, Member
from tests import make
from tests.circles.test_pages import FORM, read
from tests.conftest import RestrictedClient

NOOR = "noor@example.org"
TYPED = {
    "name": "Noor Haddad",
    "address": NOOR,
    "how": "worked",
    "words": "We ran the elbow clinic together.",
    "language": "en",
}


@pytest.fixture
def at(as_, circle):
    """`at(bram)` is a browser of bram's: .new(...), .list(), .post(name, invitation)."""

    class Browser:
        def __init__(self, member):
            cache.clear()
            Member.objects.filter(pk=member.pk).update(language="en")
            self.browser = as_(member)

        def new(self, **typed):
            address = reverse("invitation_new", args=[circle.public_id])
            return self.browser.post(address, {**TYPED, **typed}, follow=True).content.decode()

        def form(self):
            return self.browser.get(reverse("invitation_new", args=[circle.public_id]))

        def list(self):
            return self.browser.get(reverse("invitation_list", args=[circle.public_id]))

        def post(self, name, invitation):
            address = reverse(name, args=[circle.public_id, invitation.public_id])
            return self.browser.post(address, follow=True)

    return Browser


@pytest.fixture
def invitee():
    """`invitee(invitation)` is a browser that came in by its mailed link."""

    def come_in(invitation, follow=True):
        browser = RestrictedClient(headers={"accept-language": "en"})
        browser.first = browser.get(
            f"/invitation/open/{links.token_of(invitation.link)}/", follow=follow
        )
        return browser

    return come_in


@pytest.fixture
def invitation(circle, bram):
    return make.invitation(circle, by=bram, address=NOOR)


# --- the member ---------------------------------------------------------------------------
def test_a_member_invites_and_sees_it_listed(at, bram):
    page = at(bram).new()
    assert "Your invitation is written down." in page
    assert NOOR in page
    assert "Open" in page


def test_a_refusal_stands_beside_the_address_and_the_words_are_kept(at, bram, vera):
    page = at(bram).new(address=vera.email)
    assert "in this circle already" in page
    assert re.search(r'id="id_address-e"[^>]*>Whoever reads', page)
    assert TYPED["words"] in page
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter their name."),
        ("address", "", "Enter their email address."),
        ("address", "noor", "Enter an email address"),
        ("how", "", "Choose how you know them."),
        ("how", "blood", "Select a valid choice"),
        ("words", "", "Say why they belong here."),
        ("words", "Good.", "at least 20 characters"),
        ("words", "x" * 1001, "at most 1,000 characters"),
        ("language", "fr", "Select a valid choice"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(field, value, sentence, at, bram):
    page = at(bram).new(**{field: value})
    assert sentence in page
    assert not Invitation.objects.exists()


def test_trying_many_addresses_ends_for_the_day(at, bram, vera, monkeypatch):
    monkeypatch.setattr(limits, "PER_INVITER", 2)
    browser = at(bram)
    said = [browser.new(address=vera.email) for _ in range(3)]
    assert "in this circle already" in said[1]
    assert "enough for one day" in said[2]


def test_in_probation_the_page_says_when(at, circle, bram):
    Membership.objects.filter(member_id=bram.pk).update(state="probation")
    browser = at(bram)
    assert "vouching for somebody comes after it" in browser.form().content.decode()
    assert "vouching for somebody comes after it" in browser.new()
    assert "Invite a colleague" not in browser.list().content.decode()
    assert not Invitation.objects.exists()


def test_one_sees_ones_own_and_an_admin_all(at, circle, bram, vera, anna, invitation):
    make.invitation(circle, by=vera, address="other@example.org")
    own, all_of_them = at(bram).list().content.decode(), at(anna).list().content.decode()
    assert NOOR in own
    assert "other@example.org" not in own
    assert NOOR in all_of_them
    assert "other@example.org" in all_of_them
    assert "by Vera de Vries" in all_of_them


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("begun", "Has begun an application"),
        ("vetting", "Is being vetted"),
        ("joined", "Became a member"),
        ("not_joined", "Did not lead to membership"),
        ("declined", "Not now"),
        ("expired", "Ended without an answer"),
        ("revoked", "Withdrawn"),
    ],
)
def test_what_became_of_it_is_said_in_words(state, says, at, circle, bram):
    make.invitation(circle, by=bram, state=state)
    assert says in at(bram).list().content.decode()


def test_a_wrong_address_is_said(at, circle, bram):
    make.invitation(circle, by=bram, bounced_at=timezone.now())
    assert "could not be delivered" in at(bram).list().content.decode()


def test_what_was_erased_is_not_listed(at, circle, bram):
    make.invitation(circle, by=bram, state="declined")
    Invitation.objects.update(address="", name="", words="")
    assert "Nobody invited yet" in at(bram).list().content.decode()


def test_the_list_asks_as_much_for_three_as_for_thirty(at, circle, bram, anna, queries):
    browser = at(anna)
    counts = []
    for amount in (3, 27):
        for _ in range(amount):
            make.invitation(circle, by=bram)
        browser.list()
        counts.append(queries(browser.list))
    assert counts[0] == counts[1]
    assert "Older" in browser.list().content.decode()


def test_withdrawing_asks_once_more(at, circle, bram, invitation, invitee):
    browser = at(bram)
    address = reverse("invitation_revoke", args=[circle.public_id, invitation.public_id])
    assert "Withdraw this invitation?" in browser.browser.get(address).content.decode()
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert "Withdrawn." in browser.post("invitation_revoke", invitation).content.decode()
    assert "This link opens nothing any more" in invitee(invitation).first.content.decode()


def test_withdrawing_twice_says_so(at, bram, invitation):
    browser = at(bram)
    browser.post("invitation_revoke", invitation)
    assert "had ended already" in browser.post("invitation_revoke", invitation).content.decode()


def test_the_second_letter_goes_at_a_press_once(at, circle, bram):
    made = make.invitation(circle, by=bram, created_at=timezone.now() - timedelta(days=2))
    browser = at(bram)
    assert "Send the second letter" in browser.list().content.decode()
    assert "There is no third" in browser.post("invitation_remind", made).content.decode()
    assert "two letters" in browser.post("invitation_remind", made).content.decode()
    assert Letter.objects.filter(link=made.link).count() == 1


@pytest.mark.parametrize("who", ["vera", "carla", "eva", "dirk"])
def test_the_invitation_of_another_is_not_there(who, at, circle, invitation, request):
    browser = at(request.getfixturevalue(who))
    for name in ("invitation_revoke", "invitation_remind"):
        assert browser.post(name, invitation).status_code == 404


def test_the_circle_page_leads_there_and_not_in_probation(at, circle, bram):
    browser = at(bram)
    about = reverse("circle_about", args=[circle.public_id])
    assert "Invite a colleague" in browser.browser.get(about).content.decode()
    Membership.objects.filter(member_id=bram.pk).update(state="probation")
    assert "Invite a colleague" not in browser.browser.get(about).content.decode()


# --- the invitee --------------------------------------------------------------------------
def test_the_invitee_reads_who_vouches_with_which_words_for_what(invitation, invitee, circle):
    page = invitee(invitation).first
    assert page.redirect_chain == [("/invitation/", 302)]
    text = page.content.decode()
    for said in (
        "Bram de Vries vouches for you",
        "hand surgeon",
        invitation.words,
        circle.purpose,
        circle.pledge,
        "/never/",
    ):
        assert said in text


def test_opening_it_changes_nothing(invitation, invitee, unchanged):
    with unchanged():
        invitee(invitation)


def test_the_invitee_applies_from_the_address_without_another_proof(invitation, invitee):
    browser = invitee(invitation)
    page = browser.post("/invitation/answer/", {"yes": "1"}, follow=True)
    assert page.redirect_chain == [("/application/", 302)]
    assert "Bram de Vries vouches for you" in page.content.decode()
    page = browser.post("/application/", FORM, follow=True).content.decode()
    assert "You need do nothing" in page
    application = Application.objects.get(email=NOOR)
    assert (application.state, application.proven_at is not None) == ("review", True)


def test_the_link_of_a_begun_one_opens_the_application(invitation, invitee):
    invitee(invitation).post("/invitation/answer/", {"yes": "1"})
    phone = invitee(invitation)
    assert phone.first.redirect_chain[-1] == ("/application/", 302)
    assert "Apply" in phone.first.content.decode()
    assert Application.objects.filter(email=NOOR).count() == 1


def test_no_thank_you_is_passed_on_with_its_word(invitation, invitee, at, bram):
    browser = invitee(invitation)
    answer = {"no": "1", "answer": "Not this year."}
    page = browser.post("/invitation/answer/", answer, follow=True).content.decode()
    assert "Your answer is passed on: not now" in page
    again = browser.post("/invitation/answer/", {"yes": "1"}, follow=True).content.decode()
    assert "Your answer is passed on: not now" in again
    seen = at(bram).list().content.decode()
    assert "Not now" in seen
    assert "Not this year." in seen


def test_a_word_too_long_is_given_back(invitation, invitee):
    browser = invitee(invitation)
    page = browser.post("/invitation/answer/", {"no": "1", "answer": "x" * 301}).content.decode()
    assert "at most 300 characters" in page
    assert "x" * 301 in page
    invitation.refresh_from_db()
    assert invitation.state == "open"


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_what_is_over_and_what_is_wrong_have_one_page(state, circle, bram, invitee, client):
    over = invitee(make.invitation(circle, by=bram, state=state)).first
    late = timezone.now() - timedelta(days=15)
    expired = invitee(make.invitation(circle, by=bram, created_at=late)).first
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    wrong = client.get(f"/invitation/open/{'A' * 35}/", follow=True)
    assert read(over) == read(wrong) == read(expired)
    assert over.status_code == wrong.status_code == 200


def test_a_link_of_another_purpose_opens_no_invitation(client, circle):
    other = links.token_of(make.application(circle).link)
    assert client.get(f"/invitation/open/{other}/").url == reverse("application_link")


def test_without_the_link_there_is_no_invitation(client, invitation):
    for name in ("invitation_page", "invitation_answer"):
        assert client.post(reverse(name)).url == reverse("application_link")
        assert client.get(reverse(name)).status_code in (302, 405)


def test_who_applies_already_is_told_at_their_own_page(invitation, invitee, circle):
    make.application(circle, email=NOOR)
    page = invitee(invitation).post("/invitation/answer/", {"yes": "1"}, follow=True)
    assert "already running" in page.content.decode()


def test_an_invitee_of_an_unlisted_circle_reads_its_charter(anna, invitee, client):
    hidden = make.circle("Hidden", admin=anna, listed=False)
    page = invitee(make.invitation(hidden, by=anna)).first.content.decode()
    assert hidden.purpose in page
    assert client.get(f"/guide/{hidden.public_id}/").status_code == 404


# --- the vetters and the applicant --------------------------------------------------------
def test_the_vetters_read_the_words_and_the_applicant_too(
    at, circle, bram, anna, sent, link_in, client
):
    application = sent(circle, NOOR)
    at(bram).new()
    desk = reverse("vetting_page", args=[circle.public_id, application.public_id])
    seen = at(anna).browser.get(desk).content.decode()
    assert TYPED["words"] in seen
    assert "Bram de Vries" in seen
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(link_in(application, "application_received"), follow=True).content.decode()
    assert "Bram de Vries vouches for you" in page
    assert TYPED["words"] in page


def test_the_inviter_who_vets_reads_why_they_do_not_vote(at, circle, vera):
    application = make.application(circle, email=NOOR)
    make.endorsement(application, by=vera)
    desk = reverse("vetting_page", args=[circle.public_id, application.public_id])
    page = at(vera).browser.get(desk).content.decode()
    assert "you invited them" in page
    assert "Record your vote" not in page
