"""Proposing a circle: starting points, one's own words, co-founders, and laying it before a steward."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation

from circles import founding, proposals
from circles.models import Circle, Cofounder, Founding, Membership, Parameter
from circles.proposing import cofounders, doors, drafts, starting_points
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import due, links, silence
from members.letters import KINDS, Skip
from members.models import Letter, Member
from tests import make
from tests.conftest import role

PAGE = reverse("founding_page")


def mail(letter: Letter):
    with role("kring_worker"):
        return KINDS[letter.kind].compose(letter)


@pytest.fixture
def writing(circle, anna):
    """anna, who leads a circle, writes a proposal; every step but the people is done."""
    return make.founding(anna)


@pytest.fixture
def sound(writing):
    assert drafts.faults_of(writing) == []
    return writing


# --- what it begins with ------------------------------------------------------------------
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", starting_points.NAMES)
def test_a_starting_point_can_be_proposed_once_it_is_named(name, language):
    point = starting_points.start(name, language)
    own = {name: "Ours" for name, value in point.charter.items() if value == ""}
    told = {"circle": {**point.charter, **own}, "parameters": point.parameters}
    assert proposals.look_at(told).wrong == []
    assert point.charter["language"] == language


def test_both_languages_of_a_starting_point_ask_for_the_same():
    for name in starting_points.NAMES:
        nl, en = (starting_points.start(name, code).parameters for code in ("nl", "en"))
        assert [row["kind"] for row in nl] == [row["kind"] for row in en]


def test_a_member_begins_from_a_starting_point(circle, bram, as_):
    browser = as_(bram)
    answer = browser.post(PAGE, {"start": "notary", "text_language": "nl"})
    assert answer.url == reverse("founding_charter")
    page = browser.get(answer.url).content.decode()
    assert "Akten die ook over dertig jaar" in page
    assert Founding.objects.get().lead_id == bram.pk


def test_somebody_in_no_circle_begins_none(circle, dirk, acting, as_):
    with acting(dirk), pytest.raises(Refused, match="active member"):
        drafts.begin("general", "en", by=dirk)
    assert "active member" in as_(dirk).get(PAGE).content.decode()


def test_a_steward_proposes_nothing(sam, as_):
    assert as_(sam).get(PAGE).status_code == 404


# --- one's own words ----------------------------------------------------------------------
def test_choosing_another_asks_what_of_ones_own_words(writing, anna, as_):
    page = as_(anna).post(PAGE, {"start": "club", "text_language": "en"}).content.decode()
    assert "Name of the circle" in page
    writing.refresh_from_db()
    assert writing.start == "teacher"


def test_kept_words_stay_and_the_rest_is_filled(writing, anna, acting):
    with acting(anna):
        drafts.write(writing, "charter", by=anna, charter={"purpose": "Mine."})
        drafts.choose(writing, "club", "en", keep=True, by=anna)
    writing.refresh_from_db()
    assert (writing.charter["name"], writing.charter["purpose"]) == (
        "Teachers of the north",
        "Mine.",
    )
    assert writing.parameters[0]["name"] == "Kind of club"


def test_replaced_words_can_be_put_back(writing, anna, acting):
    with acting(anna):
        drafts.write(writing, "charter", by=anna, charter={"purpose": "Mine."})
        drafts.choose(writing, "club", "en", keep=False, by=anna)
        assert writing.charter["purpose"] != "Mine."
        drafts.put_back(writing, by=anna)
    writing.refresh_from_db()
    assert (writing.start, writing.charter["purpose"]) == ("teacher", "Mine.")


# --- writing ------------------------------------------------------------------------------
def charter_of(page: str) -> dict:
    """What a browser would send of the fields on a page, as they stand."""
    found = dict(re.findall(r'<input type="\w+" name="([\w-]+)"(?: value="([^"]*)")?', page))
    found |= dict(re.findall(r'<textarea name="([\w-]+)"[^>]*>\s*([^<]*)</textarea>', page))
    return found


def test_bad_input_keeps_the_text_and_says_what_is_wrong(writing, anna, as_):
    browser = as_(anna)
    page = browser.get(reverse("founding_charter")).content.decode()
    typed = {**charter_of(page), "purpose": "Ours now.", "name": "", "sensitivity": "normal"}
    typed |= {"hours_per_month": "many", "term_months": "99"}
    page = browser.post(reverse("founding_charter"), typed).content.decode()
    assert "Give the circle a name." in page
    assert "Enter a number from 0 to 200." in page
    assert "Enter a number from 1 to 60." in page
    writing.refresh_from_db()
    assert writing.charter["purpose"] == "Ours now."
    assert "charter" not in writing.seen


def parameter(place: int, **facts) -> dict:
    facts = {"name": f"P{place}", "kind": "text", "choices": "", "unit": "", "help": "", **facts}
    return {f"n{place}-{name}": value for name, value in facts.items()}


def test_a_parameter_moves_up_without_losing_what_was_typed(writing, anna, as_):
    typed = parameter(1, name="First") | parameter(2, name="Second", minimum="bad")
    as_(anna).post(reverse("founding_form"), {**typed, "up": "2"})
    writing.refresh_from_db()
    assert [row["name"] for row in writing.parameters] == ["Second", "First"]
    assert writing.parameters[0]["minimum"] == "bad"


def test_a_list_needs_two_to_choose_from(writing, anna, as_):
    typed = parameter(1, kind="choice", choices="only one")
    page = as_(anna).post(reverse("founding_form"), typed).content.decode()
    assert "Give two to twenty" in page
    assert "only one" in page


def test_a_parameter_is_added_and_taken_away(writing, anna, as_):
    browser = as_(anna)
    browser.post(reverse("founding_form"), {**parameter(1), "add": "1"})
    writing.refresh_from_db()
    assert len(writing.parameters) == 2
    browser.post(reverse("founding_form"), {**parameter(1), **parameter(2), "remove": "1"})
    writing.refresh_from_db()
    assert [row["name"] for row in writing.parameters] == ["P2"]


def test_nobody_else_reads_a_proposal_in_the_making(writing, bram, sam, acting):
    for other in (bram, sam):
        with acting(other):
            assert not Founding.objects.exists()


# --- co-founders --------------------------------------------------------------------------
def test_known_and_unknown_addresses_are_asked_alike(sound, anna, carla, acting, as_):
    told = []
    for address in (carla.email, "nobody@example.org"):
        typed = {"name": "Dr X", "address": address}
        answer = as_(anna).post(reverse("founding_people"), typed, follow=True)
        told.append(re.sub(r"csrf\S+ value=\S+", "", answer.content.decode()))
        with acting(anna):
            row = Cofounder.objects.get(state="asked")
            cofounders.take_back(row, by=anna)
    assert re.sub(r"[\w-]{10}", "", told[0]) == re.sub(r"[\w-]{10}", "", told[1])
    assert Letter.objects.filter(kind="cofounder_asked").count() == 2


def test_the_letter_names_who_asks_and_nothing_of_a_sensitive_circle(sound, anna, acting):
    Founding.objects.update(charter={**sound.charter, "sensitivity": "sensitive"})
    with acting(anna):
        cofounders.ask(sound, by=anna, name="Dr X", address="x@example.org")
    told = mail(Letter.objects.get(kind="cofounder_asked"))
    assert told.to == "x@example.org"
    assert "Anna de Vries" in told.text
    assert sound.charter["name"] not in told.text + told.html + told.subject
    assert silence.url_for("x@example.org") in told.text


def test_whoever_wants_no_letters_is_not_asked(sound, anna, acting):
    with acting(anna):
        silence.ask(silence.key_of("x@example.org"))
        with pytest.raises(Refused, match="never to be written"):
            cofounders.ask(sound, by=anna, name="Dr X", address="X+a@example.org")


def test_three_are_asked_at_once_and_not_oneself(sound, anna, acting):
    with acting(anna):
        with pytest.raises(Refused, match="your own address"):
            cofounders.ask(sound, by=anna, name="Me", address=anna.email.upper())
        for number in range(3):
            cofounders.ask(sound, by=anna, name="Dr X", address=f"x{number}@example.org")
        with pytest.raises(Refused, match="Three besides you"):
            cofounders.ask(sound, by=anna, name="Dr X", address="x3@example.org")


def test_only_companions_are_asked_by_name(sound, anna, bram, dirk, acting):
    with acting(anna):
        assert [one.member_id for one in doors.companions_of(anna)].count(bram.pk) == 1
        cofounders.ask(sound, by=anna, member_id=bram.pk)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cofounders.ask(sound, by=anna, member_id=dirk.pk)


def test_a_stranger_agrees_with_the_link_and_gets_an_account(sound, anna, client):
    row = make.cofounder(sound, address="new@example.org")
    page = client.get(reverse("cofounder_open", args=[links.token_of(row.link)]), follow=True)
    assert sound.charter["purpose"] in page.content.decode()
    typed = {"yes": "1", "name": "Nel New", "title": "teacher", "charter": "on"}
    typed["password"] = "a sentence of my own"
    client.post(reverse("cofounder_page"), typed)
    row.refresh_from_db()
    made = Member.objects.get(email="new@example.org")
    assert (row.state, row.member_id, made.profile.name) == ("agreed", made.pk, "Nel New")
    told = mail(Letter.objects.get(kind="cofounder_answered"))
    assert told.to == anna.email
    assert "Nel New" in told.text


def test_opening_the_link_answers_nothing(sound, client, unchanged):
    row = make.cofounder(sound)
    with unchanged():
        client.get(reverse("cofounder_open", args=[links.token_of(row.link)]), follow=True)
    assert Cofounder.objects.get().state == "asked"


def test_an_address_with_an_account_signs_in_first(sound, carla, client, acting):
    row = make.cofounder(sound, address=carla.email)
    client.get(reverse("cofounder_open", args=[links.token_of(row.link)]))
    english = {"headers": {"accept-language": "en"}}
    page = client.get(reverse("cofounder_page"), **english).content.decode()
    assert "This address has an account" in page
    with (
        translation.override("en"),
        pytest.raises(Refused, match="Sign in first"),
        role("kring_web"),
    ):
        cofounders.agree(row, by=None, password="a sentence of my own")
    with acting(carla):
        assert cofounders.agree(row, by=carla).pk == carla.pk


def test_nobody_answers_for_another(sound, bram, carla, acting):
    named, linked = make.cofounder(sound, bram), make.cofounder(sound)
    for row in (named, linked):
        with (
            acting(carla),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="nobody asked"),
            transaction.atomic(),
        ):
            cursor.execute("select kring_answer_founding(%s, true, '', '', '')", [row.pk])


def test_a_no_tells_the_lead_and_asks_no_reason(sound, anna, bram, as_):
    row = make.cofounder(sound, bram)
    page = as_(bram).post(
        reverse("cofounder_asked", args=[row.public_id]), {"no": "1"}, follow=True
    )
    assert "You said no" in page.content.decode()
    assert "does not join in" in mail(Letter.objects.get(kind="cofounder_answered")).text


def test_whoever_agreed_agreed_to_this_text(sound, anna, bram, acting):
    row = make.cofounder(sound, bram)
    with acting(bram):
        cofounders.agree(row, by=bram)
    with acting(anna):
        with pytest.raises(Refused, match="agreed to this text"):
            drafts.write(sound, "charter", by=anna, charter={"purpose": "Other."})
        drafts.open_again(sound, by=anna)
        drafts.write(sound, "charter", by=anna, charter={"purpose": "Other."})
    row.refresh_from_db()
    assert (row.state, row.asks) == ("asked", 1)
    assert "changed after you agreed" in mail(Letter.objects.get(seq=1)).text


def test_a_letter_of_a_dropped_proposal_is_not_sent(sound, anna, bram, acting):
    with acting(anna):
        cofounders.ask(sound, by=anna, member_id=bram.pk)
        drafts.drop(sound, by=anna)
    with pytest.raises(Skip):
        mail(Letter.objects.get(kind="cofounder_asked_member"))


def test_what_is_known_of_whoever_was_asked_is_erased(sound, house):
    row = make.cofounder(sound, name="Dr X", address="x@example.org")
    with house():
        due.set_timer("cofounder_erase", row.pk, row.asked_at)
        due.run_due()
    row.refresh_from_db()
    assert (row.name, row.address, row.state) == ("", "", "dropped")
    with acting_with(row.link_id):
        assert links.alive("cofounder", links.token_of(row.link)) is None


# --- before the steward -------------------------------------------------------------------
def test_one_yes_and_it_lies_before_the_steward(sound, anna, bram, sam, acting, as_):
    asked = make.cofounder(sound, bram)
    with acting(bram):
        cofounders.agree(asked, by=bram)
    as_(anna).post(reverse("founding_review"))
    circle = Circle.objects.get(confirmed_at=None)
    assert {row.member_id for row in Membership.objects.filter(circle=circle)} == {
        anna.pk,
        bram.pk,
    }
    page = as_(sam).get(reverse("steward_proposal", args=[circle.public_id])).content.decode()
    assert sound.parameters[0]["name"] in page
    assert "Bram de Vries" in page
    with acting(sam):
        founding.confirm(circle.public_id, by=sam)
    assert Letter.objects.filter(kind="circle_confirmed").count() == 2
    assert Parameter.objects.filter(circle=circle).count() == len(sound.parameters)


def test_without_a_yes_nothing_is_proposed(sound, anna, bram, acting):
    make.cofounder(sound, bram)
    with acting(anna), pytest.raises(Refused, match="Two people lead"):
        drafts.propose(sound, by=anna)
    assert not Circle.objects.filter(confirmed_at=None).exists()


def test_a_draft_that_is_not_right_is_not_proposed(sound, anna, bram, acting):
    with acting(anna):
        drafts.write(sound, "charter", by=anna, charter={"name": ""})
        with pytest.raises(Refused, match="not right yet"):
            drafts.propose(sound, by=anna)


def test_what_was_proposed_is_not_proposed_twice(sound, anna, bram, acting):
    asked = make.cofounder(sound, bram)
    with acting(bram):
        cofounders.agree(asked, by=bram)
    with acting(anna):
        drafts.propose(sound, by=anna)
        with pytest.raises(Refused, match="meanwhile"):
            drafts.propose(sound, by=anna)


def test_a_closed_account_leaves_no_proposal(sound, anna):
    make.cofounder(sound, name="Dr X", address="x@example.org")
    Member.objects.filter(pk=anna.pk).update(is_active=False)
    sound.refresh_from_db()
    assert (sound.state, sound.charter) == ("dropped", {})
    assert Cofounder.objects.get().address == ""
