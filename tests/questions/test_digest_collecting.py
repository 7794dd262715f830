"""What a digest holds: the right things, in the right order, once, for its reader only."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections, transaction
from django.utils import timezone

from circles.models import Circle, Membership
from kring.lib.acting import acting_as
from members import delivery
from members.models import Letter
from questions.digests import building
from questions.digests.collecting import collect, score
from questions.digests.lines import arrange
from questions.digests.reader import Reader
from questions.digests.today import Today
from questions.digests.window import Window
from questions.models import DigestIssue, DigestPlan, Event, Question, Tag, Tagging
from tests import make
from tests.conftest import role
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    return rows.Clock(monkeypatch)


@pytest.fixture
def items_of(house):
    """The items of a member's next digest, as the worker collects them."""

    def go(member) -> list[dict]:
        plan = DigestPlan.objects.filter(pk=member.pk).first() or rows.plan(member)
        with house(), acting_as(member.pk):
            reader = Reader.of(member)
            return collect(reader, Window.since(plan))

    return go


@pytest.fixture
def lines_of(house, items_of):
    def go(member):
        items = items_of(member)
        with house(), acting_as(member.pk):
            return arrange(items, Today.of(items, Reader.of(member)))

    return go


def kinds(items: list[dict]) -> list[str]:
    return [item["kind"] for item in items]


def told(member, items: list[dict], week="2026-W40", **facts) -> DigestIssue:
    """An issue that was sent with these items."""
    facts = {"state": "sent", "built_at": timezone.now(), **facts}
    return rows.issue(member, week=week, items=items, **facts)


# --- A: for you ---------------------------------------------------------------------------
def test_answers_on_my_question_are_one_item(circle, anna, bram, vera, items_of):
    mine = make.question(circle, by=bram)
    first, second = rows.answered(mine, anna), rows.answered(mine, vera)
    (item,) = items_of(bram)
    assert (item["kind"], item["question"]) == ("answers", mine.pk)
    assert item["answers"] == [first.pk, second.pk]


def test_remarks_on_my_question_and_under_my_answer_are_told_as_a_number(
    circle, anna, bram, vera, items_of
):
    mine = make.question(circle, by=bram)
    for by in (anna, vera):
        rows.event(mine, "remarked", by)
    theirs = make.question(circle, by=anna)
    rows.event(theirs, "remarked", vera, answer=make.answer(theirs, by=bram))
    found = {item["question"]: item["count"] for item in items_of(bram)}
    assert found == {mine.pk: 2, theirs.pk: 1}


def test_remarks_to_others_and_my_own_are_no_news(circle, anna, bram, vera, items_of):
    mine, theirs = make.question(circle, by=bram), make.question(circle, by=anna)
    rows.event(mine, "remarked", bram)
    rows.event(mine, "remarked", vera, answer=make.answer(mine, by=anna))
    rows.event(theirs, "remarked", vera)
    assert [item for item in items_of(bram) if item["kind"] == "remarks"] == []


def test_remarks_that_were_read_or_come_with_an_answer_are_not_told(
    circle, anna, bram, lines_of, items_of
):
    seen, answered = make.question(circle, by=bram), make.question(circle, by=bram)
    rows.event(seen, "remarked", anna)
    rows.event(answered, "remarked", anna)
    rows.answered(answered, anna)
    assert kinds(items_of(bram)) == ["answers", "remarks"]
    rows.read(seen, bram)
    assert [line.kind for line in lines_of(bram).lines] == ["answers"]


def test_a_remark_after_the_answer_was_read_is_told(circle, anna, vera, bram, items_of):
    mine = make.question(circle, by=bram)
    rows.answered(mine, anna)
    rows.read(mine, bram)
    rows.event(mine, "remarked", vera)
    assert kinds(items_of(bram)) == ["remarks"]


def test_a_remark_under_my_answer_is_told_though_a_letter_told_the_outcome(
    circle, anna, vera, bram, items_of
):
    question = make.question(circle, by=anna)
    mine = make.answer(question, by=bram)
    thanks = {"kind": "outcome_thanks", "subject_id": question.pk, "tells": [1]}
    Letter.objects.create(member=bram, state="sent", **thanks)
    rows.event(question, "remarked", vera, answer=mine)
    assert kinds(items_of(bram)) == ["remarks"]


def test_my_own_answer_and_answers_to_others_are_no_news(circle, anna, bram, vera, items_of):
    rows.answered(make.question(circle, by=bram), bram)
    rows.answered(make.question(circle, by=anna), vera)
    assert items_of(bram) == []


def test_an_item_holds_ids_and_numbers_only(circle, anna, bram, vera, items_of, clock):
    rows.answered(make.question(circle, by=vera), anna)
    make.question(circle, by=bram)
    rows.known(make.question(circle, by=anna))
    owed = clock.now + timedelta(days=1)
    make.question(circle, by=vera, state="answered", outcome_due_at=owed)
    make.application(circle)
    make.membership(circle, make.member("new"), since=clock.now - timedelta(days=1))
    items = items_of(vera)
    assert kinds(items) == ["answers", "outcome", "desk", "help", "known", "joined"]
    words = {"answers", "outcome", "desk", "help", "known", "joined", "soon", "due", "open"}
    for item in items:
        for value in item.values():
            assert isinstance(value, int | list) or value in words


def test_an_outcome_is_told_when_it_nears_and_once_more_when_it_has_come(
    circle, bram, items_of, clock
):
    due = clock.now + timedelta(days=6)
    question = make.question(circle, by=bram, state="answered", outcome_due_at=due)
    (soon,) = items_of(bram)
    assert (soon["kind"], soon["question"], soon["reason"]) == ("outcome", question.pk, "soon")
    told(bram, [soon])
    assert items_of(bram) == []
    clock.on(days=7)
    (due,) = items_of(bram)
    assert due["reason"] == "due"
    told(bram, [due], week="2026-W41")
    clock.on(days=7)
    assert items_of(bram) == []


def test_an_outcome_far_away_is_not_told(circle, bram, items_of, clock):
    far = clock.now + timedelta(days=8)
    make.question(circle, by=bram, state="answered", outcome_due_at=far)
    assert items_of(bram) == []


def test_the_desk_counts_what_waits_for_my_vote(circle, vera, bram, items_of, clock):
    oldest = make.application(circle, review_since=clock.now - timedelta(days=6))
    make.application(circle)
    make.application(circle, state="referees")
    make.application(circle, email=vera.email)  # her own second account
    (desk,) = items_of(vera)
    assert (desk["kind"], desk["count"]) == ("desk", 2)
    assert desk["at"] == round(oldest.review_since.timestamp() * 1_000_000)
    assert items_of(bram) == []  # he does not vet


def test_what_i_voted_on_waits_for_others(circle, vera, items_of):
    from circles.models import Vote

    application = make.application(circle)
    Vote.objects.create(
        circle=circle, application=application, voter_id=vera.pk, choice="approve", sentence="Yes"
    )
    assert items_of(vera) == []


# --- B: you can help ----------------------------------------------------------------------
def test_open_unanswered_questions_of_others_are_offered_longest_first(
    circle, anna, bram, vera, items_of, clock
):
    young = make.question(circle, by=anna, created_at=clock.now - timedelta(days=2))
    old = make.question(circle, by=vera, created_at=clock.now - timedelta(days=5))
    make.question(circle, by=bram)
    rows.answered(make.question(circle, by=anna), vera)
    make.question(circle, by=anna, state="withdrawn")
    assert [item["question"] for item in items_of(bram)] == [old.pk, young.pk]


def test_of_questions_older_than_a_week_the_first_comes_first(circle, anna, bram, items_of, clock):
    first = make.question(circle, by=anna, created_at=clock.now - timedelta(days=9))
    second = make.question(circle, by=anna, created_at=clock.now - timedelta(days=30))
    assert [item["question"] for item in items_of(bram)] == [first.pk, second.pk]


def test_the_score_is_that_of_the_specification():
    now = timezone.now()
    asked_at = now - timedelta(days=3.5)
    assert score(asked_at, 0, now) == 2.5
    assert score(asked_at, 0, now, tag_match=True) == 5.5
    assert score(now - timedelta(days=70), 1, now) == 1


def test_what_i_set_aside_is_not_offered(circle, anna, bram, items_of):
    question = make.question(circle, by=anna)
    rows.read(question, bram, at=None)
    from questions.models import Mark

    Mark.objects.update(aside_at=timezone.now(), read_at=None)
    assert items_of(bram) == []


def test_who_may_only_read_is_not_asked_to_help(circle, anna, bram, items_of):
    make.question(circle, by=anna)
    Membership.objects.filter(member_id=bram.pk).update(state="grace")
    assert items_of(bram) == []


def test_a_question_is_offered_twice_at_most(circle, anna, bram, items_of, clock):
    question = make.question(circle, by=anna, created_at=clock.now - timedelta(days=1))
    (first,) = items_of(bram)
    told(bram, [first])
    clock.on(days=5)
    assert items_of(bram) == []  # no new reason yet
    clock.on(days=2)
    (second,) = items_of(bram)
    assert (second["question"], second["reason"]) == (question.pk, "still")
    told(bram, [second], week="2026-W41")
    clock.on(days=30)
    assert items_of(bram) == []


def test_what_found_no_place_is_still_to_be_told(circle, anna, bram, items_of):
    make.question(circle, by=anna)
    (item,) = items_of(bram)
    told(bram, [item], told=[])
    assert items_of(bram) == [item]
    told(bram, [item], week="2026-W41", told=[0])
    assert items_of(bram) == []


# --- C and D ------------------------------------------------------------------------------
def test_outcomes_come_before_what_was_solved_each_question_once(circle, anna, bram, items_of):
    solved, known = make.question(circle, by=anna), make.question(circle, by=anna)
    rows.solved(solved)
    rows.solved(known)
    rows.known(known)
    assert [(item["kind"], item["question"]) for item in items_of(bram)] == [
        ("known", known.pk),
        ("solved", solved.pk),
    ]
    assert items_of(anna) == []  # she did it herself


def test_new_members_are_a_number_since_the_last_digest(circle, bram, items_of, clock):
    make.membership(circle, make.member("old"), since=clock.now - timedelta(days=5))
    told(bram, [], built_at=clock.now - timedelta(days=4))
    make.membership(circle, make.member("new"), since=clock.now - timedelta(days=3))
    make.membership(circle, make.member("newer"), since=clock.now - timedelta(days=2))
    assert items_of(bram) == [{"kind": "joined", "circle": circle.pk, "count": 2}]


# --- the window and the reader ------------------------------------------------------------
def test_what_happened_before_the_cursor_is_told_already(circle, anna, bram, items_of):
    rows.plan(bram, cursor_xid=rows.EARLY + 1)
    rows.answered(make.question(circle, by=bram), anna)
    assert items_of(bram) == []


def test_what_happened_before_i_came_is_not_for_me(circle, anna, dirk, items_of, clock):
    question = make.question(circle, by=anna)
    Question.objects.filter(pk=question.pk).update(state="answered")
    rows.event(question, "accepted", anna, at=clock.now - timedelta(days=3))
    make.membership(circle, dirk, since=clock.now - timedelta(days=2))
    assert items_of(dirk) == []


def test_of_other_circles_nothing_is_collected(circle, elsewhere, carla, bram, items_of):
    rows.solved(make.question(elsewhere, by=carla))
    make.question(elsewhere, by=carla)
    assert items_of(bram) == []


def test_who_left_reads_nothing(circle, anna, eva, items_of):
    rows.answered(make.question(circle, by=eva), anna)
    make.question(circle, by=anna)
    assert items_of(eva) == []


def test_after_a_restore_the_events_after_the_last_one_are_told(circle, anna, bram, items_of):
    """Transactions count from the start again; the cursor is ahead of them."""
    mine = make.question(circle, by=bram)
    rows.answered(mine, anna, xid=2**40)
    last = Event.objects.order_by("id").last().pk
    late = rows.answered(mine, anna, xid=2**40 + 1)
    fresh = rows.answered(mine, anna)
    rows.plan(bram, cursor_xid=2**41, cursor_event=last)
    (item,) = items_of(bram)
    assert item["answers"] == [late.pk, fresh.pk]


@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_is_told_next_time(circle, anna, bram, items_of):
    """Its event has the lower number and the later commit."""
    asked = [make.question(circle, by=bram) for _ in range(2)]
    plan = rows.plan(bram, cursor_xid=0)
    begun, may_end = threading.Event(), threading.Event()

    def slow():
        with role("kring_owner"), transaction.atomic():
            rows.answered(asked[0], anna, xid=None)
            begun.set()
            may_end.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(20)
    rows.answered(asked[1], anna, xid=None)
    plan.cursor_xid = Window.since(plan).upper
    assert items_of(bram) == []  # nothing is told while it runs, and so nothing is skipped
    may_end.set()
    thread.join()
    rows.below_every_window()
    plan.save()
    assert [item["question"] for item in items_of(bram)] == [asked[0].pk, asked[1].pk]


def test_what_i_read_on_the_web_is_not_told(circle, anna, bram, items_of, clock):
    """D7."""
    mine, other = make.question(circle, by=bram), make.question(circle, by=anna)
    done = make.question(circle, by=anna)
    owed = make.question(circle, by=bram, state="answered", outcome_due_at=clock.now)
    rows.answered(mine, anna)
    rows.solved(done)
    assert len(items_of(bram)) == 4
    clock.on(minutes=5)
    for question in (mine, other, done, owed):
        rows.read(question, bram)
    assert items_of(bram) == []
    clock.on(minutes=5)
    rows.answered(mine, anna)
    assert kinds(items_of(bram)) == ["answers"]


def test_the_same_rows_give_the_same_items(circle, anna, bram, vera, items_of, clock):
    for number in range(9):
        rows.answered(make.question(circle, by=bram), (anna, vera)[number % 2])
        make.question(circle, by=anna, created_at=clock.now - timedelta(hours=number))
    assert items_of(bram) == items_of(bram)


# --- size ---------------------------------------------------------------------------------
def test_d11_six_circles_with_a_hundred_items_make_twelve_lines_in_order(
    bram, anna, lines_of, clock
):
    for number in range(6):
        circle = make.circle(f"Circle {number}", members=[anna, bram], mail_ceiling="title")
        for age in range(8):
            make.question(circle, by=anna, created_at=clock.now - timedelta(hours=age))
        for _ in range(4):
            rows.solved(make.question(circle, by=anna))
    busy = circle
    for _ in range(24):
        rows.answered(make.question(busy, by=bram), anna)
    for _ in range(4):
        make.question(busy, by=bram, state="answered", outcome_due_at=clock.now)
    arranged = lines_of(bram)
    assert len(arranged.lines) == 12
    assert arranged.more == 100 - 12
    assert [line.kind for line in arranged.lines] == ["answers"] * 5 + ["help"] * 7
    assert {line.circle.pk for line in arranged.lines[:5]} == {busy.pk}
    assert busy.pk not in {line.circle.pk for line in arranged.lines[5:]}
    oldest = [line.questions[0].created_at for line in arranged.lines[5:]]
    assert oldest == sorted(oldest)


def test_a_circle_of_numbers_makes_one_line_a_kind(circle, anna, bram, lines_of):
    for _ in range(8):
        make.question(circle, by=anna)
        rows.solved(make.question(circle, by=anna))
        rows.known(make.question(circle, by=anna))
    arranged = lines_of(bram)
    assert [line.kind for line in arranged.lines] == ["help", "solved"]
    assert arranged.more == 0


def test_d13_the_questions_asked_of_the_database_do_not_grow(
    circle, anna, bram, vera, queries, house
):
    """Each member is built as its reader; a circle ten times as full costs no query more."""
    plan = rows.plan(vera)

    def build():
        with house(), acting_as(vera.pk):
            reader = Reader.of(vera)
            items = collect(reader, Window.since(plan))
            arrange(items, Today.of(items, reader))

    def fill(times: int):
        for _ in range(times):
            rows.answered(make.question(circle, by=vera), anna)
            make.question(circle, by=anna)
            rows.solved(make.question(circle, by=anna))
            make.application(circle)

    fill(1)
    few = queries(build)
    fill(20)
    assert queries(build) == few
    assert few <= 18


def test_d13_the_hand_over_asks_as_much_for_two_things_as_for_sixty(
    circle, anna, vera, queries, house, clock
):
    rows.plan(vera)
    counts = []
    for times in (1, 20):
        for number in range(times):
            rows.answered(make.question(circle, by=vera), anna)
            rows.solved(make.question(circle, by=anna))
            tagged = make.question(circle, by=anna)
            tag = Tag.objects.create(circle=circle, name=f"{times} {number}", mail_safe=True)
            Tagging.objects.create(circle=circle, question=tagged, tag=tag)
        for shown in ("counts", "title"):
            Circle.objects.filter(pk=circle.pk).update(mail_ceiling=shown)
            with house():
                building.ask(vera, again_after=timedelta(0))
                counts.append(queries(delivery.deliver_waiting))
    assert len({letter.body for letter in mail.outbox}) == 4
    assert len(set(counts)) == 1
    assert counts[0] <= 16
