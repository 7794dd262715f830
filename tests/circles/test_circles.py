import pytest
from django.urls import reverse

from tests import make


def test_my_circles_are_mine_only(as_, bram, circle, elsewhere):
    text = as_(bram).get(reverse("circle_list")).content.decode()
    assert circle.name in text
    assert elsewhere.name not in text


def test_members_read_the_charter_and_are_led_to_the_members(as_, bram, circle):
    text = as_(bram).get(reverse("circle_about", args=[circle.public_id])).content.decode()
    assert circle.belongs in text
    assert text.count(reverse("member_list", args=[circle.public_id])) == 2


@pytest.mark.parametrize("name", ["carla", "dirk", "eva"])
def test_others_find_no_circle(name, request, as_, circle):
    person = request.getfixturevalue(name)
    assert as_(person).get(reverse("circle_about", args=[circle.public_id])).status_code == 404


def test_the_tab_of_the_desk_is_for_vetters(as_, bram, vera, circle):
    about, desk = (
        reverse(name, args=[circle.public_id]) for name in ("circle_about", "vetting_desk")
    )
    assert desk in as_(vera).get(about).content.decode()
    assert desk not in as_(bram).get(about).content.decode()


def test_the_page_of_a_circle_costs_the_same_for_many_members(as_, anna, circle, queries):
    browser, address = as_(anna), reverse("circle_about", args=[circle.public_id])
    few = queries(lambda: browser.get(address))
    for number in range(20):
        make.membership(circle, make.member(f"m{number}"))
    assert queries(lambda: browser.get(address)) == few <= 12
