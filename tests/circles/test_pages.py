"""The way in, as browsers walk it."""

import re

import pytest
from django.urls import reverse

from circles import applying
from circles.models import Application, Circle, Membership
from members import links
from members.models import Letter, Member
from tests import make
from tests.conftest import RestrictedClient

FORM = {
    "name": "Dirk de Boer",
    "profession": "hand surgeon",
    "brings": "Twelve years of tendons.",
    "seeks": "A second pair of eyes.",
    "pledge": "on",
}
YES = {"charter": "on", "silence": "on", "costs": "on", "password": "a long enough pass phrase"}


@pytest.fixture(autouse=True)
def _english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def browser():
    """A browser of its own at each call."""
    return lambda: RestrictedClient(headers={"accept-language": "en"})


@pytest.fixture
def vote_by(as_, circle):
    def cast(member, application, choice="approve", **more):
        page = as_(member)
        page.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        Member.objects.filter(pk=member.pk).update(language="en")
        address = reverse("vetting_vote", args=[circle.public_id, application.public_id])
        typed = {"choice": choice, "sentence": "I know the work.", **more}
        return page.post(address, typed, follow=True)

    return cast


def read(page) -> str:
    """A page without what is random on every page."""
    return re.sub(
        r'(nonce=|name="csrfmiddlewaretoken"\s+value=)"[^"]+"', "", page.content.decode()
    )


def start(client, circle, email="dirk@example.org"):
    address = reverse("application_start", args=[circle.public_id])
    return client.post(address, {"email": email}, follow=True)


def the_application() -> Application:
    return Application.objects.order_by("-id")[0]


def test_the_whole_path_from_the_guide_to_the_circle(
    client, circle, anna, vera, vote_by, browser, link_in, mail_of
):
    assert circle.name in client.get("/guide/").content.decode()
    assert circle.belongs in client.get(f"/guide/{circle.public_id}/").content.decode()
    assert "We mailed you a link" in start(client, circle).content.decode()
    application = the_application()
    page = client.post("/application/", FORM, follow=True).content.decode()
    assert "One more step: open the mail" in page

    phone = browser()
    page = phone.get(link_in(application), follow=True)
    assert page.redirect_chain == [("/application/", 302)]
    assert "Is this your address?" in page.content.decode()
    page = phone.post("/application/prove/", follow=True).content.decode()
    assert "You need do nothing" in page
    assert "with the vetters" in mail_of(application, "application_received").text

    assert "Your vote is recorded" in vote_by(anna, application).content.decode()
    assert vote_by(vera, application).status_code == 200
    page = phone.get(link_in(application, "application_offered"), follow=True).content.decode()
    assert "You are welcome" in page
    assert "Choose a password" in page
    page = phone.post("/application/accept/", YES, follow=True)
    assert page.redirect_chain == [("/", 302)]
    member = Member.objects.get(email="dirk@example.org")
    assert phone.session["_auth_user_id"] == str(member.pk)
    assert Membership.objects.get(circle=circle, member_id=member.pk).state == "probation"
    assert phone.get(f"/c/{circle.public_id}/about/").status_code == 200


def test_the_same_page_follows_for_every_address(browser, circle, anna):
    known = start(browser(), circle, anna.email)
    unknown = start(browser(), circle, "nobody@example.org")
    assert known.redirect_chain == unknown.redirect_chain
    assert read(known) == read(unknown)


def test_every_address_gets_its_letter(browser, circle, anna):
    for email in (anna.email, "nobody@example.org"):
        start(browser(), circle, email)
        assert Letter.objects.filter(link=the_application().link).count() == 1


def test_an_applicant_of_today_and_a_stranger_read_the_same(sent, browser, circle):
    sent(circle, "twice@example.org")
    known = start(browser(), circle, "twice@example.org")
    unknown = start(browser(), circle, "nobody@example.org")
    assert read(known) == read(unknown)


def test_opening_the_link_changes_nothing(sent, circle, client, link_in):
    application = sent(circle, mailed=False)
    before = Application.objects.values().get(pk=application.pk)
    assert client.get(link_in(application), follow=True).status_code == 200
    assert Application.objects.values().get(pk=application.pk) == before


def test_the_token_leaves_the_address(started, circle, client, link_in):
    application = started(circle)
    answer = client.get(link_in(application))
    assert answer.status_code == 302
    assert answer.url == "/application/"


def test_the_draft_goes_on_in_another_browser(client, circle, browser, link_in):
    start(client, circle)
    client.post("/application/", {"brings": "Half a sentence", "later": "1"})
    other = browser()
    assert "Half a sentence" in other.get(link_in(the_application()), follow=True).content.decode()


def test_an_applicant_is_told_of_a_patient_in_their_words(client, circle):
    start(client, circle)
    typed = {**FORM, "seeks": "Help with Mrs Pemberton, born 14/02/1949.", "later": "1"}
    page = client.post("/application/", typed, follow=True).content.decode()
    assert "This may point at a person: name, date of birth. Does it have to?" in page
    assert the_application().seeks == "Help with Mrs Pemberton, born 14/02/1949."


def test_what_was_typed_stays_when_something_is_missing(client, circle):
    start(client, circle)
    page = client.post("/application/", {**FORM, "name": "", "brings": "Tendons & nerves"})
    text = page.content.decode()
    assert "Enter your name." in text
    assert "Tendons &amp; nerves" in text
    assert the_application().brings == "Tendons & nerves"
    assert the_application().state == "draft"


def test_what_is_missing_in_parts_of_the_form_is_told_in_one_place(client, circle):
    Circle.objects.update(required_referees=2)
    start(client, circle)
    text = client.post("/application/", {**FORM, "name": ""}).content.decode()
    assert text.count('role="alert"') == 1
    assert "Enter your name." in text.split('role="alert"')[1].split("<form")[0]


def test_a_text_too_long_is_refused_and_the_rest_kept(client, circle):
    start(client, circle)
    page = client.post("/application/", {**FORM, "brings": "x" * 2001})
    assert "at most 2,000 characters" in page.content.decode()
    assert the_application().seeks == FORM["seeks"]


def test_without_the_pledge_nothing_is_sent_in(client, circle):
    start(client, circle)
    client.post("/application/", {**FORM, "pledge": ""})
    assert the_application().state == "draft"


def test_whoever_typed_somebody_elses_address_is_shut_out_once_it_is_proven(
    client, circle, browser, link_in
):
    start(client, circle, "victim@example.org")
    client.post("/application/", FORM)
    victim = browser()
    victim.get(link_in(the_application()))
    victim.post("/application/prove/")
    assert client.get("/application/").url == reverse("application_link")
    Application.objects.update(state="offered")
    assert client.post("/application/accept/", YES).url == reverse("application_link")
    assert not Member.objects.filter(email="victim@example.org").exists()


def test_the_first_browser_cannot_prove_the_address_itself(client, circle):
    start(client, circle, "victim@example.org")
    client.post("/application/", FORM)
    page = client.post("/application/prove/", follow=True).content.decode()
    assert "One more step: open the mail" in page
    assert the_application().state == "email_pending"


def test_words_written_by_mail_are_hidden_from_the_first_browser(client, circle, browser, link_in):
    start(client, circle, "victim@example.org")
    victim = browser()
    victim.get(link_in(the_application()))
    victim.post("/application/", {"name": "The victim", "later": "1"})
    assert client.get("/application/").status_code == 302


@pytest.mark.parametrize("token", ["x", "A" * 35, "%00", "é" * 35])
def test_a_wrong_link_leads_to_the_one_page(client, db, token):
    page = client.get(f"/application/open/{token}/", follow=True)
    assert "This link opens nothing any more" in page.content.decode()


def test_a_link_of_another_purpose_opens_nothing(client, circle):
    other = links.token("unsubscribe", make.application(circle).link_id)
    assert client.get(f"/application/open/{other}/").url == reverse("application_link")


def test_the_page_of_a_dead_link_answers_the_same_for_every_address(client, sent, circle):
    application = sent(circle)
    before = Letter.objects.count()
    known = client.post("/application/link/", {"email": application.email}, follow=True)
    unknown = client.post("/application/link/", {"email": "nobody@example.org"}, follow=True)
    assert read(known) == read(unknown)
    assert Letter.objects.count() == before + 1


def test_without_a_link_there_is_no_application(client, circle):
    make.application(circle)
    for name in ("page", "prove", "again", "withdraw", "accept"):
        answer = client.post(reverse(f"application_{name}"))
        assert answer.url == reverse("application_link"), name


def test_withdrawing_asks_once_more(client, sent, circle, link_in):
    application = sent(circle)
    client.get(link_in(application, "application_received"))
    assert "This cannot be undone." in client.get("/application/withdraw/").content.decode()
    application.refresh_from_db()
    assert application.state == "review"
    page = client.post("/application/withdraw/", {"expected": "review"}, follow=True)
    assert "Your application is withdrawn" in page.content.decode()


def test_withdrawing_after_the_decision_shows_what_happened(client, sent, circle, link_in, votes):
    application = sent(circle)
    client.get(link_in(application, "application_received"))
    for voter in Membership.objects.filter(circle=circle, role__in=["vetter", "admin"]):
        votes(application, Member.objects.get(pk=voter.member_id))
    page = client.post("/application/withdraw/", {"expected": "review"}, follow=True)
    text = page.content.decode()
    assert "admitted, a seat is offered" in text
    assert "de Vries" not in text  # an applicant reads no names of vetters
    assert "You are welcome" in text


def test_a_refusal_is_read_with_its_reason(
    client, sent, circle, anna, vera, votes, reason, link_in
):
    application = sent(circle)
    votes(application, anna, "decline")
    votes(application, vera, "decline", **reason)
    page = client.get(link_in(application, "application_declined"), follow=True).content.decode()
    assert reason["text"] in page
    assert "I know the work" not in page


def test_an_account_of_that_address_is_asked_to_sign_in(
    client, circle, dirk, mail_of, as_, link_in
):
    application = make.application(circle, state="offered", email=dirk.email, language="en")
    applying.mail_again(application)
    page = client.get(link_in(application), follow=True).content.decode()
    assert "Sign in first" in page
    assert "Choose a password" not in page
    signed_in = as_(dirk)
    signed_in.get(link_in(application))
    assert signed_in.post("/application/accept/", YES).url == "/"
    assert Membership.objects.filter(circle=circle, member_id=dirk.pk).exists()


def test_a_weak_password_is_refused_in_words(client, circle, link_in):
    application = make.application(circle, state="offered", language="en")
    applying.mail_again(application)
    client.get(link_in(application))
    page = client.post("/application/accept/", {**YES, "password": "password1234"})
    assert "too common" in page.content.decode()
    application.refresh_from_db()
    assert application.state == "offered"


def test_accepting_what_was_withdrawn_shows_what_happened(client, circle, link_in):
    application = make.application(circle, state="offered", language="en")
    applying.mail_again(application)
    client.get(link_in(application))
    client.post("/application/withdraw/", {"expected": "offered"})
    page = client.post("/application/accept/", YES, follow=True).content.decode()
    assert "withdrawn" in page


@pytest.mark.parametrize(
    "state",
    ["draft", "email_pending", "referees", "review", "info_requested", "objection", "waitlisted",
     "offered", "approved", "declined", "appealed", "declined_final", "withdrawn", "expired",
     "discarded"],
)  # fmt: skip
def test_every_state_has_its_page(state, client, circle, link_in):
    facts = {"decline_code": "other", "decline_text": "Words."} if "declined" in state else {}
    application = make.application(circle, state="review", language="en", **facts)
    applying.mail_again(application)
    client.get(link_in(application))
    proven = None if state in ("draft", "email_pending") else application.proven_at
    Application.objects.filter(pk=application.pk).update(state=state, proven_at=proven)
    page = client.get("/application/")
    assert page.status_code == 200
    assert "<h1>" in page.content.decode()


def test_a_flood_of_requests_mails_one_address_a_few_times_only(client, circle):
    for _ in range(8):
        start(client, circle, "flooded@example.org")
    assert Letter.objects.filter(kind="application_address").count() == 5


def test_an_unlisted_circle_cannot_be_found_or_applied_to(client, anna):
    hidden = make.circle("Hidden", admin=anna, listed=False)
    assert "Hidden" not in client.get("/guide/").content.decode()
    assert client.get(f"/guide/{hidden.public_id}/").status_code == 404
    answer = client.post(f"/guide/{hidden.public_id}/apply/", {"email": "a@example.org"})
    assert answer.status_code == 404
