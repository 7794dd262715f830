from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from circles.models import Step
from tests import make


def page(client, **asked) -> str:
    return client.get(reverse("guide_page"), asked, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_guide_shows_listed_circles_by_name(client, circle, elsewhere):
    text = page(client)
    assert text.index(circle.name) < text.index(elsewhere.name)
    assert "2 of 2 circles" in text


def test_the_guide_finds_by_name_profession_or_purpose(client, circle, anna):
    make.circle("Notaries", admin=anna, profession="notaries", purpose="No lawsuit.")
    assert "Notaries" not in page(client, q="HAND twice")
    assert circle.name in page(client, q="HAND twice")
    assert "Notaries" in page(client, q="lawsuit")


def test_the_guide_finds_free_seats(client, circle, anna):
    make.circle("Crowded", admin=anna, members=[make.member(n) for n in "xy"], size_cap=3)
    assert "Crowded" not in page(client, seats="free")
    full = page(client, seats="full")
    assert "Crowded" in full
    assert circle.name not in full


def test_what_the_guide_does_not_know_it_leaves_out(client, circle):
    assert circle.name in page(client, seats="nonsense", q="\x00")


def test_nothing_found_is_said(client, circle):
    assert "No circle fits that" in page(client, q="plumbers")


def test_the_guide_names_no_members(client, circle, anna):
    text = page(client) + client.get(f"/guide/{circle.public_id}/").content.decode()
    assert "Anna" not in text


def test_htmx_gets_the_part_only(client, circle):
    answer = client.get(reverse("guide_page"), headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="guide">')
    assert "HX-Request" in answer["Vary"]


def test_the_guide_is_bounded(client, db):
    for number in range(101):
        make.circle(f"Circle {number:03}")
    text = page(client)
    assert text.count('class="title"') == 100
    assert "There are more" in text


def test_the_guide_costs_the_same_whatever_it_shows(client, circle, queries):
    few = queries(lambda: page(client))
    for number in range(20):
        make.circle(f"Circle {number:03}")
    assert queries(lambda: page(client)) == few


def test_the_guide_filters_by_profession_and_language(client, circle, anna):
    make.circle("Notaries", admin=anna, profession="notaries", language="nl")
    assert "Notaries" not in page(client, profession="hand surgeons")
    assert circle.name not in page(client, language="nl")
    assert "Notaries" in page(client, language="nl", profession="notaries")


def decided(circle, days: int):
    now = timezone.now()
    application = make.application(
        circle,
        state="declined",
        decline_code="other",
        decline_text="x",
        submitted_at=now - timedelta(days=days),
    )
    facts = {"circle": circle, "application": application, "at": now}
    Step.objects.create(**facts, old="review", new="declined")


def test_how_long_a_decision_takes_is_told_after_five(client, circle):
    for days in (2, 4, 6, 30):
        decided(circle, days)
    assert "decides in" not in page(client)
    decided(circle, 9)
    assert "decides in 6 days" in page(client)


def compare(client, *circles) -> str:
    asked = {"circle": [circle.public_id for circle in circles]}
    address = reverse("guide_compare")
    return client.get(address, asked, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_two_circles_stand_side_by_side(client, circle, elsewhere):
    text = compare(client, circle, elsewhere)
    assert text.index('columnheader">Hand surgeons') < text.index('columnheader">Keepers')
    assert "fewer than five decisions" in text


def test_one_or_three_are_asked_to_be_two(client, circle, elsewhere, anna):
    third = make.circle("Notaries", admin=anna)
    for some in ([circle], [circle, elsewhere, third], []):
        assert "Choose two." in compare(client, *some)


def test_a_circle_that_is_not_listed_is_not_compared(client, circle, elsewhere):
    elsewhere.listed = False
    elsewhere.save()
    assert "Keepers" not in compare(client, circle, elsewhere)


def test_the_guide_asks_the_same_for_two_circles_and_for_ten(client, circle, anna, queries):
    client.get(reverse("guide_page"))
    few = queries(lambda: client.get(reverse("guide_page")))
    for n in range(8):
        make.circle(f"Circle {n}", admin=anna)
    assert queries(lambda: client.get(reverse("guide_page"))) == few
