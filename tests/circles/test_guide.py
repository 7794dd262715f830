from django.urls import reverse

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
