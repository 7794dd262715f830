"""The objection period: what members see, what admins read, what follows."""

import pytest
from django.db import DatabaseError, ProgrammingError
from django.urls import reverse

from circles import objecting
from circles.models import Application, Membership, Objection
from kring.lib.refused import Refused
from members.models import AuditEntry
from tests import make

RULES = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 7}


@pytest.fixture
def application(circle):
    return make.application(
        circle,
        state="objection",
        name="Theo Veldkamp",
        profession="hand surgeon in Groningen",
        policy=RULES,
    )


@pytest.fixture
def objects(acting, circle):
    def go(person, words="He left us over a complaint."):
        with acting(person):
            membership = Membership.objects.get(circle=circle, member_id=person.pk)
            newcomer = objecting.newcomers(membership)[0]
            objecting.object_to(newcomer, membership, by=person, words=words)

    return go


@pytest.fixture
def settles(acting):
    def go(person, application, uphold):
        with acting(person):
            objection = Objection.objects.filter(application=application).latest("id")
            seen = Application.objects.get(pk=application.pk)
            objecting.settle(objection, seen, by=person, uphold=uphold, note="We spoke about it.")

    return go


def state_of(application) -> str:
    return Application.objects.get(pk=application.pk).state


def test_members_see_name_profession_and_who_vouches(circle, application, bram, vera, as_):
    make.endorsement(application, by=vera)
    text = as_(bram).get(reverse("newcomer_list", args=[circle.public_id])).content.decode()
    assert "Theo Veldkamp" in text
    assert "hand surgeon in Groningen" in text
    assert "Vera de Vries" in text
    assert application.email not in text
    assert application.brings not in text


def test_members_see_nobody_in_another_state_or_circle(circle, elsewhere, bram, carla, acting):
    make.application(circle, state="review", policy=RULES)
    make.application(elsewhere, state="objection", policy=RULES)
    with acting(bram):
        membership = Membership.objects.get(circle=circle, member_id=bram.pk)
        assert objecting.newcomers(membership) == []


def test_v1_a_member_cannot_read_the_application_itself(application, bram, acting):
    with acting(bram):
        assert not Application.objects.filter(pk=application.pk).exists()


def test_an_objection_is_for_admins_only(application, bram, anna, vera, dirk, objects, acting):
    objects(bram)
    with acting(anna):
        assert Objection.objects.get().words == "He left us over a complaint."
    for person in (vera, dirk):
        with acting(person):
            assert not Objection.objects.exists()
    assert AuditEntry.objects.get(act="application.objected").by_id is None


def test_an_admin_who_vouches_does_not_read_it(application, bram, anna, objects, acting):
    make.endorsement(application, by=anna)
    objects(bram)
    with acting(anna):
        assert not Objection.objects.exists()


def test_upheld_it_goes_back_and_the_votes_are_cast_anew(
    application, anna, vera, bram, objects, settles, votes, letters_of
):
    for voter in (anna, vera):
        make.vote(application, by=voter)
    objects(bram)
    settles(anna, application, uphold=True)
    found = Application.objects.get(pk=application.pk)
    assert found.state == "review"
    assert (found.decide_before - found.review_since).days == 14
    assert letters_of(application) == ["application_delayed"]
    votes(application, vera)
    assert state_of(application) == "review"  # anna's earlier vote counts no more
    votes(application, anna)
    assert state_of(application) == "objection"


def test_without_an_open_objection_the_period_ends_in_an_offer(
    circle, anna, vera, bram, votes, objects, settles, falls_due
):
    application = make.application(circle, policy=RULES)
    votes(application, anna)
    votes(application, vera)
    objects(bram)
    falls_due("application_objection_over")
    assert state_of(application) == "objection"  # it lies open: people settle it
    settles(anna, application, uphold=False)
    falls_due("application_objection_over")
    assert state_of(application) == "offered"


def test_a_second_period_ends_by_its_own_timer(
    circle, anna, vera, bram, votes, objects, settles, falls_due
):
    application = make.application(circle, policy=RULES)
    for _round in range(2):
        votes(application, anna)
        votes(application, vera)
        if _round == 0:
            objects(bram)
            settles(anna, application, uphold=True)
    falls_due("application_objection_over")
    assert state_of(application) == "offered"


def test_one_objection_at_a_time(application, bram, objects):
    objects(bram)
    with pytest.raises(Refused, match="already"):
        objects(bram, "And another thing.")


def test_an_objection_is_settled_once(application, bram, anna, objects, settles, acting):
    objects(bram)
    settles(anna, application, uphold=False)
    with pytest.raises(Refused, match="before you"):
        settles(anna, application, uphold=True)
    with pytest.raises(DatabaseError, match="settled once"), acting(anna):
        Objection.objects.update(outcome="upheld", settled_by_id=anna.pk)


def test_nobody_sends_it_back_without_an_objection(application, anna, acting):
    with pytest.raises(DatabaseError, match="only an objection"), acting(anna):
        Application.objects.filter(pk=application.pk).update(state="review")


def test_the_applicant_who_is_a_member_does_not_object_to_themselves(circle, bram, acting):
    own = make.application(circle, state="objection", policy=RULES, email=bram.email)
    with pytest.raises(ProgrammingError, match="row-level"), acting(bram):
        Objection.objects.create(circle=circle, application=own, by_id=bram.pk, words="Me.")


# --- pages --------------------------------------------------------------------------------
def test_a_member_tells_the_admins_and_an_admin_settles(circle, application, bram, anna, as_):
    page = reverse("newcomer_object", args=[circle.public_id, application.public_id])
    empty = as_(bram).post(page, {"words": ""}).content.decode()
    assert "Say what the admins should know." in empty
    sent = as_(bram).post(page, {"words": "He left us over a complaint."}, follow=True)
    assert "Your objection is with the admins, and with nobody else." in sent.content.decode()
    desk = reverse("vetting_page", args=[circle.public_id, application.public_id])
    assert "He left us over a complaint." in as_(anna).get(desk).content.decode()
    objection = Objection.objects.get()
    settle = reverse(
        "vetting_settle",
        args=[circle.public_id, application.public_id, objection.public_id],
    )
    unsaid = as_(anna).post(settle, {"outcome": "upheld"}).content.decode()
    assert "Write down why." in unsaid
    as_(anna).post(settle, {"outcome": "upheld", "note": "We look once more."})
    assert state_of(application) == "review"


def test_nobody_in_the_period_is_an_empty_page(circle, bram, as_):
    text = as_(bram).get(reverse("newcomer_list", args=[circle.public_id])).content.decode()
    assert "Nobody is in the objection period" in text
