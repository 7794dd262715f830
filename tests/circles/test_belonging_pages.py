"""The pages of belonging: one's own membership in every state, the people of a circle for its
admins, and what a removed member finds one moment later."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from circles.belonging import doors
from circles.models import Membership, Sanction
from tests import make

pytestmark = pytest.mark.django_db
S = Membership.State
WHY = {"code": "breach", "why": "Told a patient's name outside the circle, on 3 May."}


def said(response) -> str:
    return " ".join(response.content.decode().split())


def own(circle, name="own_membership") -> str:
    return reverse(name, args=[circle.public_id])


@pytest.fixture
def person(circle, bram):
    """`person("person_page")` is an address about bram."""
    bram_s = Membership.objects.get(circle=circle, member_id=bram.pk)
    args = [circle.public_id, doors.name_in_address(bram_s)]
    return lambda name="person_page": reverse(name, args=args)


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_one_s_own_page_works_in_every_state(state, language, circle, bram, as_):
    rows = Membership.objects.filter(circle=circle, member_id=bram.pk)
    rows.update(state=state, since=timezone.now() - timedelta(days=2))
    type(bram).objects.filter(pk=bram.pk).update(language=language)
    bram.refresh_from_db()
    page = as_(bram).get(own(circle))
    assert page.status_code == 200
    assert "Hand surgeons" in said(page)


def test_whoever_was_never_in_finds_no_such_page(circle, carla, dirk, as_):
    for other in (carla, dirk):
        assert as_(other).get(own(circle)).status_code == 404


def test_a_member_pauses_and_comes_back_on_the_pages(circle, bram, as_):
    browser = as_(bram)
    day = timezone.localdate() + timedelta(days=20)
    page = browser.post(own(circle, "membership_pause"), {"until": day.isoformat()}, follow=True)
    assert "Come back now" in said(page)
    assert browser.get(reverse("question_list", args=[circle.public_id])).status_code == 404
    assert "Hand surgeons" in said(browser.get(reverse("circle_list")))
    page = browser.post(own(circle, "membership_back"), follow=True)
    assert page.redirect_chain[-1][0] == reverse("question_list", args=[circle.public_id])


@pytest.mark.parametrize("until", ["", "soon", "2020-01-01", "9999-12-31", "\x00"])
def test_a_day_that_is_none_is_said_beside_the_field(until, circle, bram, as_):
    page = as_(bram).post(own(circle, "membership_pause"), {"until": until})
    assert page.status_code == 200
    assert 'aria-invalid="true"' in said(page)


def test_leaving_asks_once_more(circle, bram, as_):
    browser = as_(bram)
    assert "Leave Hand surgeons?" in said(browser.get(own(circle, "membership_leave")))
    assert Membership.objects.get(circle=circle, member_id=bram.pk).state == S.ACTIVE
    assert "You have left" in said(browser.post(own(circle, "membership_leave"), follow=True))


def test_the_last_admins_read_why_they_cannot_leave(circle, anna, as_):
    assert "keeps two admins" in said(as_(anna).post(own(circle, "membership_leave")))


def test_an_admin_suspends_and_the_suspended_answers(circle, anna, bram, person, as_):
    as_(anna).post(person("person_suspend"), WHY)
    browser = as_(bram)
    assert "name outside the circle" in said(browser.get(own(circle)))
    browser.post(own(circle, "membership_answer"), {"words": "It was a colleague."})
    assert "It was a colleague." in said(as_(anna).get(person()))


def test_the_other_admin_confirms_and_the_page_says_who(circle, anna, vera, bram, person, as_):
    Membership.objects.filter(circle=circle, member_id=vera.pk).update(role="admin")
    as_(anna).post(person("person_suspend"), WHY)
    first = reverse("person_list", args=[circle.public_id])
    assert "waits for a second admin" in said(as_(vera).get(first))
    assert "waits for a second admin" not in said(as_(anna).get(first))
    page = as_(vera).post(person("person_confirm"), follow=True)
    assert "confirmed by Vera de Vries" in said(page)
    page = as_(anna).post(person("person_lift"), follow=True)
    assert "The suspension is over" in said(page)
    assert "over already" in said(as_(vera).post(person("person_lift"), follow=True))


@pytest.mark.parametrize(
    "typed", [{}, {"code": "breach", "why": "Rude."}, {"code": "x", "why": "y"}]
)
def test_a_reason_that_says_nothing_is_refused_and_kept(typed, anna, bram, person, as_):
    page = as_(anna).post(person("person_remove"), typed)
    assert page.status_code == 200
    assert typed.get("why", "") in said(page)
    assert not Sanction.objects.exists()


def test_an_admin_gives_a_role(anna, person, as_):
    page = as_(anna).post(person("person_role"), {"role": "vetter"}, follow=True)
    assert "Bram de Vries is vetter from now on" in said(page)


def test_nobody_acts_on_themselves(circle, anna, as_):
    mine = Membership.objects.get(circle=circle, member_id=anna.pk)
    args = [circle.public_id, doors.name_in_address(mine)]
    for name in ("person_role", "person_suspend", "person_remove", "person_fact"):
        assert as_(anna).post(reverse(name, args=args), {"role": "admin"}).status_code == 404


def test_two_facts_are_confirmed_on_the_page(circle, anna, bram, person, as_):
    then = timezone.now() - timedelta(days=350)
    Membership.objects.filter(circle=circle, member_id=bram.pk).update(verified_at=then)
    browser = as_(anna)
    assert "Say where you looked." in said(
        browser.post(person("person_fact"), {"fact": "practice"})
    )
    browser.post(person("person_fact"), {"fact": "practice", "source": "BIG register, today"})
    page = browser.post(person("person_fact"), {"fact": "identity", "how": "met"}, follow=True)
    assert "for another year" in said(page)
    assert "BIG register, today" in said(page)


# --- one moment after a removal: all of it in tests/test_removed.py -----------------------
def test_a_letter_that_waited_does_not_reach_a_removed_member(
    circle, anna, bram, person, as_, house
):
    from members import delivery, letters
    from members.models import Letter

    question = make.question(circle, by=bram)
    make.answer(question, by=anna, body="Told.")
    facts = {"subject_id": question.pk, "circle_id": circle.pk}
    letters.post("answer_on_mine", member=bram, **facts)
    as_(anna).post(person("person_remove"), WHY)
    with house():
        delivery.deliver_waiting()
    assert Letter.objects.get(kind="answer_on_mine").state == "skipped"
    assert Letter.objects.get(kind="membership_removed").state == "sent"


# --- once a term ----------------------------------------------------------------------------
def test_the_page_shows_one_s_own_year_and_renews(circle, anna, bram, as_):
    question = make.question(circle, by=anna)
    answer = make.answer(question, by=bram)
    type(question).objects.filter(pk=question.pk).update(accepted_answer_id=answer.pk)
    Membership.objects.filter(member_id=bram.pk).update(
        renewed_at=timezone.now() - timedelta(days=340)
    )
    page = said(as_(bram).get(own(circle, "membership_renew")))
    assert "one answer" in page
    assert "one of them chosen" in page
    page = as_(bram).post(own(circle, "membership_renew"), {"choice": "stay"}, follow=True)
    assert "Good that you stay." in said(page)


@pytest.mark.parametrize("typed", [{}, {"choice": "pause"}, {"choice": "stay", "worth": "\x00x"}])
def test_a_renewal_that_says_too_little_is_asked_again(typed, circle, bram, as_):
    page = as_(bram).post(own(circle, "membership_renew"), typed)
    assert page.status_code == 200
    assert "not right yet" in said(page)


# --- vouching is remembered -----------------------------------------------------------------
def test_an_admin_reads_who_vouched_for_whom(circle, anna, bram, vera, person, as_):
    admitted = make.application(circle, "approved", member_id=bram.pk)
    make.endorsement(admitted, by=vera)
    assert "Vouched for by Vera de Vries." in said(as_(anna).get(person()))
    vera_s = Membership.objects.get(circle=circle, member_id=vera.pk)
    Membership.objects.filter(member_id=bram.pk).update(state="removed")
    address = reverse("person_page", args=[circle.public_id, doors.name_in_address(vera_s)])
    page = said(as_(anna).get(address))
    assert "Bram de Vries" in page
    assert "removed" in page
