import pytest
from django.urls import reverse

from circles.models import Application, Membership
from members.models import Link, Member
from tests import make


@pytest.fixture
def application(circle):
    return make.application(circle, name="Theo Veldkamp")


@pytest.fixture
def desk(as_, circle):
    """`desk(anna)` is a browser at the desk: .page(), .vote(...), .decide(...)."""

    class Desk:
        def __init__(self, member):
            Member.objects.filter(pk=member.pk).update(language="en")
            self.browser = as_(member)

        def _at(self, name, application):
            return reverse(name, args=[circle.public_id, application.public_id])

        def queue(self):
            return self.browser.get(reverse("vetting_desk", args=[circle.public_id]))

        def page(self, application):
            return self.browser.get(self._at("vetting_page", application))

        def vote(self, application, choice="approve", **typed):
            typed = {"choice": choice, "sentence": "I know the work.", **typed}
            address = self._at("vetting_vote", application)
            return self.browser.post(address, typed, follow=True)

        def decide(self, application, admit="yes", **typed):
            typed = {"admit": admit, "sentence": "We spoke.", **typed}
            address = self._at("vetting_decide", application)
            return self.browser.post(address, typed, follow=True)

    return Desk


@pytest.mark.parametrize("name", ["bram", "carla", "dirk", "eva"])
def test_only_vetters_find_the_desk(name, request, desk, application):
    at = desk(request.getfixturevalue(name))
    assert at.queue().status_code == 404
    assert at.page(application).status_code == 404
    assert at.vote(application).status_code == 404
    assert at.decide(application).status_code == 404


def test_the_desk_shows_who_waits_for_my_vote(desk, anna, application):
    assert "Theo Veldkamp" in desk(anna).queue().content.decode()


def test_the_oldest_promise_comes_first(desk, anna, circle, application):
    older = make.application(circle, name="Older Promise")
    Application.objects.filter(pk=older.pk).update(review_since="2026-01-01T00:00Z")
    text = desk(anna).queue().content.decode()
    assert text.index("Older Promise") < text.index("Theo Veldkamp")


def test_applications_of_another_circle_are_not_there(desk, anna, elsewhere, application):
    other = Application.objects.get(circle=elsewhere)
    assert desk(anna).page(other).status_code == 404
    assert "Applicant of the keepers" not in desk(anna).queue().content.decode()


@pytest.mark.parametrize("state", ["draft", "email_pending"])
def test_unproven_applications_are_not_there(state, desk, anna, circle):
    assert desk(anna).page(make.application(circle, state=state)).status_code == 404


def test_a_vote_is_recorded_and_leaves_the_queue(desk, anna, application):
    text = desk(anna).vote(application).content.decode()
    assert "Your vote is recorded." in text
    assert "Nobody waits for you." in text


def test_the_votes_of_others_show_after_ones_own(desk, anna, vera, bram, circle, application):
    Membership.objects.filter(circle=circle, member_id=bram.pk).update(role="vetter")
    desk(anna).vote(application, "decline", sentence="Too little surgery.")
    before = desk(vera).page(application).content.decode()
    assert "Too little surgery." not in before
    assert "1 of 3 votes cast." in before
    after = desk(vera).vote(application).content.decode()
    assert "Too little surgery." in after


def test_a_vote_needs_its_sentence(desk, anna, application):
    text = desk(anna).vote(application, sentence=" ").content.decode()
    assert "Say in one sentence why." in text
    assert application.votes.count() == 0


def test_the_stopping_vote_without_reason_keeps_what_was_typed(desk, anna, vera, application):
    desk(anna).vote(application, "decline")
    text = desk(vera).vote(application, "decline", sentence="Not one of us.").content.decode()
    assert "Your vote is the one that refuses." in text
    assert "Not one of us." in text
    assert 'value="decline" aria-describedby' in text or "checked" in text
    assert not application.votes.filter(voter_id=vera.pk).exists()


def test_the_stopping_vote_with_reason_refuses(desk, anna, vera, application, reason):
    desk(anna).vote(application, "decline")
    text = desk(vera).vote(application, "decline", **reason).content.decode()
    assert "Refused" in text
    assert reason["text"] in text


def test_a_late_click_is_a_notice_on_the_page(desk, anna, vera, bram, circle, application):
    Membership.objects.filter(circle=circle, member_id=bram.pk).update(role="vetter")
    late = desk(bram)
    desk(anna).vote(application)
    desk(vera).vote(application)
    answer = late.vote(application)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Already decided by Vera de Vries at" in text
    assert "Theo Veldkamp" in text


def test_an_admin_decides_where_votes_differ(desk, anna, vera, application):
    desk(vera).vote(application, "decline")
    text = desk(anna).vote(application).content.decode()
    assert "As an admin you decide" in text
    assert "Your decision is recorded." in desk(anna).decide(application).content.decode()
    assert Application.objects.get(pk=application.pk).state == "offered"


def test_an_admin_who_refuses_needs_the_reason(desk, anna, vera, application, reason):
    desk(vera).vote(application, "decline")
    desk(anna).vote(application)
    text = desk(anna).decide(application, "no").content.decode()
    assert "Choose the reason" in text
    assert "We spoke." in text
    desk(anna).decide(application, "no", **reason)
    assert Application.objects.get(pk=application.pk).state == "declined"


def test_a_vetter_who_is_no_admin_does_not_decide(desk, anna, vera, application):
    desk(anna).vote(application, "decline")
    assert "As an admin you decide" not in desk(vera).vote(application).content.decode()
    assert desk(vera).decide(application).status_code == 404


def test_an_erased_application_is_gone_from_the_desk(desk, anna, circle):
    erased = make.application(circle, state="withdrawn", email=" ")
    Application.objects.filter(pk=erased.pk).update(email="")
    assert desk(anna).page(erased).status_code == 404


def test_the_titles_of_the_desk_name_nobody(desk, anna, application):
    text = desk(anna).page(application).content.decode()
    assert "Veldkamp" not in text.split("</title>")[0]


def at_the_door(circle, number: int) -> None:
    """So many more in review, written in two statements."""
    many = Link.objects.bulk_create([Link(purpose="application") for _ in range(number)])
    like = make.application(circle)
    fields = [f.attname for f in Application._meta.fields if f.attname not in OWN]
    shared = {name: getattr(like, name) for name in fields}
    Application.objects.bulk_create(
        [Application(link=link, email=f"many{link.pk}@example.org", **shared) for link in many]
    )


OWN = {"id", "link_id", "public_id", "email"}


def test_the_desk_costs_the_same_for_3_applications_and_for_300(
    desk, anna, circle, application, queries
):
    at = desk(anna)
    at_the_door(circle, 1)
    few = queries(at.queue), queries(lambda: at.page(application))
    at_the_door(circle, 296)
    assert Application.objects.filter(circle=circle).count() == 300
    assert (queries(at.queue), queries(lambda: at.page(application))) == few
    assert max(few) <= 12
    text = at.queue().content.decode()
    assert text.count(f"/c/{circle.public_id}/vetting/") < 110
    assert "The others follow." in text


# --- two people at once -------------------------------------------------------------------
@pytest.fixture
def standing(as_, circle):
    """`standing(anna, application, seen)` is the small part that asks again by itself."""

    def ask(member, application, seen):
        address = reverse("vetting_page", args=[circle.public_id, application.public_id])
        page = as_(member).get(address, {"seen": seen}, headers={"HX-Request": "true"})
        return page.content.decode()

    return ask


def test_the_page_asks_again_by_itself_while_it_is_open(standing, anna, application):
    text = standing(anna, application, application.mark)
    assert "0 of 2 votes cast." in text
    assert 'data-hx-trigger="every 20s"' in text
    assert "data-calm" in text
    assert "<html" not in text


def test_another_s_vote_shows_without_its_direction(standing, vera, anna, votes, application):
    votes(application, anna, "decline")
    text = standing(vera, application, application.mark)
    assert "1 of 2 votes cast." in text
    assert "Against" not in text


def test_what_another_decided_is_told_and_the_asking_ends(
    standing, desk, anna, vera, votes, application
):
    seen = application.mark
    votes(application, anna)
    votes(application, vera)
    text = standing(anna, application, seen)
    assert "Already decided by Vera de Vries at" in text
    assert "data-hx-get" not in text
    assert "every 20s" not in desk(anna).page(application).content.decode()


def test_the_part_that_asks_again_costs_little(desk, anna, application, queries):
    browser = desk(anna).browser
    browser.defaults["HTTP_HX_REQUEST"] = "true"
    at = desk(anna)
    at.browser = browser
    assert queries(lambda: at.page(application)) <= 7


def test_what_has_ended_asks_for_no_fact_any_more(desk, anna, circle):
    facts = {"decline_code": "other", "decline_text": "Feet."}
    for state, asked in (("review", True), ("declined", False)):
        seen = desk(anna).page(make.application(circle, state=state, **facts)).content.decode()
        assert ("Write down who it is" in seen) is asked
