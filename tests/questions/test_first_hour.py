"""The first hour of a new circle: every step is true before it is done, and it ends for good."""

import pytest
from django.urls import reverse

from circles import founding
from circles.models import FirstHour
from kring.lib.refused import Refused
from members.models import Member
from questions import first_hour
from tests import make


@pytest.fixture
def new(anna, bram):
    """anna and bram lead a new circle."""
    made = make.circle("New", admin=anna)
    make.membership(made, bram, role="admin")
    make.parameter(made, "Age", kind="number", unit="years")
    make.first_hour(made)
    return made


def page(name: str, circle) -> str:
    return reverse(name, args=[circle.public_id])


def hour(circle, member, acting) -> list[str]:
    with acting(member):
        membership = circle.memberships.get(member_id=member.pk)
        return [step.name for step in first_hour.hour_of(membership).done]


def test_it_begins_with_the_confirmation(circle, anna, bram, sam, acting, as_):
    proposed = make.proposal(by=[anna, bram])
    with acting(sam):
        founding.confirm(proposed.public_id, by=sam)
    assert FirstHour.objects.get().step == "begun"
    assert "first hour" in as_(anna).get(page("question_list", proposed)).content.decode()


def test_a_circle_is_not_confirmed_while_one_person_leads_it(anna, bram, sam, acting):
    proposed = make.proposal(by=[anna, bram])
    Member.objects.filter(pk=bram.pk).update(is_active=False)
    with acting(sam), pytest.raises(Refused, match="one is left"):
        founding.confirm(proposed.public_id, by=sam)


def test_what_one_admin_says_is_done_for_both(new, anna, bram, acting, as_):
    as_(anna).post(page("first_hour_page", new), {"step": "charter"})
    as_(bram).post(page("first_hour_page", new), {"step": "charter"})
    assert hour(new, bram, acting) == ["charter"]
    assert "Anna de Vries" in as_(bram).get(page("first_hour_page", new)).content.decode()


def test_the_form_is_tried_and_nothing_is_kept(new, anna, acting, as_):
    parameter = new.parameters.get()
    told = as_(anna).post(page("first_hour_form", new), {f"p{parameter.pk}": "many"})
    assert "Enter a number" in told.content.decode()
    assert hour(new, anna, acting) == []
    told = as_(anna).post(page("first_hour_form", new), {f"p{parameter.pk}": "41"})
    assert "41 years" in told.content.decode()
    assert hour(new, anna, acting) == ["form"]


def test_a_question_an_invitation_and_a_changed_rule_are_seen(new, anna, acting):
    make.question(new, by=anna)
    make.invitation(new, by=anna)
    assert hour(new, anna, acting) == ["question", "people"]


def test_nobody_says_by_hand_what_can_be_seen(new, anna, acting, as_):
    answer = as_(anna).post(page("first_hour_page", new), {"step": "question"})
    assert answer.status_code == 404
    assert hour(new, anna, acting) == []


def test_done_or_closed_it_is_gone_for_good(new, anna, bram, as_):
    as_(anna).post(page("first_hour_page", new), {"step": "closed"})
    assert as_(bram).get(page("first_hour_page", new)).status_code == 404
    assert "first hour" not in as_(bram).get(page("question_list", new)).content.decode()


def test_a_member_sees_nothing_of_it(new, carla, as_):
    make.membership(new, carla)
    assert as_(carla).get(page("first_hour_page", new)).status_code == 404
    assert "first hour" not in as_(carla).get(page("question_list", new)).content.decode()
