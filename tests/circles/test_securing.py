"""A circle that demands a second factor: its members are led to set one up, and come back; until
then nothing of it is found anywhere, by any way."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from circles import letters, securing
from circles.models import Circle, Membership
from kring.lib.refused import Refused
from members import factors
from members.letters import Skip
from members.models import AuditEntry, Letter
from questions.at_once import news
from questions.digests.reader import Reader
from questions.models import Answer, Question
from tests import make

pytestmark = pytest.mark.django_db
RIGHTS = ("kring_reads", "kring_writes", "kring_vets", "kring_administers")


@pytest.fixture
def locked(circle, anna):
    """The circle, with a door that asks for a second factor; anna has one."""
    make.passkey(anna)
    circle.demands_second_factor = True
    circle.save()
    return circle


@pytest.fixture
def question(circle, anna):
    made = make.question(circle, by=anna, title="Which splint?")
    make.answer(made, by=anna)
    return made


@pytest.fixture
def page(circle, question):
    return reverse("question_page", args=[circle.public_id, question.public_id])


def rights(*names) -> list:
    with connection.cursor() as cursor:
        return [cursor.execute(f"select {name}()").fetchone()[0] for name in names or RIGHTS]


# --- the database asks ----------------------------------------------------------------------
def test_without_a_factor_no_right_is_left_in_the_circle(locked, vera, anna, acting):
    with acting(vera):
        assert rights() == [[], [], [], []]
    with acting(anna):
        assert rights() == [[locked.pk]] * 4


OPEN = {"kring_knows"}  # one has to do with the circle, and may read its charter
OTHER = {"kring_peers", "kring_peers_judging", "kring_voted"}  # ids of people and applications


def test_whatever_names_circles_by_membership_leaves_a_locked_one_out(locked, vera, acting):
    """Also a function that is written after this test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select proname from pg_proc where proname like 'kring%%' and pronargs = 0 "
            "and prorettype = 'bigint[]'::regtype"
        )
        names = {name for (name,) in cursor.fetchall()} - OPEN - OTHER
    assert set(RIGHTS) < names
    with acting(vera):
        assert rights(*sorted(names)) == [[]] * len(names)


def test_recovery_codes_alone_are_no_factor(locked, bram, acting):
    Authenticator.objects.create(user=bram, type="recovery_codes", data={})
    with acting(bram):
        assert rights("kring_reads") == [[]]


def test_only_the_locked_circle_is_left_out(locked, elsewhere, bram, acting):
    make.membership(elsewhere, bram)
    with acting(bram):
        assert rights("kring_reads", "kring_writes") == [[elsewhere.pk]] * 2


def test_nothing_of_the_circle_is_read_by_sql(locked, question, bram, acting):
    with acting(bram):
        assert not Question.objects.filter(circle_id=locked.pk).exists()
        assert not Answer.objects.exists()
        assert not Membership.objects.exclude(member_id=bram.pk).exists()


def test_a_vote_is_not_changed_behind_a_locked_door(locked, vera, acting):
    application = make.application(locked)
    vote = make.vote(application, by=vera)
    with acting(vera):
        assert not type(vote).objects.filter(pk=vote.pk).update(choice="decline")


def test_an_admin_without_a_factor_cannot_lock_the_door_by_sql_either(circle, anna, acting):
    with acting(anna), pytest.raises(DatabaseError, match="your own"), transaction.atomic():
        Circle.objects.filter(pk=circle.pk).update(demands_second_factor=True)


# --- the act ----------------------------------------------------------------------------------
def test_an_admin_with_a_factor_begins_to_demand_it(circle, anna, bram, vera, eva, acting):
    make.passkey(anna)
    with acting(anna):
        assert securing.demand_factor(circle, True, by=anna)
        assert not securing.demand_factor(circle, True, by=anna)
    told = Letter.objects.filter(kind="factor_demanded").values_list("member_id", flat=True)
    assert set(told) == {bram.pk, vera.pk}
    assert AuditEntry.objects.filter(act="circle.factor_demanded", by_id=anna.pk).count() == 1


def test_an_admin_without_a_factor_is_refused(circle, anna, acting):
    with acting(anna), pytest.raises(Refused, match="First set up"):
        securing.demand_factor(circle, True, by=anna)


def test_whoever_is_no_admin_changes_nothing(circle, bram, acting):
    make.passkey(bram)
    with acting(bram), pytest.raises(PermissionError):
        securing.demand_factor(circle, True, by=bram)


# --- the door leads, and brings back ----------------------------------------------------------
def test_any_page_of_the_circle_leads_to_setting_one_up_and_back(
    locked, question, bram, as_, page
):
    browser = as_(bram)
    for inside in (page, page + "history/", f"/c/{locked.public_id}/ask/?title=x"):
        asked = browser.get(inside)
        assert asked.status_code == 302
        leading = browser.get(asked.url)
        assert b"asks for a second factor" in leading.content
    make.passkey(bram)
    assert browser.get(asked.url).url == f"/c/{locked.public_id}/ask/?title=x"
    assert browser.get(page).status_code == 200


def test_what_was_typed_is_given_back_to_copy(locked, question, bram, as_, page):
    text = "A long answer that somebody typed for half an hour, on a phone."
    reply = as_(bram).post(page + "answers/", {"body": text})
    assert reply.status_code == 403
    assert text in reply.content.decode()
    assert Answer.objects.filter(question=question).count() == 1


def test_a_script_is_led_there_too(locked, question, bram, as_, page):
    host = "http://testserver"
    reply = as_(bram).post(
        f"/c/{locked.public_id}/preview/",
        {"text": "x"},
        headers={"HX-Request": "true", "HX-Current-URL": host + page},
    )
    assert reply["HX-Redirect"].startswith(reverse("circle_factor", args=[locked.public_id]))


def test_an_outsider_hears_nothing_of_a_factor(locked, carla, as_, page):
    assert as_(carla).get(page).status_code == 404
    assert as_(carla).get(reverse("circle_factor", args=[locked.public_id])).status_code == 404


@pytest.mark.parametrize("wanted", ["https://evil.example/", "account_logout", "<x>"])
def test_the_way_back_never_leads_to_another_host(locked, bram, as_, wanted):
    make.passkey(bram)
    door = reverse("circle_factor", args=[locked.public_id])
    reply = as_(bram).get(door, {"next": wanted})
    assert reply.url == reverse("question_list", args=[locked.public_id])


@pytest.mark.parametrize("place", ["home", "circle_list"])
def test_home_and_the_list_name_the_circle_with_one_calm_line(locked, question, bram, as_, place):
    shown = as_(bram).get(reverse(place)).content.decode()
    assert "Hand surgeons" in shown
    assert "asks for a second factor: set one up" in shown
    assert question.title not in shown
    assert f'href="{reverse("question_list", args=[locked.public_id])}"' not in shown


def test_search_and_digest_leave_the_circle_out(locked, question, bram, as_, acting):
    assert question.title not in as_(bram).get("/search/?q=splint").content.decode()
    with acting(bram):
        assert Reader.of(bram).memberships == {}


def test_no_letter_at_once_tells_of_a_thread_behind_a_locked_door(locked, bram, anna, acting):
    own = make.question(locked, by=bram)
    make.answer(own, by=anna)
    letter = Letter(kind="answer", member=bram, circle_id=locked.pk, subject_id=own.pk)
    with acting(bram), pytest.raises(Skip, match="not_member"):
        news.answers(letter, bram)
    make.passkey(bram)
    with acting(bram):
        assert news.answers(letter, bram).question == own


@pytest.fixture
def stuck(circle, anna, vera):
    """An application on which the votes differ, so that an admin decides."""
    application = make.application(circle)
    make.vote(application, by=vera, choice="decline")
    make.vote(application, by=anna)
    return reverse("vetting_page", args=[circle.public_id, application.public_id])


def test_deciding_asks_once_more_who_it_is_voting_does_not(stuck, anna, as_):
    make.passkey(anna)
    browser = as_(anna)
    page = browser.get(stuck).content.decode()
    assert "Show first that it is you" in page
    assert "vetting/" in page
    assert stuck + "vote/" in page
    assert stuck + "decide/" not in page
    asked = browser.post(stuck + "decide/", {"admit": "yes", "sentence": "x"})
    assert asked.url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_whoever_just_signed_in_decides_at_once(stuck, anna, as_):
    browser = as_(anna)  # nothing to show it with: asked for nothing
    assert stuck + "decide/" in browser.get(stuck).content.decode()


# --- the letter -------------------------------------------------------------------------------
@pytest.fixture
def letter(locked, bram):
    return Letter(kind="factor_demanded", member=bram, subject_id=locked.pk)


@pytest.mark.parametrize(("language", "says"), [("en", "stays closed"), ("nl", "blijft de kring")])
def test_the_letter_says_what_to_do(letter, locked, bram, house, language, says):
    bram.language = language
    bram.save()
    with house():
        sent = letters.factor_demanded(letter)
    assert says in sent.text
    assert reverse("circle_factor", args=[locked.public_id]) in sent.html
    assert not mail.outbox


def test_of_a_sensitive_circle_it_says_the_alias(letter, locked, house):
    Circle.objects.filter(pk=locked.pk).update(sensitivity="sensitive", mail_alias="Kring B")
    with house():
        sent = letters.factor_demanded(letter)
    assert "Kring B" in sent.subject
    assert "Hand" not in sent.subject + sent.text + sent.html


def test_whoever_has_a_factor_gets_none(letter, bram, house):
    make.passkey(bram)
    with house(), pytest.raises(Skip):
        letters.factor_demanded(letter)


# --- the page of the admin ----------------------------------------------------------------------
def test_an_admin_sets_the_door(circle, anna, as_):
    make.passkey(anna)
    browser = as_(anna)
    address = reverse("circle_settings", args=[circle.public_id])
    asked = browser.get(address)
    assert asked.url.startswith(reverse("mfa_reauthenticate_webauthn"))
    anna.set_unusable_password()
    Authenticator.objects.all().delete()
    page = browser.get(address).content.decode()
    assert "Set one up first" in page
    refused = browser.post(address, {"demand": "on"})
    assert b"First set up a second factor" in refused.content


def test_nobody_but_an_admin_finds_that_page(circle, vera, bram, as_):
    for person in (vera, bram):
        address = reverse("circle_settings", args=[circle.public_id])
        assert as_(person).get(address).status_code == 404
        assert as_(person).post(address, {"demand": "on"}).status_code == 404


def test_a_member_who_removes_the_last_factor_is_outside_again(locked, bram, acting):
    row = make.passkey(bram)
    with acting(bram):
        assert rights("kring_reads") == [[locked.pk]]
        factors.remove(row, by=bram)
        assert rights("kring_reads") == [[]]


# --- one's own membership is one's own ------------------------------------------------------
def test_without_a_factor_one_s_own_membership_is_there_and_nobody_else_s_name(
    locked, anna, vera, as_
):
    """Own rows are read whatever the membership: else nobody could leave without a factor."""
    mine = Membership.objects.get(circle=locked, member_id=vera.pk)
    make.fact(mine, by=anna, source="BIG register, today")
    page = as_(vera).get(reverse("own_membership", args=[locked.public_id])).content.decode()
    assert "Hand surgeons" in page
    assert "Active" in page
    assert not [word for word in ("Anna", "Bram", "pledge") if word in page]
    renewal = as_(vera).get(reverse("membership_renew", args=[locked.public_id]))
    assert "Anna" not in renewal.content.decode()


def test_without_a_factor_one_leaves_pauses_and_takes_back_one_s_words(locked, vera, as_):
    question = make.question(locked, by=vera, body="Mine.")
    browser = as_(vera)
    browser.post(reverse("words_withdraw", args=[locked.public_id]))
    question.refresh_from_db()
    assert question.body == "Withdrawn by its writer."
    browser.post(reverse("membership_leave", args=[locked.public_id]))
    assert Membership.objects.get(circle=locked, member_id=vera.pk).state == "left"
