"""The digest on the web: stopping it without an account, its links, the kept ones."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from circles.models import Circle, Membership
from members import delivery, links
from members.models import AuditEntry, Letter
from questions import stopping
from questions.digests import building, planning
from questions.models import DigestIssue, DigestPlan, Question
from tests import make
from tests.conftest import RestrictedClient
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    return rows.Clock(monkeypatch)


@pytest.fixture
def plan(circle, bram):
    return rows.plan(bram)


def path_of(plan: DigestPlan) -> str:
    return reverse("unsubscribe_page", args=[links.token_of(plan.link)])


def every(plan: DigestPlan) -> str:
    return DigestPlan.objects.get(pk=plan.pk).every


@pytest.fixture
def sent(circle, anna, bram, house):
    """A digest that bram got, in a circle that shows titles: an answer, a question, a solution."""
    Circle.objects.filter(pk=circle.pk).update(mail_ceiling="title")
    mine = make.question(circle, by=bram, title="Mine?")
    rows.answered(mine, anna)
    make.question(circle, by=anna, title="Help?")
    rows.solved(make.question(circle, by=anna, title="Done?"))
    rows.plan(bram)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
        delivery.deliver_waiting()
    issue = DigestIssue.objects.get(member=bram)
    assert issue.state == "sent"
    return issue


# --- stopping -----------------------------------------------------------------------------
def test_d8_scanners_change_nothing_and_one_press_stops_it(client, plan, bram):
    for _ in range(20):
        assert client.get(path_of(plan)).status_code == 200
        assert client.head(path_of(plan)).status_code == 200
    assert every(plan) == "week"
    pressed = client.post(path_of(plan), {"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    assert every(plan) == "never"
    assert client.post(path_of(plan), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert AuditEntry.objects.filter(act="digest.chosen", about_id=bram.pk, by=None).count() == 1


def test_a_mail_program_presses_without_cookie_and_proof(plan):
    bare = RestrictedClient(enforce_csrf_checks=True)
    reply = bare.post(
        path_of(plan), b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
    )
    assert reply.status_code == 200
    assert every(plan) == "never"


def test_d8_what_is_about_the_account_is_still_brought(client, plan, bram, house):
    client.post(path_of(plan))
    from members import account_letters, letters

    with house():
        letters.post(account_letters.RESET, member=bram, subject_id=bram.pk)
        delivery.deliver_waiting()
    assert [letter.to for letter in mail.outbox] == [[bram.email]]


def test_what_is_built_does_not_go_any_more(client, circle, anna, plan, house):
    make.question(circle, by=anna)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
    client.post(path_of(plan))
    with house():
        delivery.deliver_waiting()
    assert mail.outbox == []
    assert Letter.objects.get(member_id=plan.pk).reason == "unsubscribed"


def test_the_page_offers_less_and_takes_it_back(client, plan):
    client.post(path_of(plan), {"every": "month"})
    assert every(plan) == "month"
    client.post(path_of(plan))
    assert every(plan) == "never"
    client.post(path_of(plan), {"every": "week"})
    assert every(plan) == "week"
    client.post(path_of(plan), {"every": "nonsense"})
    assert every(plan) == "never"


def test_a_link_stops_only_its_own_digest(client, plan, vera):
    other = rows.plan(vera)
    client.post(path_of(plan))
    assert every(other) == "week"


def test_a_signed_in_member_presses_for_the_link_not_for_themselves(as_, plan, vera):
    own = rows.plan(vera)
    as_(vera).post(path_of(plan))
    assert (every(plan), every(own)) == ("never", "week")


@pytest.mark.parametrize("purpose", ["application", "digest item"])
def test_a_wrong_link_opens_nothing(client, plan, purpose):
    for token in (links.token(purpose, plan.link_id), "x" * 35, "short"):
        for answer in (client.get, client.post):
            assert answer(reverse("unsubscribe_page", args=[token])).status_code == 404
    assert every(plan) == "week"


def test_the_page_says_nothing_of_the_member(client, plan, bram):
    page = client.get(path_of(plan)).content.decode()
    assert bram.email not in page
    assert "Bram" not in page
    assert "Hand surgeons" not in page


# --- the links of a mail ------------------------------------------------------------------
def digest_links() -> list[str]:
    return re.findall(r"http://localhost:8000(/d/\S+)", mail.outbox[0].body)


def test_a_link_asks_to_sign_in_and_lands_on_its_item(as_, client, sent, bram):
    landed = []
    for path in digest_links():
        assert client.get(path).url.startswith(reverse("account_login"))
        landed.append(as_(bram).get(path).url)
    questions = {
        q.title: q for q in Question.objects.filter(title__in=["Mine?", "Help?", "Done?"])
    }
    assert landed == [
        reverse("question_page", args=[question.circle.public_id, question.public_id])
        for question in (questions[title] for title in ("Mine?", "Help?", "Done?"))
    ]


def test_a_link_of_somebody_else_opens_nothing(as_, sent, anna, vera):
    for path in digest_links():
        for member in (anna, vera):
            assert as_(member).get(path).status_code == 404


def test_a_link_dies_with_the_membership(as_, sent, bram):
    Membership.objects.filter(member_id=bram.pk).update(state="suspended")
    for path in digest_links():
        assert as_(bram).get(path).status_code == 404


def test_a_forged_link_opens_nothing(as_, sent, bram):
    browser = as_(bram)
    for token in (
        links.token("unsubscribe", sent.pk, 0),
        links.token("digest item", sent.pk, 99),
        links.token("digest item", sent.pk, -99),
        "x" * 35,
    ):
        assert browser.get(reverse("digest_item", args=[token])).status_code == 404


def test_a_number_of_things_opens_their_list(as_, circle, bram, sent):
    browser = as_(bram)
    paths = [links.token("digest item", sent.pk, -1 - place) for place in range(3)]
    landed = [browser.get(reverse("digest_item", args=[token])).url for token in paths]
    at = reverse("question_list", args=[circle.public_id])
    assert landed == [f"{at}?state=mine", f"{at}?state=unanswered", f"{at}?state=solved"]


def test_the_desk_opens_the_desk(as_, circle, vera, house):
    make.application(circle)
    rows.plan(vera)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
        delivery.deliver_waiting()
    landed = as_(vera).get(digest_links()[0]).url
    assert landed == reverse("vetting_desk", args=[circle.public_id])


# --- the kept digests ---------------------------------------------------------------------
def test_the_kept_digest_shows_its_items_by_todays_rights(as_, sent, bram):
    browser = as_(bram)
    assert sent.week[6:] in browser.get(reverse("digest_list")).content.decode()
    address = reverse("digest_page", args=[sent.week])
    page = browser.get(address).content.decode()
    assert all(title in page for title in ("Mine?", "Help?", "Done?"))
    Question.objects.filter(title="Done?").update(state="withdrawn")
    Question.objects.filter(title="Help?").update(title="Help now?")
    page = browser.get(address).content.decode()
    assert "Done?" not in page
    assert "Help now?" in page
    Membership.objects.filter(member_id=bram.pk).update(state="suspended")
    assert "Help now?" not in browser.get(address).content.decode()


def test_nobody_else_reads_a_kept_digest(as_, client, sent, anna):
    address = reverse("digest_page", args=[sent.week])
    assert as_(anna).get(address).status_code == 404
    assert client.get(address).url.startswith(reverse("account_login"))


def test_only_what_went_out_is_kept(as_, circle, bram):
    rows.issue(bram, week="2026-W40", state="skipped", reason="empty")
    page = as_(bram).get(reverse("digest_list")).content.decode()
    assert "2026" not in page
    assert as_(bram).get(reverse("digest_page", args=["2026-W40"])).status_code == 404


def test_the_list_goes_back_page_by_page(as_, circle, bram, clock):
    for number in range(25):
        clock.on(days=7)
        rows.issue(bram, week=f"2027-W{number + 1:02}", state="sent")
    weeks = r"Week (\d+), 2027"
    first = as_(bram).get(reverse("digest_list")).content.decode()
    assert re.findall(weeks, first)[:2] == ["25", "24"]
    older = re.search(r'href="([^"]*)" rel="next"', first)[1]
    second = as_(bram).get(reverse("digest_list") + older).content.decode()
    assert re.findall(weeks, second)[-1] == "01"
    assert 'rel="next"' not in second


def test_the_address_in_the_mail_is_that_of_the_page(plan):
    assert stopping.url_for(plan) == "http://localhost:8000" + path_of(plan)


@pytest.mark.parametrize(
    "rest", ["%00/", "2026-W48%00/", "2026-W4/", "x/", "2026-W48/99999999999999999999/"]
)
def test_a_week_that_is_none_is_not_found(rest, bram, as_):
    assert as_(bram).get(f"/digests/{rest}").status_code == 404
