"""Some weeks of digests with everything that goes wrong: real workers that are killed, two clocks,
a mail server that says no, hangs, drops the line and is away. The long form is
`manage.py simulate_digests`, with the same code.
"""

from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kring.simulating import people
from kring.simulating.course import Run
from kring.simulating.faults import Faults
from kring.simulating.people import People
from tests import live

BROKER = 11  # where no worker of another test listens
WEEKS, CALM = 3, 1

ISSUES = """
select member_id, count(distinct week) from questions_digestissue where asked = 0 and member_id = any (%s)
group by 1 having count(distinct week) <> %s
"""
LETTERS = """
select state, reason, count(*) from members_letter
where kind = 'weekly_digest' and attempts > 1 group by 1, 2
"""


@pytest.fixture(scope="module")
def simulated(django_db_setup, django_db_blocker, tmp_path_factory):
    """One run for all claims below, and what its database says at the end."""
    with django_db_blocker.unblock():
        environment = live.environment("kring_worker", KRING_LOG="ERROR")
        run = Run(
            people=People(26, seed=3),
            weeks=WEEKS,
            faults=Faults(3, often=10),
            folder=tmp_path_factory.mktemp("simulation"),
            database=environment["DATABASE_URL"],
            broker=live.broker(BROKER),
            environment=environment,
            tick=timedelta(hours=1),
            calm=CALM,
        )
        try:
            run.verdict = run.go()
            with psycopg.connect(run.database) as line:
                usual = [n for n in range(1, 27) if run.people.wish_of(n) is None]
                run.otherwise = line.execute(ISSUES, [usual, WEEKS + CALM]).fetchall()
                run.tried_again = line.execute(LETTERS).fetchall()
            yield run
        finally:
            call_command("flush", interactive=False, verbosity=0)


def test_d1_in_weeks_of_faults_nothing_is_lost_and_nothing_doubled(simulated):
    verdict = simulated.verdict
    assert (verdict.lost, verdict.doubled) == ([], [])
    assert verdict.expected > 40  # things that readers were to be told


def test_the_faults_did_happen(simulated):
    happened = {fate for week in simulated.done for fate in week.fates}
    assert {"451", "drops, taken", "kills, taken"} <= happened
    assert sum(week.deaths for week in simulated.done) > 2


def test_d3_every_week_has_its_one_issue(simulated):
    assert simulated.otherwise == []


def test_d14_after_twelve_hours_without_a_mail_server_digests_go(simulated):
    ends = {(state, reason): number for state, reason, number in simulated.tried_again}
    assert ends["sent", ""] > 4
    assert ("dead", "ConnectionRefusedError") not in ends


def test_a_simulation_refuses_a_database_in_which_somebody_is(anna, circle):
    with pytest.raises(LookupError, match="empty database of its own"):
        people.refuse_unless_empty(connection.connection)


def test_the_command_refuses_a_database_that_somebody_named():
    with pytest.raises(CommandError, match="Unset both"):
        call_command("simulate_digests")
