"""One digest for each circle, less of a circle, only what is for me, and who has not come for long."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import reverse

from circles.models import Circle, Membership
from members import delivery, links
from members.models import AuditEntry, Browser, Letter, Member
from questions.digests import building, planning, wishes
from questions.models import DigestIssue, DigestPlan
from tests import make
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    return rows.Clock(monkeypatch)


@pytest.fixture
def transactions(monkeypatch):
    return rows.Transactions(monkeypatch)


@pytest.fixture
def run(house):
    """One round of the worker: plan, build, bring."""

    def go():
        with house():
            for issue_id in planning.plan_due():
                building.build(issue_id)
            delivery.deliver_waiting()

    return go


@pytest.fixture
def other(anna, bram):
    """A second circle of bram's, which mails titles; the first mails numbers."""
    Member.objects.update(language="en")
    return make.circle("Foot surgeons", members=[anna, bram], mail_ceiling="title")


def mails_to(member) -> list:
    return [sent for sent in mail.outbox if sent.to == [member.email]]


def plan_of(member) -> DigestPlan:
    return DigestPlan.objects.get(pk=member.pk)


def ends(member) -> set[tuple[int, str, str]]:
    issues = DigestIssue.objects.filter(member=member)
    return set(issues.values_list("scope", "state", "reason"))


# --- one for each circle ------------------------------------------------------------------
def test_each_circle_has_a_digest_of_its_own(circle, other, anna, bram, run):
    make.question(circle, by=anna, title="Splint or pin?")
    make.question(other, by=anna, title="Which shoe?")
    rows.plan(bram, per_circle=True)
    run()
    assert len(mails_to(bram)) == 2
    (shoe,) = [sent for sent in mails_to(bram) if "Which shoe?" in sent.body]
    assert "From Foot surgeons." in shoe.body
    assert "Kring A" not in shoe.body
    assert "a digest of each of your circles every Tuesday" in shoe.body
    assert ends(bram) == {(circle.pk, "sent", ""), (other.pk, "sent", "")}


def test_d2_a_week_keeps_one_issue_for_each_circle(circle, other, anna, bram, run, clock):
    make.question(other, by=anna)
    rows.plan(bram, per_circle=True)
    run()
    DigestPlan.objects.update(next_due_at=clock.now)
    run()
    assert DigestIssue.objects.filter(member=bram).count() == 2
    assert len(mails_to(bram)) == 1


def test_a_circle_without_news_sends_nothing_and_moves_its_own_cursor(
    circle, other, anna, bram, run, clock
):
    make.question(other, by=anna)
    rows.plan(bram, per_circle=True)
    run()
    assert ends(bram) == {(circle.pk, "skipped", "empty"), (other.pk, "sent", "")}
    plan = plan_of(bram)
    assert plan.cursor_xid == 1
    assert set(plan.cursors) == {str(circle.pk), str(other.pk)}


def test_d1_what_one_circle_could_not_bring_comes_again_the_other_not(
    circle, other, anna, bram, run, house, clock, transactions
):
    for asked in (circle, other):
        rows.answered(make.question(asked, by=bram, title="Mine?"), anna, xid=transactions.one())
    rows.plan(bram, per_circle=True, cursor_xid=0)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
        lost = DigestIssue.objects.get(member=bram, scope=circle.pk)
        delivery._settle(Letter.objects.get(subject_id=lost.pk), "dead", "550", was="queued")
        delivery.deliver_waiting()
    assert ends(bram) == {(circle.pk, "failed", "550"), (other.pk, "sent", "")}
    clock.on(days=7)
    run()
    assert len(mails_to(bram)) == 2
    assert "From Kring A." in mails_to(bram)[1].body


def test_back_to_one_digest_nothing_is_told_twice_and_nothing_lost(
    circle, other, anna, bram, run, clock, transactions
):
    mine = {c: make.question(c, by=bram, title="Mine?") for c in (circle, other)}
    rows.answered(mine[other], anna, at=clock.now, xid=transactions.one())
    rows.plan(bram, per_circle=True, cursor_xid=0)
    run()
    DigestPlan.objects.update(per_circle=False)
    rows.answered(mine[circle], anna, at=clock.now, xid=transactions.one())
    clock.on(days=7)
    run()
    first, second = mails_to(bram)
    assert "From Foot surgeons." in first.body
    assert "From Kring A." in second.body
    assert plan_of(bram).cursors == {}


def test_who_left_between_building_and_sending_gets_none_of_that_circle(
    circle, other, anna, bram, house, clock
):
    for asked in (circle, other):
        make.question(asked, by=anna)
    rows.plan(bram, per_circle=True)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
    Membership.objects.filter(circle=circle, member_id=bram.pk).update(state="suspended")
    with house():
        delivery.deliver_waiting()
    assert ends(bram) == {(circle.pk, "skipped", "not_member"), (other.pk, "sent", "")}


# --- stopping one part --------------------------------------------------------------------
@pytest.fixture
def links_of_parts(circle, other, anna, bram, clock, run):
    """bram's digests of two circles went out; by circle, where each is stopped."""
    for asked in (circle, other):
        make.question(asked, by=anna)
    rows.plan(bram, per_circle=True)
    run()
    found = {}
    for sent in mails_to(bram):
        of = other if "Foot surgeons" in sent.body else circle
        found[of] = re.search(r"<(\S+?)>", sent.extra_headers["List-Unsubscribe"])[1]
        assert found[of] in sent.body
    return {of: href.removeprefix(settings.URL) for of, href in found.items()}


def test_the_link_of_one_circle_stops_that_circle_only(
    client, links_of_parts, other, bram, anna, run, clock
):
    href = links_of_parts[other]
    for _ in range(20):
        assert client.get(href).status_code == 200
        assert client.head(href).status_code == 200
    assert plan_of(bram).circles == {}
    for _ in range(2):
        assert client.post(href, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert plan_of(bram).circles == {str(other.pk): "never"}
    assert plan_of(bram).every == "week"
    assert AuditEntry.objects.filter(act="digest.circles_chosen", about_id=bram.pk).count() == 1
    client.post(href, {"every": "again"})
    assert plan_of(bram).circles == {}


def test_a_circle_left_out_after_the_building_is_not_sent(
    client, links_of_parts, circle, other, anna, bram, house, clock
):
    clock.on(days=7)
    for asked in (circle, other):
        make.question(asked, by=anna)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
    client.post(links_of_parts[other])
    with house():
        delivery.deliver_waiting()
    issue = DigestIssue.objects.filter(member=bram, scope=other.pk).latest("pk")
    assert (issue.state, issue.reason) == ("skipped", "unsubscribed")


def test_a_left_out_circle_is_in_no_digest(circle, other, anna, bram, run):
    make.question(circle, by=anna)
    make.question(other, by=anna, title="Which shoe?")
    rows.plan(bram, circles={str(other.pk): "never"})
    run()
    (sent,) = mails_to(bram)
    assert "1 question waits" in sent.body
    assert "shoe" not in sent.body


def test_who_left_out_all_circles_is_told_so(circle, bram, as_):
    rows.plan(bram, circles={str(circle.pk): "never"})
    bram.language = "en"
    bram.save()
    reply = as_(bram).post(reverse("digest_ask"), follow=True)
    assert "switched off" in reply.content.decode()


# --- less than the circle allows ----------------------------------------------------------
def test_a_member_may_lower_what_a_circle_shows(other, anna, bram, run):
    make.question(other, by=anna, title="Which shoe?", mail_line="about feet")
    rows.plan(bram, circles={str(other.pk): "counts"})
    Circle.objects.filter(pk=other.pk).update(mail_alias="Kring F")
    run()
    (sent,) = mails_to(bram)
    source = sent.message().as_string()
    assert "1 question waits" in sent.body
    assert "From Kring F." in sent.body
    assert "shoe" not in source
    assert "Foot" not in source


def test_a_member_may_have_the_mail_safe_line_instead_of_the_title(other, anna, bram, run):
    make.question(other, by=anna, title="Which shoe?", mail_line="about feet")
    rows.plan(bram, circles={str(other.pk): "line"})
    run()
    assert "about feet" in mails_to(bram)[0].body
    assert "shoe" not in mails_to(bram)[0].body


def test_nobody_raises_what_a_circle_allows(circle, anna, bram, run):
    make.question(circle, by=anna, title="Splint or pin?")
    rows.plan(bram, circles={str(circle.pk): "title"})
    run()
    assert "Splint" not in mails_to(bram)[0].body


def test_a_lowered_circle_shows_no_more_in_letters_at_once(other, anna, bram, house, clock):
    from questions import answering

    asked = make.question(other, by=bram, title="Which shoe?")
    rows.plan(bram, circles={str(other.pk): "counts"}, next_due_at=clock.now + timedelta(days=3))
    given = make.answer(asked, by=anna)
    from questions.at_once import posting

    clock.to(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    posting.answer_came(asked, given)
    clock.on(minutes=10)
    with house():
        delivery.deliver_waiting()
    (sent,) = mails_to(bram)
    assert sent.subject == "Kring: something new on your question"
    assert "shoe" not in sent.message().as_string()
    assert answering


# --- the settings page --------------------------------------------------------------------
@pytest.fixture
def browser(as_, circle, other, bram):
    bram.language = "en"
    bram.save()
    return as_(bram)


def test_the_settings_offer_less_for_each_circle_and_never_more(browser, circle, other):
    page = browser.get(reverse("settings_page")).content.decode()
    section = page[page.index('id="circles"') : page.index('id="letters"')]
    assert "Hand surgeons" in section
    assert "As the circle: the question in one sentence" in section
    assert "At most the mail-safe line" in section
    assert section.count("Not in the digest") == 2
    assert section.count("At most") == 2  # of the circle of numbers nothing less is left


def test_what_is_chosen_for_circles_is_kept_and_audited(browser, circle, other, bram):
    chosen = {other.public_id: "counts", circle.public_id: "never", "per_circle": "on"}
    reply = browser.post(reverse("settings_circles"), chosen, follow=True)
    assert "It counts from the next email on." in reply.content.decode()
    plan = plan_of(bram)
    assert plan.circles == {str(other.pk): "counts", str(circle.pk): "never"}
    assert plan.per_circle
    line = AuditEntry.objects.get(act="digest.circles_chosen")
    assert (line.by_id, line.facts) == (bram.pk, {"per_circle": True})
    browser.post(reverse("settings_circles"), {})
    assert plan_of(bram).circles == {}


@pytest.mark.parametrize("wrong", ["title", "all", "1"])
def test_more_than_a_circle_allows_cannot_be_chosen(browser, circle, bram, wrong):
    reply = browser.post(reverse("settings_circles"), {circle.public_id: wrong})
    assert reply.status_code == 422
    assert f'id="circles_{circle.public_id}-e"' in reply.content.decode()
    assert not DigestPlan.objects.exists()


def test_of_a_circle_one_is_not_in_nothing_is_chosen(browser, elsewhere, bram):
    browser.post(reverse("settings_circles"), {elsewhere.public_id: "never", "per_circle": "on"})
    assert plan_of(bram).circles == {}


def test_the_kept_digest_of_a_circle_is_read_on_its_page(
    browser, links_of_parts, circle, other, bram, as_, anna
):
    listed = browser.get(reverse("digest_list")).content.decode()
    issue = DigestIssue.objects.get(member=bram, scope=other.pk)
    address = reverse("digest_of_circle", args=[issue.week, other.public_id])
    assert address in listed
    assert "Foot surgeons" in browser.get(address).content.decode()
    assert as_(anna).get(address).status_code == 404
    Membership.objects.filter(circle=other, member_id=bram.pk).update(state="suspended")
    assert browser.get(address).status_code == 404
    assert "of a circle you are not in" in browser.get(reverse("digest_list")).content.decode()


# --- only what is for me ------------------------------------------------------------------
def test_only_what_is_for_me_leaves_out_the_rest(circle, anna, bram, run, other):
    rows.answered(make.question(circle, by=bram), anna)
    make.question(circle, by=anna)
    rows.solved(make.question(circle, by=anna))
    rows.plan(bram, only_mine=True)
    run()
    (sent,) = mails_to(bram)
    assert "FOR YOU" in sent.body
    assert "YOU CAN HELP" not in sent.body
    assert "SOLVED" not in sent.body


def test_a_week_with_nothing_for_me_has_no_mail(circle, anna, bram, run):
    make.question(circle, by=anna)
    rows.plan(bram, only_mine=True)
    run()
    assert ends(bram) == {(0, "skipped", "empty")}


def test_the_unsubscribe_page_offers_only_what_is_for_me(client, circle, anna, bram, house):
    plan = rows.plan(bram)
    make.question(circle, by=anna)
    path = reverse("unsubscribe_page", args=[links.token_of(plan.link)])
    assert 'value="mine"' in client.get(path).content.decode()
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
    client.post(path, {"every": "mine"})
    assert (plan_of(bram).only_mine, plan_of(bram).every) == (True, "week")
    with house():
        delivery.deliver_waiting()
    assert ends(bram) == {(0, "skipped", "empty")}  # what was built counts too


def test_only_mine_is_set_and_taken_back_in_the_settings(browser, bram):
    wish = {"every": "week", "weekday": "1", "at": "07:30", "zone": "Europe/Amsterdam"}
    browser.post(reverse("settings_digest"), {**wish, "only_mine": "on"})
    assert plan_of(bram).only_mine
    browser.post(reverse("settings_digest"), wish)
    assert not plan_of(bram).only_mine
    assert AuditEntry.objects.filter(act="digest.chosen", by_id=bram.pk).count() == 2


# --- who has not come for long ------------------------------------------------------------
def seen(member, **ago):
    Member.objects.filter(pk=member.pk).update(
        language="en", joined_at=datetime(2020, 1, 1, tzinfo=UTC)
    )


def weeks_with_mail(member, run, clock, weeks: int) -> list[date]:
    """Let weeks go by, with a new question in each; return the days on which a mail came."""
    days = []
    for _ in range(weeks):
        clock.to(plan_of(member).next_due_at + timedelta(minutes=5))
        before = len(mails_to(member))
        run()
        if len(mails_to(member)) > before:
            days.append(clock.now.date())
        clock.on(hours=1)
    return days


@pytest.fixture
def busy(circle, anna, bram, monkeypatch):
    """A circle with always something for bram: what was told is as new as ever."""
    from questions.digests import collecting

    Member.objects.update(language="en", joined_at=datetime(2020, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(collecting.Told, "of", lambda *_: [])
    make.question(circle, by=anna)
    return circle


def test_after_eight_weeks_it_comes_monthly_and_asks_after_twenty_six_no_more(
    busy, bram, run, clock
):
    Member.objects.update(last_login=clock.now - timedelta(weeks=4, days=1))
    rows.plan(bram)
    days = weeks_with_mail(bram, run, clock, 30)
    weekly = [day for day in days if day < date(2026, 12, 22)]
    assert len(weekly) == 4
    assert days[4:] == [date(2027, 1, 5), date(2027, 2, 2), date(2027, 3, 2), date(2027, 4, 6)]
    asks = "You have not been on Kring for 10 weeks, so this comes once a month. Pause or leave?"
    assert [asks in sent.body for sent in mails_to(bram)][3:5] == [False, True]
    assert all("Pause or leave?" in sent.body for sent in mails_to(bram)[4:])
    assert all("first Tuesday of each month" in sent.body for sent in mails_to(bram)[4:])


def test_who_comes_back_has_the_weekly_digest_again(busy, bram, run, clock):
    Member.objects.update(last_login=clock.now - timedelta(weeks=40))
    rows.plan(bram)
    assert weeks_with_mail(bram, run, clock, 3) == []
    Member.objects.update(last_login=clock.now)
    assert len(weeks_with_mail(bram, run, clock, 3)) == 3


def test_a_session_that_runs_is_being_here(busy, bram, run, clock):
    """Signed in half a year ago, and used ever since."""
    Member.objects.update(last_login=clock.now - timedelta(weeks=30))
    session = Session.objects.create(
        session_key="k" * 40, session_data="", expire_date=clock.now + timedelta(days=10)
    )
    Browser.objects.create(member=bram, print="p", session=session)
    rows.plan(bram)
    assert len(weeks_with_mail(bram, run, clock, 1)) == 1
    assert (clock.now - plan_of(bram).seen_at).days == 4
    session.delete()
    assert len(weeks_with_mail(bram, run, clock, 3)) == 3  # what was noticed stays known


def test_one_asked_for_says_nothing_of_being_away(busy, bram, clock, house):
    rows.plan(bram, seen_at=clock.now - timedelta(weeks=20))
    with house():
        building.ask(bram)
        delivery.deliver_waiting()
    assert "Pause or leave?" not in mails_to(bram)[0].body


def test_a_time_of_day_is_kept_when_the_plan_is_changed_by_hand(circle, bram, acting, clock):
    rows.plan(bram)
    with acting(bram):
        plan = wishes.change_plan(
            by=bram, every="week", weekday=4, at=time(6, 0), zone="Europe/Amsterdam",
            paused_until=None,
        )  # fmt: skip
    assert plan.only_mine is False
