"""The settings page: one form a subject, errors beside the fields, a preview, one at once."""

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.urls import reverse

from kring.lib.acting import acting_as
from members import delivery
from members.models import AuditEntry, Letter, Profile
from questions.digests import building, planning
from questions.models import DigestIssue, DigestPlan
from tests import make
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db
PLAN = {
    "every": "week",
    "weekday": "3",
    "at": "06:30",
    "zone": "Europe/Lisbon",
    "paused_until": "",
}


@pytest.fixture
def clock(monkeypatch):
    return rows.Clock(monkeypatch)


@pytest.fixture
def browser(as_, circle, bram):
    bram.language = "en"
    bram.save()
    return as_(bram)


def page_of(browser) -> str:
    return browser.get(reverse("settings_page")).content.decode()


# --- when the digest comes ----------------------------------------------------------------
def test_a_newcomer_sees_when_the_first_one_comes_and_nothing_is_written(browser, clock):
    assert "Tuesday 1 December at 07:30" in page_of(browser)
    assert not DigestPlan.objects.exists()


def test_the_first_choice_makes_the_plan(browser, bram, clock):
    reply = browser.post(reverse("settings_digest"), PLAN, follow=True)
    assert "Your next digest comes on Thursday 26 November at 06:30." in reply.content.decode()
    plan = DigestPlan.objects.get(member=bram)
    assert (plan.weekday, plan.at, plan.zone) == (3, time(6, 30), "Europe/Lisbon")
    due = plan.next_due_at - planning.moments.jitter(bram.pk)
    assert due == datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


def test_a_choice_never_makes_a_second_issue_in_its_week(browser, bram, clock):
    rows.plan(bram)
    rows.issue(bram, week="2026-W48", state="sent")
    browser.post(reverse("settings_digest"), PLAN)
    due = DigestPlan.objects.get(member=bram).next_due_at
    assert due.date() == date(2026, 12, 3)


def test_never_is_said_and_kept(browser, bram):
    rows.plan(bram)
    reply = browser.post(reverse("settings_digest"), {**PLAN, "every": "never"}, follow=True)
    assert "No digest comes any more." in reply.content.decode()
    assert DigestPlan.objects.get(member=bram).every == "never"


def test_a_rest_moves_the_next_one(browser, bram, clock):
    rows.plan(bram)
    browser.post(reverse("settings_digest"), {**PLAN, "paused_until": "2027-01-01"})
    plan = DigestPlan.objects.get(member=bram)
    assert plan.paused_until == date(2027, 1, 1)
    assert plan.next_due_at.date() == date(2027, 1, 7)


def test_a_rest_that_is_over_is_none(browser, bram, clock):
    rows.plan(bram)
    browser.post(reverse("settings_digest"), {**PLAN, "paused_until": "2026-11-01"})
    assert DigestPlan.objects.get(member=bram).paused_until is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": "7"},
        {"at": "06:45"},
        {"at": "25:00"},
        {"zone": "Mars/Olympus"},
        {"every": "hour"},
        {"paused_until": "soon"},
        {"paused_until": "2099-01-01"},
    ],
)
def test_an_impossible_choice_is_said_beside_its_field(browser, bram, clock, wrong):
    rows.plan(bram)
    reply = browser.post(reverse("settings_digest"), {**PLAN, **wrong})
    page = reply.content.decode()
    (name,) = wrong
    assert reply.status_code == 422
    assert f'id="digest_{name}-e"' in page
    assert DigestPlan.objects.get(member=bram).zone == "Europe/Amsterdam"


def test_anna_changes_only_her_own(browser, bram, anna, as_):
    rows.plan(bram)
    as_(anna).post(reverse("settings_digest"), {**PLAN, "member": bram.pk})
    assert DigestPlan.objects.get(member=bram).weekday == 1


# --- who one is ---------------------------------------------------------------------------
def test_the_profile_is_changed_and_the_audit_says_which_lines(browser, bram):
    given = {"name": " Bram  Bakker ", "title": "hand surgeon", "about": "Ask me about wrists."}
    browser.post(reverse("settings_profile"), given)
    profile = Profile.objects.get(pk=bram.pk)
    assert (profile.name, profile.about) == ("Bram Bakker", "Ask me about wrists.")
    line = AuditEntry.objects.get(act="profile.changed")
    assert (line.by_id, line.facts) == (bram.pk, {"lines": ["name", "about"]})


def test_nobody_is_without_a_name(browser, bram):
    reply = browser.post(reverse("settings_profile"), {"name": "  ", "title": "", "about": ""})
    assert reply.status_code == 422
    assert "Say who you are." in reply.content.decode()
    assert Profile.objects.get(pk=bram.pk).name == "Bram de Vries"


def test_nothing_changed_leaves_no_line(browser, bram):
    given = {"name": "Bram de Vries", "title": "hand surgeon", "about": ""}
    browser.post(reverse("settings_profile"), given)
    assert not AuditEntry.objects.filter(act="profile.changed").exists()


def test_the_language_is_chosen_here(browser, bram):
    browser.post(reverse("language_choose"), {"language": "nl", "next": reverse("settings_page")})
    bram.refresh_from_db()
    assert bram.language == "nl"


def test_the_page_leads_to_password_and_address(browser):
    page = page_of(browser)
    assert reverse("account_change_password") in page
    assert reverse("account_email") in page


# --- what it would say, and one now -------------------------------------------------------
def test_the_preview_says_what_the_mail_would(browser, anna, circle, bram):
    rows.plan(bram)
    make.question(circle, by=anna, title="Splint or pin?")
    page = page_of(browser)
    assert "1 question waits" in page
    assert "Splint or pin?" not in page  # this circle mails numbers only
    type(circle).objects.filter(pk=circle.pk).update(mail_ceiling="title")
    assert "Splint or pin?" in page_of(browser)


def test_without_news_the_preview_says_so(browser):
    assert "Nothing. So no digest would come." in page_of(browser)


def test_who_is_in_no_circle_has_settings_too(circle, eva, as_):
    page = page_of(as_(eva))
    assert "Nothing. So no digest would come." in page
    reply = as_(eva).post(reverse("digest_ask"), follow=True)
    assert "You are in no circle at the moment" in reply.content.decode()


def test_one_now_comes_and_moves_nothing(browser, anna, circle, bram, house):
    plan = rows.plan(bram)
    make.question(circle, by=anna)
    reply = browser.post(reverse("digest_ask"), follow=True)
    assert "Your digest is on its way." in reply.content.decode()
    with house(), acting_as(None):
        delivery.deliver_waiting()
    assert len(mail.outbox) == 1
    assert "because you asked for one now" in mail.outbox[0].body
    issue = DigestIssue.objects.get(member=bram)
    assert (issue.asked, issue.state) == (1, "sent")
    assert DigestPlan.objects.get(member=bram).cursor_xid == plan.cursor_xid


def test_one_now_leaves_the_weekly_one_as_it_was(browser, anna, circle, bram, house, clock):
    rows.plan(bram)
    make.question(circle, by=anna)
    browser.post(reverse("digest_ask"))
    with house(), acting_as(None):
        for issue_id in planning.plan_due():
            building.build(issue_id)
        delivery.deliver_waiting()
    bodies = [letter.body for letter in mail.outbox if letter.to == [bram.email]]
    assert len(bodies) == 2
    assert all("1 question waits" in body for body in bodies)


def test_one_an_hour_is_enough(browser, anna, circle, bram, clock):
    rows.plan(bram)
    make.question(circle, by=anna)
    for minutes, issues in ((0, 1), (30, 1), (31, 2)):
        clock.on(minutes=minutes)
        reply = browser.post(reverse("digest_ask"), follow=True)
        assert DigestIssue.objects.filter(member=bram).count() == issues
    assert "on its way" in reply.content.decode()
    again = browser.post(reverse("digest_ask"), follow=True)
    assert "less than an hour ago" in again.content.decode()


def test_one_now_without_news_says_so(browser, bram):
    reply = browser.post(reverse("digest_ask"), follow=True)
    assert "Nothing waits for you now" in reply.content.decode()
    assert not Letter.objects.exists()


def test_one_now_when_it_is_off_says_so(browser, anna, circle, bram):
    rows.plan(bram, every="never")
    make.question(circle, by=anna)
    reply = browser.post(reverse("digest_ask"), follow=True)
    assert "switched off" in reply.content.decode()
    assert not Letter.objects.exists()


def test_nobody_makes_an_issue_for_somebody_else(circle, anna, bram, acting):
    with acting(anna), pytest.raises(ProgrammingError), transaction.atomic():
        rows.issue(bram, asked=1, state="built")
    with acting(bram), pytest.raises(ProgrammingError), transaction.atomic():
        rows.issue(bram, asked=0, state="built")


# --- digest_now ---------------------------------------------------------------------------
@pytest.fixture
def now(house):
    def run(*arguments) -> str:
        said = StringIO()
        with house():
            call_command("digest_now", *arguments, stdout=said)
        return said.getvalue()

    return run


def test_digest_now_says_for_each_member_what_became_of_it(circle, anna, bram, vera, now):
    make.question(circle, by=anna)
    rows.plan(vera, every="never")
    said = now("--everyone")
    assert f"{bram.email}   sent" in said
    assert f"{anna.email}   skipped (empty)" in said
    assert f"{vera.email}   skipped (unsubscribed)" in said
    assert {letter.to[0] for letter in mail.outbox} & {a.email for a in (anna, bram, vera)} == {
        bram.email
    }


def test_digest_now_may_be_said_again(circle, anna, bram, now):
    make.question(circle, by=anna)
    for _ in range(3):
        assert now(bram.email.upper()) == f"{bram.email}  sent\n"
    assert list(DigestIssue.objects.order_by("id").values_list("asked", flat=True)) == [1, 2, 3]
    assert DigestPlan.objects.get(member=bram).next_due_at > datetime.now(UTC) - timedelta(days=1)


def test_digest_now_names_who_is_not_there(circle, now):
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        now("nobody@example.org")
    with pytest.raises(CommandError, match="--everyone"):
        now()


def test_digest_now_alone_is_for_the_people_of_the_demo(circle, anna, bram, now, settings):
    settings.DEMO = True
    bram.email = "bram@voorbeeld.example"
    bram.save()
    make.question(circle, by=anna)
    assert now() == "bram@voorbeeld.example  sent\n"


def test_digest_now_says_what_waits_for_the_mail_server(circle, anna, bram, now, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "members.smtp.Server", 1
    make.question(circle, by=anna)
    assert now(bram.email) == f"{bram.email}  waits (ConnectionRefusedError)\n"
