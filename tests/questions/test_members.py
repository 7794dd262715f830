"""The directory of a circle and the person behind the job: found by colleagues, by nobody else."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from circles import directory
from circles.belonging import doors, portraits
from circles.models import Membership, Portrait
from members.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db
SAID = {
    "expertise": "wrist, Nerves",
    "brings": "Splints that stay on.",
    "seeks": "Long results.",
    "welcomes": "2",
    "away_until": "",
}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def said(response) -> str:
    return " ".join(response.content.decode().split())


def names(page: str) -> list[str]:
    return re.findall(r'<a class="title" [^>]*>(\w+) de Vries</a>', page)


def members(circle, **asked) -> str:
    return reverse("member_list", args=[circle.public_id], query=asked)


def portrait(circle) -> str:
    return reverse("member_portrait", args=[circle.public_id])


def page_of(circle, member) -> str:
    person = Membership.objects.get(circle=circle, member_id=member.pk)
    return reverse("member_page", args=[circle.public_id, doors.name_in_address(person)])


def state(circle, member, state: str, **facts) -> None:
    Membership.objects.filter(circle=circle, member_id=member.pk).update(state=state, **facts)


# --- saying it ----------------------------------------------------------------------------
def test_what_one_says_of_oneself_is_found_by_a_colleague(circle, bram, vera, as_):
    page = as_(bram).post(portrait(circle), SAID, follow=True)
    assert "Saved." in said(page)
    found = said(as_(vera).get(members(circle, q="splints")))
    assert "Bram de Vries" in found
    assert "Anna de Vries</a>" not in found
    seen = said(as_(vera).get(page_of(circle, bram)))
    assert all(text in seen for text in ("Splints that stay on.", "Long results.", "Nerves"))
    assert "Welcomes two questions a week" in seen


def test_the_audit_keeps_which_lines_changed_and_no_word_of_them(circle, bram, as_):
    as_(bram).post(portrait(circle), SAID)
    as_(bram).post(portrait(circle), SAID)
    line = AuditEntry.objects.get(act="portrait.changed")
    assert line.facts == {"lines": ["expertise", "brings", "seeks", "welcomes"]}
    assert line.circle_id is None


def test_a_field_is_written_as_the_circle_writes_it(circle, anna, bram, as_):
    make.portrait(circle, anna, expertise=["Wrist"])
    as_(bram).post(portrait(circle), SAID | {"expertise": " WRIST ; nerves, wrist"})
    assert Portrait.objects.get(membership__member_id=bram.pk).expertise == ["Wrist", "nerves"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"expertise": "a,b,c,d,e,f"}, "At most five fields"),
        ({"expertise": "x" * 61}, "At most five fields"),
        ({"brings": "x" * 1001}, "at most 1000 characters"),
        ({"welcomes": "9"}, "Select a valid choice"),
        ({"welcomes": ""}, "Choose how many"),
        ({"away_until": "soon"}, "Choose a day, like"),
        ({"away_until": "2020-01-01"}, "Choose a day from today on."),
        ({"away_until": "2999-01-01"}, "Choose a day within a year."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    typed, sentence, circle, bram, as_
):
    page = said(as_(bram).post(portrait(circle), SAID | {"seeks": "Kept text."} | typed))
    assert sentence in page
    assert "Kept text." in page
    assert not Portrait.objects.filter(membership__member_id=bram.pk).exists()


def test_the_privacy_guard_looks_at_a_profile_too(circle, bram, as_):
    circle.guard = "block"
    circle.save()
    page = said(as_(bram).post(portrait(circle), SAID | {"brings": "Mail jan@example.org."}))
    assert "jan@example.org" in page
    assert "Redact" in page
    assert not Portrait.objects.exists()


def test_who_may_only_read_changes_nothing(circle, bram, as_):
    state(circle, bram, "grace")
    assert as_(bram).post(portrait(circle), SAID).status_code == 404
    assert as_(bram).get(page_of(circle, bram)).status_code == 200


def test_saving_anew_leaves_one_portrait(circle, bram, acting):
    membership = Membership.objects.get(circle=circle, member_id=bram.pk)
    given = {"expertise": [], "brings": "One.", "seeks": "", "welcomes": 1, "away_until": None}
    with acting(bram):
        portraits.redraw(membership, by=bram, **given)
        portraits.redraw(membership, by=bram, **given | {"brings": "Two."})
    assert Portrait.objects.get().brings == "Two."


# --- the directory ------------------------------------------------------------------------
def test_the_directory_names_who_is_in_and_nobody_else(circle, anna, vera, bram, eva, carla, as_):
    page = said(as_(bram).get(members(circle)))
    assert names(page) == ["Anna", "Bram", "Vera"]
    assert "Eva de Vries" not in page
    assert "Carla de Vries" not in page


@pytest.mark.parametrize(("now", "is_listed"), [("paused", True), ("suspended", False)])
def test_who_is_away_stays_listed_and_who_is_suspended_does_not(
    now, is_listed, circle, bram, vera, as_
):
    make.portrait(circle, vera)
    day = timezone.localdate() + timedelta(days=9)
    state(circle, vera, now, back_on=day if now == "paused" else None)
    page = said(as_(bram).get(members(circle)))
    assert ("Vera de Vries</a>" in page) is is_listed
    assert ("away up to and including" in page) is is_listed
    assert "uspended" not in page
    assert as_(bram).get(page_of(circle, vera)).status_code == (200 if is_listed else 404)


def test_whoever_leaves_is_out_of_sight_at_once(circle, bram, vera, as_, acting):
    make.portrait(circle, vera, brings="Kanarie.")
    state(circle, vera, "left", ended_at=timezone.now())
    assert as_(bram).get(page_of(circle, vera)).status_code == 404
    assert names(said(as_(bram).get(members(circle, q="kanarie")))) == []
    with acting(bram):
        assert not Portrait.objects.exists()
    with acting(vera):
        assert Portrait.objects.get().brings == "Kanarie."


def test_it_is_narrowed_by_field_and_room(circle, anna, vera, bram, as_):
    today = timezone.localdate()
    make.portrait(circle, anna, expertise=["wrist"], welcomes=0)
    make.portrait(circle, vera, expertise=["wrist", "thumb"], away_until=today)
    make.portrait(circle, bram, expertise=["thumb"], away_until=today - timedelta(days=1))
    browser = as_(bram)

    def found(**asked) -> list[str]:
        return names(said(browser.get(members(circle, **asked))))

    assert found(field="thumb") == ["Bram", "Vera"]
    assert found(room="now") == ["Bram"]
    assert found(q="hand surgeon vera") == ["Vera"]
    assert found(field="thumb", room="now", q="wrist") == []
    assert found(field="\x00'", room="x", q="%") == []


def test_a_circle_of_many_is_read_in_pages_of_twenty(circle, bram, as_):
    for number in range(45):
        make.membership(circle, make.member(f"z{number:02}"))
    browser, address, seen = as_(bram), members(circle), []
    for _ in range(3):
        page = said(browser.get(address))
        seen += [name for name in names(page) if name.startswith("Z")]
        if 'rel="next"' in page:
            address = members(circle) + page.split('rel="next"')[0].rsplit('href="', 1)[1][:-2]
    assert seen == [f"Z{number:02}" for number in range(45)]
    assert 'rel="prev"' in page
    back = members(circle) + page.split('rel="prev"')[0].rsplit('href="', 1)[1][:-2]
    assert "Z17" in names(said(browser.get(back)))


def test_a_key_of_another_circle_opens_the_first_page(circle, elsewhere, bram, carla, as_):
    foreign = doors.name_in_address(Membership.objects.get(circle=elsewhere, member_id=carla.pk))
    for key in (foreign, "x", "é"):
        assert "Anna de Vries</a>" in said(as_(bram).get(members(circle, after=key)))


def test_many_members_cost_as_many_queries_as_three(circle, bram, as_, queries):
    browser = as_(bram)
    few = queries(lambda: browser.get(members(circle)))
    for number in range(15):
        person = make.member(f"z{number}")
        make.membership(circle, person)
        make.portrait(circle, person)
    assert queries(lambda: browser.get(members(circle))) == few
    assert few <= 9


# --- the person ---------------------------------------------------------------------------
def test_a_stranger_to_the_circle_finds_nobody(circle, bram, carla, eva, as_):
    make.portrait(circle, bram)
    for stranger in (carla, eva):
        for address in (page_of(circle, bram), members(circle), portrait(circle)):
            assert as_(stranger).get(address).status_code == 404


def test_what_one_says_in_one_circle_is_not_said_in_another(circle, elsewhere, bram, carla, as_):
    make.membership(elsewhere, bram)
    make.portrait(circle, bram, brings="Kanarie.")
    assert "Kanarie" not in said(as_(carla).get(page_of(elsewhere, bram)))
    assert "Kanarie" in said(as_(bram).get(page_of(circle, bram)))
    mine = Membership.objects.get(circle=elsewhere, member_id=bram.pk)
    other = reverse("member_page", args=[circle.public_id, doors.name_in_address(mine)])
    assert as_(bram).get(other).status_code == 404


def test_checks_are_dated_words_without_their_maker_or_source(circle, bram, vera, anna, as_):
    mine = Membership.objects.get(circle=circle, member_id=bram.pk)
    facts = {"at": "2026-02-04T12:00Z"}
    make.fact(mine, by=anna, fact="identity", how="met", **facts)
    make.fact(mine, by=anna, fact="practice", source="register 90001", **facts)
    page = said(as_(vera).get(page_of(circle, bram)))
    assert page.count("4 February 2026") == 2
    assert "Met in person" in page
    assert "90001" not in page


def test_that_colleagues_vouched_is_said_and_not_who_or_how_many(circle, bram, vera, anna, acting):
    admitted = make.application(circle, "approved", member_id=bram.pk)
    invitation = make.invitation(circle, by=anna)
    make.endorsement(admitted, by=anna, invitation=invitation)
    person = Membership.objects.get(circle=circle, member_id=bram.pk)
    with acting(vera):
        assert directory.checks_of(person)["vouched"].how == ""


def test_nobody_elsewhere_asks_what_was_checked(circle, bram, carla, anna, acting):
    mine = Membership.objects.get(circle=circle, member_id=bram.pk)
    make.fact(mine, by=anna)
    with acting(carla):
        assert directory.checks_of(mine) == {}
    with acting(anna):
        assert set(directory.checks_of(mine)) == {"identity"}


def test_what_somebody_asked_and_answered_here_stands_there_newest_first(
    circle, elsewhere, bram, anna, as_
):
    make.membership(elsewhere, bram)
    make.question(elsewhere, by=bram, title="Asked elsewhere?")
    make.question(circle, by=bram, title="Asked here?", created_at="2026-01-01T00:00Z")
    answered = make.question(circle, by=anna, title="Asked by anna?")
    make.answer(answered, by=bram)
    make.answer(answered, by=bram)
    make.question(circle, by=bram, title="Taken back?", state="withdrawn")
    page = said(as_(bram).get(page_of(circle, bram)))
    assert page.index("Asked by anna?") < page.index("Asked here?")
    assert page.count("Asked by anna?") == 1
    assert "elsewhere?" not in page
    assert "Taken back?" not in page


def test_give_and_take_are_for_oneself_alone(circle, bram, anna, as_):
    make.answer(make.question(circle, by=anna), by=bram)
    assert "Given and taken" in said(as_(bram).get(page_of(circle, bram)))
    assert "Given and taken" not in said(as_(anna).get(page_of(circle, bram)))
