"""Whose digest is due: D1, D2 and D3 of the specification, as far as they are about time."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connections

from circles.models import Membership
from members import delivery, letters
from members.models import Letter, Link, Member
from questions.digests import building, moments, planning, wishes
from questions.models import DigestIssue, DigestPlan
from tests import make
from tests.conftest import role
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


def weeks_of(member) -> list[str]:
    issues = DigestIssue.objects.filter(member=member, asked=0)
    return list(issues.order_by("week").values_list("week", flat=True))


def mails_to(member) -> list:
    return [sent for sent in mail.outbox if sent.to == [member.email]]


def test_a_newcomer_gets_a_plan_once(circle, bram, house):
    for _ in range(2):
        with house():
            planning.plan_due()
    plan = DigestPlan.objects.get(member=bram)
    assert plan.link.purpose == "unsubscribe"
    assert plan.cursor_xid > 0
    assert Link.objects.filter(purpose="unsubscribe").count() == DigestPlan.objects.count()


def test_only_who_reads_somewhere_gets_a_plan(circle, eva, dirk, house):
    with house():
        planning.plan_due()
    assert not DigestPlan.objects.filter(member__in=[eva, dirk]).exists()


def test_a_due_moment_makes_the_issue_of_its_week_and_moves_on(circle, bram, house, clock):
    plan = rows.plan(bram, next_due_at=datetime(2026, 11, 24, 6, 30, tzinfo=UTC))
    clock.to(datetime(2026, 11, 24, 6, 40, tzinfo=UTC))
    with house():
        planning.plan_due()
        planning.plan_due()
    plan.refresh_from_db()
    assert weeks_of(bram) == ["2026-W48"]
    local = (plan.next_due_at - moments.jitter(bram.pk)).astimezone(ZoneInfo("Europe/Amsterdam"))
    assert (local.date(), local.time()) == (date(2026, 12, 1), time(7, 30))


def test_a_week_that_has_its_issue_gets_no_second(circle, bram, house, clock):
    plan = rows.plan(bram)
    rows.issue(bram, week="2026-W48", state="sent")
    with house():
        planning.plan_due()
    plan.refresh_from_db()
    assert weeks_of(bram) == ["2026-W48"]
    assert plan.next_due_at > clock.now


def test_a_digest_late_on_sunday_belongs_to_the_week_that_ends(circle, bram, house, clock):
    plan = rows.plan(bram, weekday=6, at=time(23, 59, 59))
    plan.next_due_at = planning.next_due(plan)
    plan.save()
    clock.to(plan.next_due_at)
    with house():
        planning.plan_due()
    assert weeks_of(bram) == ["2026-W48"]
    assert plan.next_due_at >= datetime(2026, 11, 29, 23, 0, tzinfo=UTC)  # Monday, there


def test_a_late_digest_is_made_within_two_days_and_not_after(circle, bram, vera, house, clock):
    rows.plan(bram, next_due_at=clock.now - timedelta(hours=47))
    rows.plan(vera, next_due_at=clock.now - timedelta(hours=49))
    with house():
        planning.plan_due()
    assert DigestIssue.objects.get(member=bram).state == "planned"
    skipped = DigestIssue.objects.get(member=vera)
    assert (skipped.state, skipped.reason) == ("skipped", "late")
    assert DigestPlan.objects.get(member=vera).cursor_xid == 1  # its window carries over


@pytest.mark.parametrize(
    "wish", [{"every": "never"}, {"paused_until": date(2026, 12, 25)}], ids=["never", "paused"]
)
def test_who_wants_none_gets_no_issue(circle, bram, house, clock, wish):
    rows.plan(bram, **wish)
    with house():
        planning.plan_due()
    assert weeks_of(bram) == []


def test_after_a_rest_the_digest_comes_at_its_next_moment(circle, bram, house, clock):
    plan = rows.plan(bram, paused_until=date(2026, 12, 25))
    with house():
        planning.plan_due()
    plan.refresh_from_db()
    first = plan.next_due_at - moments.jitter(bram.pk)
    assert first == datetime(2026, 12, 29, 6, 30, tzinfo=UTC)


def test_who_left_gets_no_issue(circle, bram, house, clock):
    rows.plan(bram)
    Membership.objects.filter(member_id=bram.pk).update(state="suspended")
    with house():
        planning.plan_due()
    assert weeks_of(bram) == []


def test_a_fault_with_one_member_leaves_the_others(circle, bram, vera, house, monkeypatch):
    rows.plan(bram)
    rows.plan(vera)
    real = planning.next_due

    def next_due(plan, after=None):
        if plan.pk == bram.pk:
            raise RuntimeError("broken")
        return real(plan, after)

    monkeypatch.setattr(planning, "next_due", next_due)
    with house():
        planning.plan_due()
    assert weeks_of(bram) == []
    assert len(weeks_of(vera)) == 1


@pytest.mark.parametrize(
    ("zone", "weekday", "at"),
    [
        ("Europe/Amsterdam", 6, time(2, 30)),  # skipped in March, twice in October
        ("Australia/Lord_Howe", 6, time(2, 0)),  # half an hour
        ("America/Sao_Paulo", 0, time(0, 0)),
        ("Pacific/Auckland", 0, time(0, 0)),
    ],
)
def test_d2_every_week_of_a_year_has_one_issue(circle, bram, house, clock, zone, weekday, at):
    clock.to(datetime(2026, 1, 5, tzinfo=UTC))
    plan = rows.plan(bram, zone=zone, weekday=weekday, at=at)
    plan.next_due_at = planning.next_due(plan)
    plan.save()
    with house():
        for _ in range(52):
            clock.to(DigestPlan.objects.get(pk=bram.pk).next_due_at + timedelta(minutes=9))
            planning.plan_due()
    weeks = weeks_of(bram)
    assert len(weeks) == 52
    assert [int(week[-2:]) for week in weeks] in (list(range(2, 54)), [*range(3, 54), 1])


@pytest.mark.parametrize("change_day", range(7))
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Europe/Amsterdam", "Pacific/Auckland"),
        ("Pacific/Honolulu", "Pacific/Auckland"),
        ("Pacific/Kiritimati", "Pacific/Honolulu"),
    ],
)
def test_d2_a_zone_changed_in_the_week_leaves_one_issue_a_week(
    circle, bram, house, acting, clock, old, new, change_day
):
    clock.to(datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    plan = rows.plan(bram, zone=old)
    plan.next_due_at = planning.next_due(plan)
    plan.save()
    change = datetime(2026, 11, 16, 12, 0, tzinfo=UTC) + timedelta(days=change_day)
    end = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
    while (due := DigestPlan.objects.get(pk=bram.pk).next_due_at) < end:
        if clock.now < change <= due:
            clock.to(change)
            with acting(bram):
                wishes.change_plan(
                    by=bram, every="week", weekday=1, at=time(7, 30), zone=new, paused_until=None
                )
            continue
        clock.to(due + timedelta(minutes=9))
        with house():
            planning.plan_due()
    assert weeks_of(bram) == [f"2026-W{week}" for week in range(45, 50)]


def test_a_monthly_digest_comes_twelve_times_a_year(circle, bram, house, clock):
    clock.to(datetime(2026, 1, 1, tzinfo=UTC))
    plan = rows.plan(bram, every="month")
    plan.next_due_at = planning.next_due(plan)
    plan.save()
    with house():
        while (due := DigestPlan.objects.get(pk=bram.pk).next_due_at).year == 2026:
            clock.to(due)
            planning.plan_due()
    assert len(weeks_of(bram)) == 12


@pytest.mark.django_db(transaction=True)
def test_d1_ten_planners_at_once_make_one_issue(circle, anna, bram, vera):
    for member in (anna, bram, vera):
        rows.plan(member)
    make.question(circle, by=anna, title="Who helps?")
    start = threading.Barrier(10)

    def work():
        with role("kring_worker"):
            start.wait()
            for issue_id in planning.plan_due():
                building.build(issue_id)
            delivery.deliver_waiting()
        connections.close_all()

    planners = [threading.Thread(target=work) for _ in range(10)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()
    assert DigestIssue.objects.filter(member__in=[anna, bram, vera]).count() == 3
    assert sorted(address for sent in mail.outbox for address in sent.to) == sorted(
        [bram.email, vera.email]
    )


class Killed(BaseException):
    """The worker is gone; nothing after this line is done."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("room", "name"),
    [
        (planning, "next_due"),
        (building, "collect"),
        (building, "_keep_built"),
        (letters, "post"),
        (delivery, "_start_sending"),
    ],
)
def test_d1_a_worker_killed_at_any_step_loses_and_doubles_nothing(
    circle, anna, bram, run, monkeypatch, room, name
):
    rows.plan(bram)
    make.question(circle, by=anna, title="Who helps?")

    def kill(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(room, name, kill)
        with pytest.raises(Killed):
            run()
    Letter.objects.update(held_until=None)  # five minutes later
    for _ in range(3):
        run()
    assert len(mails_to(bram)) == 1


@pytest.mark.django_db(transaction=True)
def test_d1_what_an_unknown_issue_told_comes_again_with_the_next(
    circle, anna, bram, run, clock, monkeypatch, transactions
):
    """The worker is gone after DATA: nobody knows whether the letter arrived."""
    rows.plan(bram, cursor_xid=0)
    mine = make.question(circle, by=bram, title="Splint or pin?")
    rows.answered(mine, anna, xid=transactions.one())
    with monkeypatch.context() as patch:
        patch.setattr(mail.backends.locmem.EmailBackend, "send_messages", _killed)
        with pytest.raises(Killed):
            run()
    Letter.objects.update(held_until=clock.now - timedelta(seconds=1))
    run()
    assert DigestIssue.objects.get(member=bram).state == "unknown"
    assert mails_to(bram) == []
    clock.on(days=7)
    run()
    assert len(mails_to(bram)) == 1
    assert "1 answer on your question" in mails_to(bram)[0].body


def _killed(*args):
    raise Killed


def test_d3_of_seventeen_weeks_those_with_content_bring_a_mail(
    circle, anna, bram, run, clock, transactions
):
    rows.plan(bram, cursor_xid=0)
    told = []
    mine = make.question(circle, by=bram, title="Splint or pin?")
    for week in range(17):
        if week % 3 != 2:
            rows.answered(mine, anna, at=clock.now, xid=transactions.one())
            told.append(week)
        before = len(mails_to(bram))
        Member.objects.update(last_login=clock.now)
        clock.to(DigestPlan.objects.get(pk=bram.pk).next_due_at + timedelta(minutes=5))
        run()
        run()
        assert len(mails_to(bram)) - before == (1 if told[-1] == week else 0), week
        clock.on(hours=1)
    assert all("1 answer on your question" in sent.body for sent in mails_to(bram))
    assert len(weeks_of(bram)) == 17
    assert set(DigestIssue.objects.filter(member=bram).values_list("state", "reason")) == {
        ("sent", ""),
        ("skipped", "empty"),
    }


def test_an_issue_waits_until_the_one_before_has_ended(
    circle, anna, bram, house, clock, transactions
):
    """Only then the cursor says what was told; so a slow letter doubles nothing."""
    rows.plan(bram, cursor_xid=0)
    mine = make.question(circle, by=bram, title="Splint or pin?")
    rows.answered(mine, anna, at=clock.now, xid=transactions.one())
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
    clock.on(days=8)
    with house():
        waiting = planning.plan_due()
        for issue_id in waiting:
            building.build(issue_id)
        assert _ends(bram) == [("built", ""), ("planned", "")]
        delivery.deliver_waiting()
        for issue_id in waiting:
            building.build(issue_id)
        delivery.deliver_waiting()
    assert _ends(bram) == [("skipped", "late"), ("sent", "")]
    assert len(mails_to(bram)) == 1


def test_issues_are_built_in_turns_and_a_fault_with_one_leaves_the_others(
    circle, anna, bram, vera, house, monkeypatch
):
    make.question(circle, by=anna)
    for member in (anna, bram, vera):
        rows.plan(member)
    monkeypatch.setattr(building, "TOGETHER", 2)
    real = building.collect

    def collect(reader, window):
        if reader.member_id == bram.pk:
            raise RuntimeError("broken")
        return real(reader, window)

    monkeypatch.setattr(building, "collect", collect)
    with house():
        issue_ids = planning.plan_due()
        assert building.build_some() == issue_ids[1]
        assert building.build_some(issue_ids[1]) is None
    assert _ends(bram) == [("planned", "")]
    assert _ends(vera) == [("built", "")]


def _ends(member) -> list[tuple[str, str]]:
    issues = DigestIssue.objects.filter(member=member).order_by("id")
    return list(issues.values_list("state", "reason"))
