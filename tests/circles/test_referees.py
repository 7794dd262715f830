"""Referees: named by the applicant, asked by the house, never read by the applicant."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from circles import applying, referees, references
from circles.models import Application, Circle, Endorsement, Invitation, Referee, Reference, Vote
from kring.lib.acting import acting_as, acting_with
from kring.lib.refused import Refused
from members import links, silence
from members.letters import KINDS
from members.models import AuditEntry, Due, Letter, Member
from tests import make
from tests.circles.conftest import TEXTS
from tests.conftest import RestrictedClient

WIM = {"name": "Wim Oudshoorn", "address": "wim@example.org", "relation": "Trained me in Assen."}
JANNA = {"name": "Janna Smit", "address": "janna@example.org", "relation": "Same practice."}
ANSWER = {"how": "worked", "place": "Assen", "own_case": "yes", "words": "Careful with nerves."}
OUTSIDE = {**ANSWER, "name": "W. Oudshoorn", "register_number": "19012345601"}


@pytest.fixture
def two(circle):
    """The circle asks for two referees, and is large enough to."""
    Circle.objects.update(required_referees=2)
    for name in ("fien", "gijs"):
        make.membership(circle, make.member(name))
    return circle


@pytest.fixture
def asking(two, started, acting, falls_due):
    """`asking(WIM, JANNA)` sends an application in, and lets the house ask these."""

    def send(*named, circle=two) -> Application:
        application = started(circle)
        with acting(None):
            applying.keep(application, mailed=True, **TEXTS)
            referees.keep(application, list(named))
            applying.submit(application, mailed=True)
        falls_due("referees_ask")
        application.refresh_from_db()
        return application

    return send


@pytest.fixture
def answers(acting):
    """`answers(application, 1)` lets the first who was named answer, by link or as a member."""

    def answer(application, number, **texts):
        reference = Reference.objects.get(application=application, referee__number=number)
        by = Member.objects.get(pk=reference.member_id) if reference.member_id else None
        with acting(by):
            references.answer(reference, by=by, **{**(ANSWER if by else OUTSIDE), **texts})
        return reference

    return answer


@pytest.fixture
def referee():
    """`referee(reference)` is a browser that came in by the mailed link."""

    def come_in(reference):
        browser = RestrictedClient(headers={"accept-language": "en"})
        browser.first = browser.get(
            reverse("reference_open", args=[links.token_of(reference.link)]), follow=True
        )
        return browser

    return come_in


def states(application) -> list[str]:
    rows = Referee.objects.filter(application=application).order_by("number")
    return list(rows.values_list("state", flat=True))


# --- asking -------------------------------------------------------------------------------
def test_named_referees_are_asked_once_the_address_is_proven(asking, letters_of):
    application = asking(WIM, JANNA)
    assert application.state == "referees"
    assert application.review_since is None
    assert states(application) == ["asked", "asked"]
    assert letters_of(application) == ["application_address", "application_referees"]
    assert Letter.objects.filter(kind="reference_asked").count() == 2


def test_a_circle_that_asks_for_none_goes_on_at_once(sent, circle):
    assert sent(circle).state == "review"


def test_a_circle_of_fewer_than_five_asks_for_one(circle, started):
    Circle.objects.update(required_referees=2)
    assert referees.to_name(started(circle)) == 1


def test_too_few_referees_are_refused(two, started, acting):
    application = started(two)
    with acting(None):
        applying.keep(application, mailed=True, **TEXTS)
        referees.keep(application, [WIM, {}])
        with pytest.raises(Refused, match="referees"):
            applying.submit(application, mailed=True)


def test_a_member_is_asked_in_the_product(asking, bram):
    application = asking({**WIM, "address": bram.email}, JANNA)
    reference = Reference.objects.get(application=application, member_id=bram.pk)
    assert reference.link is None
    assert Letter.objects.get(kind="reference_asked_member").member_id == bram.pk


def test_of_whom_may_not_vouch_the_applicant_reads_only_that_it_failed(asking, two):
    new = make.member("newby")
    make.membership(two, new, since=timezone.now() - timedelta(days=89))
    application = asking({**WIM, "address": new.email}, JANNA)
    assert states(application) == ["unconfirmed", "asked"]
    assert not Reference.objects.filter(member_id=new.pk).exists()


def test_whoever_asked_never_to_be_written_to_is_not_asked(asking):
    silence.ask(silence.key_of(WIM["address"]))
    application = asking(WIM, JANNA)
    assert states(application) == ["unconfirmed", "asked"]


def test_never_again_ends_an_open_request(asking, acting, falls_due, letters_of):
    application = asking(WIM, JANNA)
    with acting(None):
        silence.ask(silence.key_of(WIM["address"]))
    falls_due("referees_look")
    assert states(application) == ["unconfirmed", "asked"]
    assert "application_referee_lost" in letters_of(application)


def test_an_invitation_counts_as_a_referee(asking, two, bram):
    make.invitation(two, by=bram, address="dirk@example.org")
    application = asking(WIM, JANNA)
    assert referees.missing(application, 2) == 1


def test_words_that_come_while_referees_are_asked_bring_it_on(
    asking, answers, two, bram, falls_due
):
    application = asking(WIM, JANNA)
    answers(application, 1)
    make.invitation(two, by=bram, address="dirk@example.org")
    falls_due("referees_look")
    application.refresh_from_db()
    assert application.state == "review"


def test_an_inviter_named_as_referee_does_not_count_twice(asking, two, bram):
    make.invitation(two, by=bram, address="dirk@example.org")
    application = asking(WIM, {**JANNA, "address": bram.email})
    assert states(application) == ["asked", "unconfirmed"]
    assert referees.missing(application, 2) == 1


# --- answering ----------------------------------------------------------------------------
def test_two_answers_bring_the_application_to_the_vetters(asking, answers, falls_due, letters_of):
    application = asking(WIM, JANNA)
    answers(application, 1)
    falls_due("referees_look")
    application.refresh_from_db()
    assert application.state == "referees"
    answers(application, 2)
    falls_due("referees_look")
    application.refresh_from_db()
    assert application.state == "review"
    assert application.decide_before > timezone.now() + timedelta(days=13)
    assert "application_received" in letters_of(application)


def test_by_name_only_does_not_count(asking, answers, falls_due):
    application = asking(WIM, JANNA)
    answers(application, 1, how="name")
    answers(application, 2)
    falls_due("referees_look")
    application.refresh_from_db()
    assert application.state == "referees"
    assert states(application) == ["unconfirmed", "confirmed"]


def test_answering_twice_is_refused(asking, answers):
    application = asking(WIM, JANNA)
    answers(application, 1)
    with pytest.raises(Refused, match="already"):
        answers(application, 1)


def test_an_answer_cannot_be_changed_in_the_database_either(asking, answers, acting):
    reference = answers(asking(WIM, JANNA), 1)
    with (
        pytest.raises(DatabaseError, match="stands"),
        acting(None),
        acting_with(reference.link_id),
    ):
        Reference.objects.filter(pk=reference.pk).update(words="Better not.")


def test_a_withdrawn_application_asks_nobody_any_more(asking, answers, acting):
    application = asking(WIM, JANNA)
    with acting(None):
        applying.withdraw(application, expected="referees")
    with pytest.raises(Refused, match="not needed"):
        answers(application, 1)


def test_a_member_vouches_for_three_at_a_time(circle, bram, acting):
    for _ in range(3):
        make.reference(make.application(circle), by=bram, how="worked")
    fourth = make.reference(make.application(circle, state="referees"), by=bram)
    with acting(bram), pytest.raises(Refused, match="three people"):
        references.answer(fourth, by=bram, **ANSWER)
    Application.objects.filter(circle=circle, state="review").update(
        state="declined", decline_code="other", decline_text="x"
    )
    with acting(bram):
        references.answer(fourth, by=bram, **ANSWER)
    assert Reference.objects.get(pk=fourth.pk).vouches


def test_who_would_not_send_their_own_case_does_not_vouch(circle, bram, acting):
    asked = make.reference(make.application(circle, state="referees"), by=bram)
    with acting(bram):
        references.answer(asked, by=bram, **{**ANSWER, "own_case": "no"})
    asked.refresh_from_db()
    assert (asked.vouches, asked.referee.state) == (False, "confirmed")


def test_who_answered_does_not_vote(circle, vera, acting):
    application = make.application(circle)
    make.reference(application, by=vera, how="worked")
    facts = {"circle": circle, "application": application, "choice": "approve", "sentence": "."}
    with pytest.raises(DatabaseError), acting(vera):
        Vote.objects.create(**facts, voter_id=vera.pk)


def test_who_was_named_and_said_nothing_may_vote(circle, vera, votes):
    application = make.application(circle)
    make.reference(application, by=vera)
    votes(application, vera)
    assert Vote.objects.filter(application=application, voter_id=vera.pk).exists()


def test_an_inviter_does_not_vote_after_the_address_is_erased(circle, vera, acting):
    application = make.application(circle, email="noor@example.org")
    invitation = make.invitation(circle, by=vera, address="noor@example.org", state="expired")
    Invitation.objects.filter(pk=invitation.pk).update(address="", name="", words="")
    Endorsement.objects.all().delete()
    with acting(vera), connection.cursor() as cursor:
        cursor.execute("select kring_may_vote(%s)", [application.pk])
        assert cursor.fetchone() == (False,)


# --- who reads what -----------------------------------------------------------------------
def test_the_applicant_never_reads_an_answer(asking, answers, acting):
    application = asking(WIM, JANNA)
    answers(application, 1)
    with acting(None), acting_with(application.link_id):
        assert not Reference.objects.exists()
        assert Referee.objects.count() == 2


def test_the_page_of_the_applicant_says_confirmed_and_no_more(asking, answers, client):
    application = asking(WIM, JANNA)
    answers(application, 1)
    answers(application, 2, how="name", words="I only know the name.")
    client.get(reverse("application_open", args=[links.token_of(application.link)]))
    page = client.get(
        reverse("application_page"), headers={"accept-language": "en"}
    ).content.decode()
    assert "could not be confirmed" in page
    for said in ("Careful with nerves", "only know the name", "By name only"):
        assert said not in page


def test_vetters_read_it_and_members_do_not(circle, vera, bram, as_):
    application = make.application(circle)
    make.reference(application, how="worked", words="Careful with nerves.")
    address = reverse("vetting_page", args=[circle.public_id, application.public_id])
    assert "Careful with nerves." in as_(vera).get(address).content.decode()
    assert as_(bram).get(address).status_code == 404


def test_one_s_own_reference_as_an_applicant_is_closed_also_to_a_vetter(circle, vera, acting):
    application = make.application(circle, state="approved", member_id=vera.pk)
    make.reference(application, how="worked", words="Careful with nerves.")
    with acting(vera):
        assert not Reference.objects.exists()


# --- the page of a referee ----------------------------------------------------------------
def test_a_referee_answers_by_the_mailed_link_without_an_account(asking, referee):
    application = asking(WIM, JANNA)
    reference = Reference.objects.get(application=application, referee__number=1)
    browser = referee(reference)
    assert "What do you know of Dirk de Boer?" in browser.first.content.decode()
    page = browser.post(reverse("reference_page"), {**OUTSIDE, "mine": "on"}, follow=True)
    assert "Thank you, your reference is in" in page.content.decode()
    reference.refresh_from_db()
    assert (reference.how, reference.register_number) == ("worked", "19012345601")


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(asking, referee):
    application = asking(WIM, JANNA)
    reference = Reference.objects.get(application=application, referee__number=1)
    page = (
        referee(reference).post(reverse("reference_page"), {"words": "Careful."}).content.decode()
    )
    for sentence in ("Choose how you know them.", "Choose what you would do.", "register number"):
        assert sentence in page
    assert "Careful.</textarea>" in page


def test_declining_needs_no_reason(asking, referee):
    application = asking(WIM, JANNA)
    reference = Reference.objects.get(application=application, referee__number=1)
    page = referee(reference).post(reverse("reference_page"), {"no": "1"}, follow=True)
    assert "This question is closed" in page.content.decode()
    assert states(application) == ["unconfirmed", "asked"]


def test_opening_the_link_changes_nothing(asking, referee, unchanged):
    application = asking(WIM, JANNA)
    reference = Reference.objects.get(application=application, referee__number=1)
    with unchanged():
        referee(reference)


def test_a_member_answers_in_the_product(asking, bram, as_):
    application = asking({**WIM, "address": bram.email}, JANNA)
    reference = Reference.objects.get(application=application, member_id=bram.pk)
    address = reverse("member_reference", args=[application.circle.public_id, reference.public_id])
    page = as_(bram).post(address, {**ANSWER, "mine": "on"}, follow=True).content.decode()
    assert "Thank you, your reference is in" in page
    assert AuditEntry.objects.get(act="reference.answered").by_id == bram.pk


def test_another_member_finds_no_such_page(circle, bram, vera, as_):
    reference = make.reference(make.application(circle, state="referees"), by=bram)
    address = reverse("member_reference", args=[circle.public_id, reference.public_id])
    assert as_(vera).get(address).status_code == 404


def test_the_list_of_a_member_asks_the_same_for_one_and_for_ten(circle, bram, as_, queries):
    browser, address = as_(bram), reverse("reference_list", args=[circle.public_id])
    make.reference(make.application(circle, state="referees"), by=bram)
    browser.get(address)
    one = queries(lambda: browser.get(address))
    for _ in range(9):
        make.reference(make.application(circle), by=bram, how="worked")
    assert queries(lambda: browser.get(address)) == one


# --- time ---------------------------------------------------------------------------------
def test_one_reminder_while_an_answer_is_awaited(asking, answers, falls_due):
    application = asking(WIM, JANNA)
    answers(application, 1)
    falls_due("reference_reminder")
    assert Letter.objects.filter(kind="reference_reminder").count() == 1


def test_without_an_answer_in_time_the_applicant_names_another(
    asking, falls_due, acting, letters_of
):
    application = asking(WIM, JANNA)
    falls_due("reference_deadline")
    falls_due("referees_look")
    assert states(application) == ["unconfirmed", "unconfirmed"]
    third = {**WIM, "address": "third@example.org"}
    with acting(None):
        referees.replace(application, **third)
        referees.replace(application, **{**third, "address": "fourth@example.org"})
        with pytest.raises(Refused, match="Nobody else"):
            referees.replace(application, **{**third, "address": "fifth@example.org"})
    falls_due("referees_ask")
    assert states(application) == ["unconfirmed", "unconfirmed", "asked", "asked"]


def test_nobody_is_named_twice_nor_for_themselves(asking, falls_due, acting):
    application = asking(WIM, JANNA)
    falls_due("reference_deadline")
    with acting(None):
        for address, said in ((WIM["address"], "already"), ("dirk+x@example.org", "your own")):
            with pytest.raises(Refused, match=said):
                referees.replace(application, **{**WIM, "address": address})


def test_replacing_while_all_are_awaited_is_refused(asking, acting):
    application = asking(WIM, JANNA)
    with acting(None), pytest.raises(Refused, match="Nobody else"):
        referees.replace(application, **{**WIM, "address": "third@example.org"})


def test_without_enough_answers_it_ends_after_thirty_days(asking, falls_due, letters_of):
    application = asking(WIM, JANNA)
    Reference.objects.update(until=timezone.now() - timedelta(days=1))
    falls_due("reference_deadline")
    falls_due("referees_late")
    application.refresh_from_db()
    assert application.state == "expired"
    assert letters_of(application)[-1] == "application_unconfirmed"


def test_it_does_not_end_while_somebody_is_being_asked(asking, falls_due):
    application = asking(WIM, JANNA)
    falls_due("referees_late")
    application.refresh_from_db()
    assert application.state == "referees"
    assert Due.objects.filter(kind="referees_late", done_at=None).exists()


# --- thanks, and what stays ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "word"), [("approved", "became a member"), ("withdrawn", "did not become")]
)
def test_referees_hear_yes_or_no_and_nothing_else(circle, house, falls_due, state, word):
    application = make.application(circle, state="offered", language="en")
    make.reference(application, how="worked", words="Careful.")
    Application.objects.filter(pk=application.pk).update(state=state)
    falls_due("referees_thank")
    letter = Letter.objects.get(kind="reference_thanks")
    with house(), acting_as(None):
        mail = KINDS[letter.kind].compose(letter)
    assert word in mail.text
    assert silence.url_for(mail.to) in mail.text
    assert "Careful" not in mail.text + mail.html


@pytest.mark.parametrize("kind", ["asked", "reminder"])
def test_the_request_says_who_and_until_when_and_how_to_hear_no_more(asking, house, kind):
    application = asking(WIM, JANNA)
    reference = Reference.objects.get(application=application, referee__number=1)
    letter = Letter(kind=f"reference_{kind}", link_id=reference.link_id, subject_id=reference.pk)
    with house(), acting_as(None):
        mail = KINDS[letter.kind].compose(letter)
    for whole in (mail.text, mail.html):
        assert "Dirk de Boer" in whole
        assert silence.url_for(WIM["address"]) in whole
        assert f"/reference/open/{links.token_of(reference.link)}/" in whole
    assert TEXTS["brings"] not in mail.text


def test_a_member_of_a_sensitive_circle_reads_no_name_in_the_mail(circle, bram, house):
    Circle.objects.filter(pk=circle.pk).update(sensitivity="sensitive")
    reference = make.reference(make.application(circle, state="referees"), by=bram)
    letter = Letter(kind="reference_asked_member", member_id=bram.pk, subject_id=reference.pk)
    with house(), acting_as(None):
        mail = KINDS[letter.kind].compose(letter)
    everything = mail.subject + mail.text + mail.html
    assert circle.name not in everything
    assert "Applicant" not in everything


def test_erasing_leaves_that_a_member_vouched_and_no_word(
    asking, answers, bram, acting, falls_due
):
    application = asking({**WIM, "address": bram.email}, JANNA)
    answers(application, 1)
    answers(application, 2)
    with acting(None):
        applying.withdraw(application, expected="referees")
    falls_due("application_erase")
    kept = Reference.objects.get(application=application, member_id=bram.pk)
    assert kept.vouches
    rows = [*Reference.objects.values("place", "words", "name", "register_number", "own_case")]
    rows += [*Referee.objects.values("name", "address", "address_key", "relation")]
    assert {value for row in rows for value in row.values()} == {""}
    outside = Reference.objects.exclude(link=None).get()
    assert not outside.link.is_alive
