"""What a member wants at once: on the settings page, and by the link at the foot of each letter."""

import re
from datetime import UTC, datetime, time

import pytest
from django.core import mail
from django.urls import reverse

from kring.lib.ids import public_id
from members import account_letters, delivery, letters, links
from members.models import AuditEntry, Letter
from questions import answering, stopping
from questions.at_once.kinds import ANSWERS, KINDS, OUTCOME_DUE, THANKS, wants
from questions.models import DigestPlan
from tests import make
from tests.conftest import RestrictedClient
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db
FORM = {
    "wanted": ["answer_on_mine", "outcome_thanks"],
    "quiet_from": "19:00",
    "quiet_until": "08:30",
    "quiet_weekends": "on",
}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return rows.Clock(monkeypatch, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))


@pytest.fixture
def plan(circle, anna, clock):
    return rows.plan(anna, next_due_at=datetime(2026, 12, 1, 6, 30, tzinfo=UTC))


@pytest.fixture
def bring(house, clock):
    def go():
        clock.on(minutes=6)
        with house():
            delivery.deliver_waiting()
        return mail.outbox

    return go


@pytest.fixture
def answered(circle, plan, anna, bram, acting):
    """bram answered anna's question; the letter waits."""
    question = make.question(circle, by=anna)
    with acting(bram):
        answering.answer(question, by=bram, public_id=public_id(), body="Splint.")
    return question


def of(plan) -> DigestPlan:
    return DigestPlan.objects.select_related("link").get(pk=plan.pk)


def path(plan, kind=ANSWERS) -> str:
    return stopping.url_for(of(plan), kind).removeprefix("http://localhost:8000")


# --- the link at the foot -----------------------------------------------------------------
def test_scanners_change_nothing_and_one_press_stops_exactly_that(client, plan, anna, answered):
    for _ in range(20):
        assert client.get(path(plan)).status_code == 200
        assert client.head(path(plan)).status_code == 200
    assert of(plan).letters == {}
    for _ in range(2):
        pressed = client.post(path(plan), {"List-Unsubscribe": "One-Click"})
        assert pressed.status_code == 200
    assert of(plan).letters == {"answer_on_mine": False}
    assert of(plan).every == "week"
    line = AuditEntry.objects.get(act="letters.chosen")
    assert (line.by_id, line.about_id) == (None, anna.pk)
    assert line.facts == {"letters": {"answer_on_mine": False}}


def test_a_mail_program_presses_without_cookie_and_proof(plan):
    bare = RestrictedClient(enforce_csrf_checks=True)
    reply = bare.post(
        path(plan), b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
    )
    assert reply.status_code == 200
    assert not wants(of(plan), ANSWERS)


def test_what_waits_does_not_go_any_more(client, plan, answered, bring):
    client.post(path(plan))
    assert bring() == []
    assert Letter.objects.get().reason == "unsubscribed"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_link_stops_its_own_kind_and_no_other(client, plan, kind):
    client.post(path(plan, kind))
    assert [other.name for other in KINDS.values() if not wants(of(plan), other)] == [kind.name]
    assert of(plan).every == "week"


def test_the_link_of_the_digest_leaves_the_letters(client, plan):
    client.post(path(plan, None))
    assert of(plan).every == "never"
    assert of(plan).letters == {}


def test_one_may_let_them_come_again(client, plan, answered, bring):
    client.post(path(plan))
    done = client.post(path(plan), {"every": "again"})
    assert "Deze mails komen weer" in done.content.decode()
    assert len(bring()) == 1


def test_the_link_in_the_mail_is_the_one_in_its_header(plan, answered, bring):
    (sent,) = bring()
    in_text = re.search(r"Stop this kind of email: (\S+)", sent.body)[1]
    assert in_text == f"http://localhost:8000{path(plan)}"
    assert f"<{in_text}>" in sent.message()["List-Unsubscribe"]


def test_with_everything_stopped_mail_about_the_account_still_comes(client, plan, anna, bring):
    for kind in (None, *KINDS.values()):
        client.post(path(plan, kind))
    letters.post(account_letters.RESET, member=anna, subject_id=anna.pk)
    assert [sent.to for sent in bring()] == [[anna.email]]


def test_a_token_of_one_kind_is_none_of_another(client, plan):
    token = links.token(f"unsubscribe {THANKS.name}", plan.link_id, 2)
    for wrong in (token, links.token("unsubscribe nonsense", plan.link_id), "x" * 35):
        assert client.post(reverse("unsubscribe_page", args=[wrong])).status_code == 404
    assert of(plan).letters == {}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_page_says_which_mail_and_nothing_of_the_member(client, plan, anna, kind):
    page = client.get(path(plan, kind)).content.decode()
    assert str(kind.title) in page
    for word in (anna.email, "Anna", "Hand surgeons"):
        assert word not in page


# --- the settings page --------------------------------------------------------------------
@pytest.fixture
def browser(as_, plan, anna):
    return as_(anna)


def test_everything_begins_switched_on_and_the_page_says_so(browser):
    page = browser.get(reverse("settings_page")).content.decode()
    assert page.count('name="wanted"') == len(KINDS)
    assert len(re.findall(r'name="wanted"[^>]*checked', page)) == len(KINDS)
    assert '<option value="21:00" selected>' in page


def test_a_choice_is_kept_and_counts_at_once(browser, plan, anna):
    reply = browser.post(reverse("settings_letters"), FORM, follow=True)
    assert "Saved. It counts from the next email on." in reply.content.decode()
    kept = of(plan)
    assert kept.letters == {"outcome_due": False}
    assert (kept.quiet_from, kept.quiet_until) == (time(19), time(8, 30))
    assert kept.quiet_weekends
    line = AuditEntry.objects.get(act="letters.chosen")
    assert (line.by_id, line.facts["quiet_changed"]) == (anna.pk, True)
    assert line.facts["letters"] == {"outcome_due": False}


def test_what_was_stopped_by_link_can_be_switched_on_here(client, browser, plan):
    client.post(path(plan, OUTCOME_DUE))
    browser.post(reverse("settings_letters"), {**FORM, "wanted": list(KINDS)})
    assert wants(of(plan), OUTCOME_DUE)


def test_nothing_changed_leaves_no_line(browser):
    same = {"wanted": list(KINDS), "quiet_from": "21:00", "quiet_until": "07:30"}
    browser.post(reverse("settings_letters"), same)
    assert not AuditEntry.objects.filter(act="letters.chosen").exists()


def test_a_newcomer_may_choose_before_anything_was_planned(as_, circle, bram):
    as_(bram).post(reverse("settings_letters"), {**FORM, "wanted": []})
    assert not any(wants(DigestPlan.objects.get(member=bram), kind) for kind in KINDS.values())


@pytest.mark.parametrize(
    "wrong", [{"quiet_from": "25:00"}, {"quiet_until": "07:45"}, {"wanted": ["everything"]}]
)
def test_an_impossible_choice_is_said_beside_its_field(browser, plan, wrong):
    reply = browser.post(reverse("settings_letters"), {**FORM, **wrong})
    (name,) = wrong
    assert reply.status_code == 422
    assert f'id="letters_{name}-e"' in reply.content.decode()
    assert of(plan).letters == {}


def test_new_quiet_hours_hold_a_letter_that_waits(browser, answered, bring):
    browser.post(reverse("settings_letters"), {**FORM, "quiet_from": "09:00"})
    assert bring() == []
    assert Letter.objects.get().due_at == datetime(2026, 11, 26, 7, 30, tzinfo=UTC)


def test_bram_changes_only_his_own(as_, plan, bram):
    as_(bram).post(reverse("settings_letters"), {**FORM, "member": plan.pk})
    assert of(plan).letters == {}
