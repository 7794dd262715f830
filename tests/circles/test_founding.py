"""A circle begins as a proposal: what a steward reads of it, the one answer, and who hears it."""

import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from circles import access, founding, proposals
from circles.models import Circle, GuideEntry, Membership
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members.letters import KINDS, Skip
from members.models import AuditEntry, Letter, Member
from tests import make
from tests.conftest import role

CHARTER = {
    "name": "Wrist surgeons",
    "language": "en",
    "sensitivity": "normal",
    "profession": "hand surgeons",
    "purpose": "Fewer stiff wrists.",
    "belongs": "Whoever operates on wrists.",
    "pledge": "What is said here stays here.",
}


@pytest.fixture
def proposed(anna, bram):
    """anna and bram propose a circle."""
    return make.proposal(by=[anna, bram])


@pytest.fixture
def file(tmp_path):
    """`file(circle={…})` writes a file that proposes a circle."""

    def write(**parts):
        path = tmp_path / "circle.json"
        path.write_text(json.dumps({"circle": CHARTER, **parts}))
        return path

    return write


def mail(letter: Letter):
    with role("kring_worker"):
        return KINDS[letter.kind].compose(letter)


# --- while it waits -----------------------------------------------------------------------
def test_a_proposed_circle_gives_nobody_a_right(proposed, anna, acting):
    with acting(anna), connection.cursor() as cursor:
        cursor.execute("select kring_reads(), kring_writes(), kring_vets(), kring_administers()")
        assert cursor.fetchone() == ([], [], [], [])


def test_a_proposed_circle_has_no_page_but_its_charter(proposed, anna, as_):
    browser = as_(anna)
    for name in ("question_list", "question_ask", "circle_about", "vetting_desk", "charter_page"):
        assert browser.get(reverse(name, args=[proposed.public_id])).status_code == 404
    page = browser.get(reverse("own_proposal", args=[proposed.public_id])).content.decode()
    assert "Waits for the steward" in page
    assert "Bram de Vries" in page


def test_a_proposed_circle_cannot_be_listed(proposed):
    with pytest.raises(DatabaseError, match="a_listed_circle_is_confirmed"), transaction.atomic():
        Circle.objects.filter(pk=proposed.pk).update(listed=True)


def test_proposers_find_it_among_their_circles(proposed, anna, as_):
    page = as_(anna).get(reverse("circle_list")).content.decode()
    assert "waits for the steward" in page
    assert "You are in no circle yet" not in page


# --- the steward --------------------------------------------------------------------------
def test_a_steward_reads_the_charter_and_who_proposes_it(circle, proposed, sam, as_):
    page = as_(sam).get(reverse("steward_proposal", args=[proposed.public_id])).content.decode()
    assert proposed.purpose in page
    assert "Anna de Vries" in page


def test_with_the_answer_a_circle_is_out_of_sight(circle, proposed, sam, acting):
    with acting(sam):
        assert [one.pk for one in access.proposals_for(sam)] == [proposed.pk]
        founding.confirm(proposed.public_id, by=sam)
        assert not Circle.objects.exists()
        assert not Membership.objects.exists()


def test_a_confirmed_circle_opens_for_who_proposed_it(proposed, sam, anna, acting, as_):
    Circle.objects.update(list_when_confirmed=True)
    with acting(sam):
        founding.confirm(proposed.public_id, by=sam)
    assert as_(anna).get(reverse("question_list", args=[proposed.public_id])).status_code == 200
    assert GuideEntry.objects.filter(pk=proposed.pk).exists()
    line = AuditEntry.objects.get(act="circle.confirmed")
    assert (line.by_id, line.circle_id) == (sam.pk, proposed.pk)


def test_those_who_proposed_it_are_told(proposed, sam, anna, acting):
    with acting(sam):
        founding.confirm(proposed.public_id, by=sam)
    letters = Letter.objects.filter(kind="circle_confirmed")
    assert {letter.member_id for letter in letters} == set(
        proposed.memberships.values_list("member_id", flat=True)
    )
    told = mail(letters.get(member=anna))
    assert told.subject == "Kring: Wrist surgeons is open"
    assert reverse("question_list", args=[proposed.public_id]) in told.text


def test_a_no_has_a_reason_that_its_proposers_read(proposed, sam, anna, acting, as_):
    with acting(sam), pytest.raises(Refused, match="at least 20"):
        founding.decline(proposed.public_id, by=sam, why="No.")
    with acting(sam):
        founding.decline(proposed.public_id, by=sam, why="There is such a circle already.")
    letter = Letter.objects.get(kind="circle_declined", member=anna)
    assert "There is such a circle already." in mail(letter).text
    page = as_(anna).get(reverse("own_proposal", args=[proposed.public_id])).content.decode()
    assert "There is such a circle already." in page


def test_of_a_sensitive_circle_the_mail_says_its_alias_only(anna, bram, sam, acting):
    secret = make.proposal("Addicted doctors", by=[anna, bram], sensitivity="sensitive")
    with acting(sam):
        founding.decline(secret.public_id, by=sam, why="Too much like another circle.")
    told = mail(Letter.objects.get(kind="circle_declined", member=anna))
    assert not {"Addicted", "another circle"} & set(told.text.split())
    assert "Too much" not in told.text + told.html
    assert "Kring A" in told.text


def test_the_second_steward_reads_who_was_first(proposed, sam, acting, as_):
    with acting(sam):
        founding.confirm(proposed.public_id, by=sam)
    second = make.member("sofie", is_steward=True)
    address = reverse("steward_decline", args=[proposed.public_id])
    why = "It looks like the one in Ghent."
    page = as_(second).post(address, {"why": why}, follow=True).content.decode()
    assert "Already confirmed by Sam de Vries at" in page
    assert not Letter.objects.filter(kind="circle_declined").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_stewards_at_once_one_is_refused(proposed, sam):
    second = make.member("sofie", is_steward=True)
    said = []

    def answer(steward):
        try:
            with connection.cursor() as cursor:
                cursor.execute("set role kring_web")
            with acting_as(steward.pk):
                founding.confirm(proposed.public_id, by=steward)
            said.append("done")
        except Refused as refused:
            said.append(refused.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[one]) for one in (sam, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in said if one == "done"]) == 1
    assert Letter.objects.filter(kind="circle_confirmed").count() == 2


def test_nobody_else_answers_a_proposal(proposed, anna, acting):
    with acting(anna), pytest.raises(DatabaseError, match="only a steward"):
        founding.confirm(proposed.public_id, by=anna)


def test_a_letter_that_comes_too_late_is_not_sent(proposed, anna):
    letter = Letter.objects.create(
        kind="circle_confirmed", member=anna, circle_id=proposed.pk, subject_id=proposed.pk
    )
    with pytest.raises(Skip, match="not confirmed"):
        mail(letter)


def test_a_bad_reason_stays_in_the_field(proposed, sam, as_):
    address = reverse("steward_decline", args=[proposed.public_id])
    page = as_(sam).post(address, {"why": "Not now."}).content.decode()
    assert "at least 20 characters" in page
    assert "Not now.</textarea>" in page


# --- from a file --------------------------------------------------------------------------
def test_a_file_becomes_a_proposal_with_its_leaders(file, anna, db):
    form = [{"name": "Side", "kind": "choice", "choices": ["left", "right"]}]
    admins = ["anna@example.org", "Noor Haddad <noor@example.org>"]
    call_command("propose_circle", file(parameters=form), admin=admins)
    circle = Circle.objects.get(name="Wrist surgeons")
    assert circle.confirmed_at is None
    assert circle.parameters.get().choices == ["left", "right"]
    assert set(circle.memberships.values_list("member__name", "role")) == {
        ("Anna de Vries", "admin"),
        ("Noor Haddad", "admin"),
    }
    letter = Letter.objects.get(kind="password_reset")
    assert letter.member.email == "noor@example.org"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"name": ""}, "circle.name: give a text"),
        ({"name": "x" * 81}, "circle.name: this is 81 characters, and 80 is the most"),
        ({"size_cap": 2}, "circle.size_cap: give a whole number from 3 to 150"),
        ({"size_cap": True}, "circle.size_cap"),
        ({"language": "fr"}, "circle.language: give one of nl, en"),
        ({"cost_lines": [{"label": "Hall"}]}, '"cents" is a whole number'),
        ({"commitment": ["always"]}, "circle.commitment: give a list of lines"),
        ({"confirmed_at": "now"}, "circle.confirmed_at: there is no such field"),
        ({"hours_per_month": "two"}, "circle.hours_per_month"),
        ({"pledge": "a\x00b"}, "no page can show"),
    ],
)
def test_what_is_not_right_is_said_of_its_field(file, part, said):
    found = proposals.read(file(circle={**CHARTER, **part}))
    assert any(said in words for words in found.wrong), found.wrong


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"name": "Side"}, "kind: give one of"),
        ({"name": "Side", "kind": "choice"}, "choices: give a list"),
        ({"name": "Age", "kind": "number", "minimum": 9, "maximum": 1}, "the smaller one first"),
        ("Side", "give its name and kind"),
        ({"name": "Side", "kind": "text", "colour": "red"}, "no such field as colour"),
    ],
)
def test_what_is_not_right_in_the_question_form_is_said_too(file, row, said):
    found = proposals.read(file(parameters=[row]))
    assert "parameters, number 1" in found.wrong[0]
    assert said in found.wrong[0]


def test_the_demo_files_are_proposals():
    from kring.demo.loading import FOLDER

    for name in ("hands", "shoulder", "ai"):
        assert proposals.read(FOLDER / name / "circle.json").wrong == []


@pytest.mark.parametrize(
    ("admins", "said"),
    [
        (["anna@example.org"], "two people or more"),
        (["anna@example.org", "Anna <ANNA@example.org>"], "two people or more"),
        (["anna@example.org", "nobody@example.org"], "their name is needed"),
        (["anna@example.org", "sam@example.org"], "is a steward"),
        (["anna@example.org", "X <not an address>"], "no email address"),
    ],
)
def test_who_cannot_propose_is_said(file, anna, sam, admins, said):
    with pytest.raises(CommandError, match=said):
        call_command("propose_circle", file(), admin=admins)
    assert not Circle.objects.exists()
    assert Member.objects.count() == 2
