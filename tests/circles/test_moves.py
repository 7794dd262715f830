import re

import pytest
from django.db import DatabaseError, ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as some

from circles import moves
from circles.models import Application, Membership
from kring.lib.acting import acting_as, acting_with
from kring.lib.refused import Refused
from members.models import AuditEntry
from tests import make

STATES = list(Application.State)
OPEN = [state for state in STATES if state not in Application.ENDED]


def reached_by(who: set[str], start: str) -> set[str]:
    """Every state that moves of these actors alone lead to."""
    found, ahead = set(), [start]
    while ahead:
        state = ahead.pop()
        new = {to for to, mover in moves.MOVES[state].items() if mover in who} - found
        found |= new
        ahead += new
    return found


def test_the_table_knows_every_state():
    assert set(moves.MOVES) == set(STATES)


@pytest.mark.parametrize("start", STATES)
def test_no_timer_leads_to_a_membership(start):
    assert Application.State.APPROVED not in reached_by({moves.HOUSE}, start)


def test_only_an_accepted_offer_leads_to_a_membership():
    ways = [old for old, to in moves.MOVES.items() if Application.State.APPROVED in to]
    assert ways == [Application.State.OFFERED]
    assert moves.MOVES[ways[0]][Application.State.APPROVED] == moves.ADMISSION


def test_without_the_circle_nobody_is_offered_a_seat():
    alone = reached_by({moves.APPLICANT, moves.HOUSE, moves.REFEREE}, Application.State.DRAFT)
    assert not alone & {Application.State.OFFERED, Application.State.WAITLISTED}


@pytest.mark.parametrize("state", OPEN)
def test_withdrawing_is_possible_from_every_open_state(state):
    assert moves.MOVES[state][Application.State.WITHDRAWN] == moves.APPLICANT


@pytest.mark.parametrize("ended", Application.ENDED)
def test_from_an_end_only_an_appeal_goes_on(ended):
    assert set(moves.MOVES[ended]) <= {Application.State.APPEALED}


@given(path=some.lists(some.sampled_from(STATES), max_size=12))
def test_no_row_of_timers_of_any_length_admits(path):
    state = Application.State.DRAFT
    for new in path:
        if moves.MOVES[state].get(new) == moves.HOUSE:
            state = new
    assert state != Application.State.APPROVED


def test_a_move_outside_the_table_is_a_mistake(circle):
    offered = make.application(circle, state="offered")
    for who in (moves.HOUSE, moves.CIRCLE, moves.APPLICANT, moves.ADMISSION):
        with pytest.raises(LookupError):
            moves.move(offered, Application.State.APPROVED, who=who)


@pytest.mark.parametrize("start", ["review", "offered"])
def test_the_database_lets_nobody_approve_by_hand(start, circle, anna, acting, house):
    application = make.application(circle, state=start)
    rows = Application.objects.filter(pk=application.pk)
    with pytest.raises(ProgrammingError, match=r"row-level security|kring:"), acting(anna):
        rows.update(state="approved")
    with (
        pytest.raises(ProgrammingError, match=r"row-level security|kring:"),
        house(),
        acting_as(None),
    ):
        rows.update(state="approved")


def test_the_database_lets_no_applicant_offer_themselves_a_seat(circle, acting):
    application = make.application(circle)
    with (
        pytest.raises(ProgrammingError, match=r"row-level security|kring:"),
        acting(None),
        acting_with(application.link_id),
    ):
        Application.objects.filter(pk=application.pk).update(state="offered")


def test_a_move_leaves_a_step_and_an_audit_line(circle, anna, acting):
    application = make.application(circle)
    make.vote(application, by=anna)
    with acting(anna):
        moves.move(application, Application.State.OFFERED, who=moves.CIRCLE, by=anna)
    step = application.steps.get()
    assert (step.old, step.new, step.by_id) == ("review", "offered", anna.pk)
    line = AuditEntry.objects.get(act="application.moved")
    assert line.facts == {"old": "review", "new": "offered"}


def test_a_move_from_a_state_that_changed_does_nothing(circle, anna, acting):
    application = make.application(circle)
    make.vote(application, by=anna)
    stale = Application.objects.get(pk=application.pk)
    with acting(anna):
        moves.move(application, Application.State.OFFERED, who=moves.CIRCLE, by=anna)
        with pytest.raises(Refused, match="Already decided by Anna de Vries at"):
            moves.move(stale, Application.State.WAITLISTED, who=moves.CIRCLE, by=anna)
    assert application.steps.count() == 1


def test_nobody_can_write_a_step_in_somebody_elses_name(circle, anna, vera, acting):
    application = make.application(circle)
    with pytest.raises(ProgrammingError, match=r"row-level security|kring:"), acting(anna):
        application.steps.create(circle=circle, old="review", new="offered", by_id=vera.pk)


def test_memberships_are_made_by_nobody_but_the_database(circle, anna, dirk, acting, house):
    for role in (acting(anna), acting(dirk), house()):
        with pytest.raises(ProgrammingError), role, transaction.atomic():
            Membership.objects.create(circle=circle, member_id=dirk.pk)


@pytest.mark.parametrize(
    "change",
    [
        {"email": "other@example.org"},
        {"public_id": "bcdfghjkmn"},
        {"policy": {"approvals_needed": 0}},
        {"submitted_at": None},
        {"proven_at": None},
        {"state": "draft"},
        {"state": "offered"},  # without a vote
    ],
)
def test_what_was_sent_in_stands_whoever_tries(circle, anna, acting, change):
    application = make.application(circle)
    with pytest.raises(DatabaseError, match="kring:"), acting(anna):
        Application.objects.filter(pk=application.pk).update(**change)


def test_an_application_never_moves_to_another_circle(circle, elsewhere, anna, acting):
    application = make.application(circle)
    with pytest.raises(DatabaseError), acting(anna):
        Application.objects.filter(pk=application.pk).update(circle=elsewhere)


def test_the_table_of_the_database_is_the_table_of_the_code():
    """Each move the code knows is one the database lets through, and no other."""
    from importlib import import_module

    source = import_module("circles.migrations.0002_access").KEPT
    pairs = set(re.findall(r"\('(\w+)', '(\w+)'\)", source))
    assert pairs == {(old, new) for old, news in moves.MOVES.items() for new in news}
