"""V1 to V12 of the specification of vetting, as far as they stand in no room of their own: V4, V7 and
V9 are in test_deciding and test_inquiries (of referees in test_referees), V5 in test_policy, V11 in
test_erased, V12 in tests/workflows; all of them together in machine/."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from circles import appealing, applying, forgetting, inquiries, moves, objecting, vetting
from circles.models import Application, Membership, Step
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members.due import _HANDLERS
from members.models import Due, Letter, Profile
from questions.models import Answer, Question
from tests import make

S = Application.State
POLICY = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 7}
TIMERS = sorted(kind for kind in _HANDLERS if kind.startswith(("application_", "vetting_")))
REFUSED = {"decline_code": "other", "decline_text": "You operate on feet, we on hands."}


def state_of(application) -> str:
    return Application.objects.get(pk=application.pk).state


# --- V1 -----------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [state for state in S if state != S.APPROVED])
def test_v1_before_approval_an_applicant_reads_nothing_of_the_circle(
    state, circle, anna, dirk, acting
):
    answer = make.answer(make.question(circle, by=anna), by=anna)
    facts = REFUSED if "declined" in state else {}
    application = make.application(circle, state=state, email=dirk.email, **facts)
    with acting(dirk), acting_with(application.link_id):
        for model in (Question, Answer, Membership):
            assert not model.objects.filter(circle=circle).exists()
        assert not Profile.objects.filter(pk=answer.author_id).exists()


# --- V2 -----------------------------------------------------------------------------------
def test_v2_of_50_retries_of_one_timer_comes_one_decision_mail(
    circle, anna, vera, votes, falls_due, letters_of
):
    application = make.application(circle, policy=POLICY)
    votes(application, anna)
    votes(application, vera)
    timer = Due.objects.filter(kind="application_objection_over")
    for _ in range(50):
        timer.update(done_at=None)
        falls_due("application_objection_over")
    assert letters_of(application) == ["application_offered"]
    assert application.steps.filter(new="offered").count() == 1


def test_v2_of_50_acceptances_comes_one_membership(circle, acting):
    application = make.application(circle, state="offered", email="new@example.org")
    heard = []
    for _ in range(50):
        stale = Application.objects.get(pk=application.pk)
        stale.state = "offered"
        try:
            with acting(None):
                applying.accept(stale, by=None, password="a long enough pass phrase")
        except Refused as refused:
            heard.append(refused.sentence)
    assert len(heard) == 49
    assert Membership.objects.filter(circle=circle, state="probation").count() == 1


# --- V3 -----------------------------------------------------------------------------------
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=some.sampled_from([state for state in S if state != S.APPROVED]),
    path=some.lists(some.sampled_from(TIMERS), min_size=1, max_size=6),
)
def test_v3_no_path_of_timers_only_reaches_approved(circle, falls_due, start, path):
    """The real timers, through the real sweep as the house, in any order, on any state."""
    facts = REFUSED if "declined" in start else {}
    application = make.application(circle, state=start, policy=POLICY, **facts)
    before = Membership.objects.count()
    for number, kind in enumerate(path):
        Due.objects.create(
            kind=kind,
            subject_id=application.pk,
            circle_id=circle.pk,
            due_at=timezone.now(),
            seq=700 + 20 * number,  # some set themselves anew, with the next number
        )
        falls_due(kind)
    assert state_of(application) != S.APPROVED
    assert Membership.objects.count() == before
    for step in Step.objects.filter(application=application):  # one sweep may make two
        went = step.new == S.WITHDRAWN and "application_gone" in path  # their account is erased
        assert went or moves.MOVES[step.old][step.new] == moves.HOUSE


# --- V6 -----------------------------------------------------------------------------------
def test_v6_a_refusal_writes_its_letter_at_once(circle, anna, vera, votes, reason):
    application = make.application(circle)
    votes(application, anna, "decline")
    votes(application, vera, "decline", **reason)
    letter = Letter.objects.get(kind="application_declined", subject_id=application.pk)
    assert letter.due_at <= timezone.now() + timedelta(minutes=5)


def test_v6_of_every_end_its_applicant_is_told_except_of_spam():
    told = {*moves.LETTERS, S.EXPIRED, S.APPROVED}  # by the timer that ends it; on the page
    assert set(Application.ENDED) - told == {S.DISCARDED}


# --- V8 -----------------------------------------------------------------------------------
WORD = "zebrafinch"


def holding(word: str) -> list[str]:
    """Every table of ours with this word in any of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' "
            "and tablename ~ '^(members|circles|questions|account|kring)_'"
        )
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"select exists (select from {table} t where t::text ilike %s)", [f"%{word}%"]
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_v8_the_erase_job_leaves_no_word_anywhere(
    circle, anna, vera, bram, votes, acting, falls_due
):
    words = {"name": f"{WORD} one", "profession": WORD, "brings": WORD, "seeks": WORD}
    application = make.application(circle, policy=POLICY, email=f"{WORD}@example.org", **words)
    seen = Application.objects.get(pk=application.pk)
    with acting(anna):
        vetting.note(seen, by=anna, text=WORD)
        inquiries.ask(seen, by=anna, question=f"Is it {WORD}?")
    seen = Application.objects.get(pk=application.pk)
    with acting(None):
        inquiries.answer(seen, text=WORD)
    votes(application, anna, sentence=WORD)
    votes(application, vera, sentence=WORD)
    with acting(bram):
        membership = Membership.objects.get(circle=circle, member_id=bram.pk)
        newcomer = objecting.newcomers(membership)[0]
        objecting.object_to(newcomer, membership, by=bram, words=WORD)
    assert len(holding(WORD)) >= 5
    seen = Application.objects.get(pk=application.pk)
    with acting(None):
        applying.withdraw(seen, expected="objection")
    falls_due("application_erase")
    assert holding(WORD) == []


def test_v8_an_appeal_is_erased_too(circle, anna, vera, votes, acting, falls_due):
    application = make.application(circle, state="declined", **REFUSED)
    with acting(None):
        appealing.appeal(application, words=WORD)
        applying.withdraw(application, expected="appealed")
    falls_due("application_erase")
    assert holding(WORD) == []


# --- V10 ----------------------------------------------------------------------------------
@pytest.fixture
def one_seat(anna, vera):
    """A circle of 40 with one seat left."""
    made = make.circle("Nearly full", admin=anna, vetters=[vera], size_cap=40)
    for number in range(37):
        make.membership(made, make.member(f"seat{number}"))
    return made


def test_v10_three_approved_for_one_seat_and_an_expired_offer_passes_on(
    one_seat, anna, vera, votes, falls_due
):
    three = [make.application(one_seat) for _ in range(3)]
    for application in three:
        votes(application, anna)
        votes(application, vera)
    assert [state_of(row) for row in three] == ["offered", "waitlisted", "waitlisted"]
    falls_due("application_offer_expiry")
    assert [state_of(row) for row in three] == ["expired", "offered", "waitlisted"]


def test_every_timer_of_an_application_is_tried_above():
    assert {"application_late", "application_objection_over", "vetting_queue"} <= set(TIMERS)
    assert forgetting.ENDED
