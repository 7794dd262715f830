"""Belonging as a machine: anybody tries anything on anybody, days go by, the calendar looks.

Whatever happens: rights are what the state says, nobody rose by themselves, no member acted on
another, and by nobody's own act fewer than two admins were left. An act that breaks before any of
its statements leaves nothing and is done anew; one pressed twice, on a page that is stale by then,
is refused. Two at one moment, on connections of their own: test_belonging_races.py.
    KRING_STORIES=100 KRING_STEPS=40 pytest tests/circles/test_belonging_machine.py --hypothesis-seed=1
"""

import os
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from hypothesis import HealthCheck, Phase
from hypothesis import settings as telling
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from circles.belonging import leaving, roles, sanctions, verifying
from circles.models import Membership, Sanction
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import due
from members.models import AuditEntry, Due
from tests import make
from tests.circles.test_belonging import GIVES, rights
from tests.conftest import role as under

STORIES = int(os.environ.get("KRING_STORIES", "0"))
STEPS = int(os.environ.get("KRING_STEPS", "25"))
HOW = telling(
    max_examples=STORIES or 9,
    stateful_step_count=STEPS,
    derandomize=not STORIES,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CAST = ("anna", "vera", "bram", "carla", "dirk")
who = some.sampled_from(CAST)
# Nothing, pressed twice, or broken before its statement of this number.
faults = some.one_of(some.none(), some.none(), some.just("twice"), some.integers(0, 14))
mostly_admins = some.sampled_from([*CAST, *CAST[:3], *CAST[:3]])
WHY = {"code": "breach", "why": "Told a name outside the circle, on 3 May."}
HIGH = {"member": 0, "vetter": 1, "admin": 2}
TRACES = ("circles_membership", "circles_sanction", "circles_memberfact", "members_auditentry")
TRACES += ("members_letter", "members_due")
FACTS = [*({"state": state} for state in GIVES), *({"role": role} for role in HIGH)]
OWN = {
    "pause": lambda own, me: leaving.pause(
        own, until=timezone.localdate() + timedelta(days=20), by=me
    ),
    "come back": lambda own, me: leaving.come_back(own, by=me),
    "leave": lambda own, me: leaving.leave(own, by=me),
    "step down": lambda own, me: roles.step_down(
        own, "vetter" if own.role == "admin" else "member", by=me
    ),
    "practise": lambda own, me: verifying.still_practise(own, by=me),
}
AGAINST = {
    "vetter": lambda it, me: roles.give(it, "vetter", by=me),
    "admin": lambda it, me: roles.give(it, "admin", by=me),
    "member": lambda it, me: roles.give(it, "member", by=me),
    "suspend": lambda it, me: sanctions.suspend(it, by=me, **WHY),
    "confirm": lambda it, me: sanctions.confirm(_open(it), it, by=me),
    "lift": lambda it, me: sanctions.lift(_open(it), it, by=me),
    "remove": lambda it, me: sanctions.remove(it, by=me, **WHY),
    "identity": lambda it, me: verifying.confirm(it, fact="identity", how="met", by=me),
    "practice": lambda it, me: verifying.confirm(it, fact="practice", source="BIG", by=me),
}


def _open(membership) -> Sanction:
    return Sanction.objects.open().get(membership=membership)


class Crash(Exception):
    """What nobody foresaw."""


@contextmanager
def broken(left: int):
    """Break what is done within before its statement of this number, if it has so many."""

    def before(execute, sql, *rest):
        nonlocal left
        if "SAVEPOINT" not in sql:
            left -= 1
            if left < 0:
                raise Crash
        return execute(sql, *rest)

    with connection.execute_wrapper(before):
        yield


class Belonging(RuleBasedStateMachine):
    seen = set()
    broke = Counter()

    def __init__(self):
        super().__init__()
        self.story = transaction.atomic()
        self.story.__enter__()
        self.people = {name: make.member(f"{name}of") for name in CAST}
        self.asked = {}
        self.circle = make.circle("Belonging", admin=self.people["anna"])
        for name, role in zip(CAST[1:], ("admin", "admin", "vetter", "member"), strict=True):
            make.membership(self.circle, self.people[name], role=role)

    def teardown(self):
        transaction.set_rollback(True)
        self.story.__exit__(None, None, None)

    def rows(self) -> dict[str, Membership]:
        rows = Membership.objects.select_related("circle").filter(circle=self.circle)
        names = {person.pk: name for name, person in self.people.items()}
        return {names[row.member_id]: row for row in rows}

    def attempt(self, actor, act, about, fault=None):
        """Try it as the web does; what is refused, was a mistake or broke leaves nothing."""
        before, stale = self.rows(), self.rows()[about]
        if isinstance(fault, int):
            self.breaks(actor, act, about, fault)
        if not self.told(actor, act, self.rows()[about]):
            self.judge(actor, about, before, self.rows())
            if fault == "twice" and _facts(self.rows()) != _facts(before):
                done = self.traces()
                assert self.told(actor, act, stale), "the second time nobody said a word"
                assert self.traces() == done, "the second time did something"
                self.broke["twice"] += 1
        else:
            assert _facts(self.rows()) == _facts(before)

    def told(self, actor, act, row) -> str:
        """Let somebody do it; return what they were told instead, or nothing."""
        me = self.people[actor]
        try:
            with transaction.atomic(), under("kring_web"), acting_as(me.pk):
                act(row, me)
        except (Refused, LookupError, DatabaseError, Sanction.DoesNotExist) as error:
            return repr(error)
        return ""

    def breaks(self, actor, act, about, left):
        """Something nobody foresaw in the middle of it: no row, line, letter or timer is left."""
        before, row, me = self.traces(), self.rows()[about], self.people[actor]
        try:
            with transaction.atomic(), under("kring_web"), acting_as(me.pk):
                with broken(left):
                    act(row, me)
                raise Crash  # at the very end, before the commit
        except (Crash, Refused, LookupError, DatabaseError, Sanction.DoesNotExist):
            pass
        assert self.traces() == before
        self.broke["broken"] += 1

    def traces(self) -> list:
        """All rows an act may write, as one number a table."""
        with connection.cursor() as cursor:
            cursor.execute(
                " union all ".join(
                    f"select md5(string_agg(t::text, '|' order by id)) from {table} t"
                    for table in TRACES
                )
            )
            return cursor.fetchall()

    def judge(self, actor, about, before, after):
        changed = {name for name in CAST if _fact(before[name]) != _fact(after[name])}
        assert changed <= {about}
        old, new = before[about], after[about]
        if changed:
            self.seen.add(
                (old.state, new.state) if old.state != new.state else (old.role, new.role)
            )
        if actor != about:
            assert before[actor].administers or not changed
        assert HIGH[new.role] <= HIGH[old.role] or actor != about
        if actor == about and changed and old.administers and not new.administers:
            assert sum(row.administers for row in after.values()) >= 2

    @rule(actor=who, act=some.sampled_from(sorted(OWN)), fault=faults)
    def somebody_acts_on_their_own(self, actor, act, fault):
        self.attempt(actor, OWN[act], actor, fault)

    @rule(
        actor=mostly_admins,
        act=some.sampled_from([*sorted(AGAINST), "suspend", "suspend", "remove"]),
        about=who,
        fault=faults,
    )
    def somebody_acts_on_another(self, actor, act, about, fault):
        self.attempt(actor, AGAINST[act], about, fault)

    @rule(actor=who, about=who, facts=some.sampled_from(FACTS))
    def somebody_tries_by_sql(self, actor, about, facts):
        self.by_sql(actor, about, **facts)

    @rule(actor=who, role=some.sampled_from(["vetter", "admin"]))
    def somebody_promotes_themselves_by_sql(self, actor, role):
        self.by_sql(actor, actor, role=role)

    def by_sql(self, actor, about, **facts):
        """What the database lets pass by itself, and none of it stays."""
        before = self.rows()
        with transaction.atomic():
            try:
                with transaction.atomic(), under("kring_web"), acting_as(self.people[actor].pk):
                    Membership.objects.filter(pk=before[about].pk).update(**facts)
            except DatabaseError:
                pass
            self.judge(actor, about, before, self.rows())
            transaction.set_rollback(True)

    @rule(days=some.sampled_from([1, 8, 31, 300]))
    def days_pass(self, days):
        gone, admins = timedelta(days=days), self.admins()
        Membership.objects.filter(circle=self.circle).update(
            since=F("since") - gone,
            moved_at=F("moved_at") - gone,
            verified_at=F("verified_at") - gone,
        )
        for row in Membership.objects.filter(circle=self.circle, state="paused"):
            Membership.objects.filter(pk=row.pk).update(back_on=row.back_on - gone)
        before = self.rows()
        Due.objects.filter(kind="membership").update(due_at=timezone.now())
        with under("kring_worker"), acting_as(None):
            due.run_due()
        assert self.admins() >= min(admins, 2)
        for name, row in self.rows().items():
            if row.state != before[name].state:
                self.seen.add((before[name].state, row.state))

    def admins(self) -> int:
        return sum(row.administers for row in self.rows().values())

    @invariant()
    def rights_are_what_the_state_says(self):
        rows = self.rows()
        changed = {name for name, row in rows.items() if self.asked.get(name) != _fact(row)}
        self.asked = _facts(rows)
        for name in changed:
            row = rows[name]
            expected = set(GIVES[row.state])
            expected -= {"administers"} if row.role != "admin" else set()
            expected -= {"vets"} if row.role == "member" else set()
            with under("kring_web"), acting_as(self.people[name].pk):
                assert rights() == expected

    @invariant()
    def every_move_has_its_line(self):
        moved = AuditEntry.objects.filter(circle_id=self.circle.pk, act="membership.moved")
        last = {line.about_id: line.facts["new"] for line in moved.order_by("id")}
        for name, row in self.rows().items():
            assert last.get(self.people[name].pk, "active") == row.state


def _fact(row: Membership) -> tuple:
    return row.role, row.state


def _facts(rows) -> dict:
    return {name: _fact(row) for name, row in rows.items()}


@pytest.mark.django_db
def test_whoever_tries_what_belonging_keeps_its_word():
    with translation.override("en"), connection.cursor():
        run_state_machine_as_test(Belonging, settings=HOW)
    assert {("active", "suspended"), ("active", "left"), ("active", "paused")} <= Belonging.seen, (
        Belonging.seen
    )
    assert Belonging.broke["broken"] > 9
    assert Belonging.broke["twice"] > 0
    if STORIES:
        print(sorted(Belonging.seen), dict(Belonging.broke))  # noqa: T201 (asked for)
