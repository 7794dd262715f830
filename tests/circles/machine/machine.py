"""The machine of admission: who may do something at its door, days that pass, and the truths."""

from collections import Counter

from django.utils import timezone
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from circles import policy
from circles.models import Membership
from tests.circles.machine.applicants import Applicants
from tests.circles.machine.chance import fault, names, rules, whoever
from tests.circles.machine.intruders import Intruders
from tests.circles.machine.judges import Judges
from tests.circles.machine.story import Case
from tests.circles.machine.truths import Truths
from tests.circles.machine.world import POLICIES, World


class Admission(Applicants, Judges, Intruders, Truths, RuleBasedStateMachine):
    seen = Counter()  # moves made, in all stories

    def __init__(self):
        super().__init__()
        self.world = World()
        self.cases: list[Case] = []
        self.accepted = self.changes = 0
        self.is_swept, self.steps = False, {}

    def teardown(self):
        for steps in self.steps.values():
            self.seen.update((step.old, step.new) for step in steps)
        self.world.end()

    @initialize(rules=rules, free=some.integers(1, 3), named=names)
    def two_apply(self, rules, free, named):
        self.the_circle_changes_its_rules(rules, free)
        for _ in range(2):
            self.somebody_applies("new", True, True, named, None)

    @rule(
        rules=rules,
        free=some.integers(0, 3),
    )
    @precondition(lambda self: self.changes < 3)
    def the_circle_changes_its_rules(self, rules, free):
        self.changes += 1
        taken = policy.seats_taken(self.world.circle)
        wanted = {**dict(zip(POLICIES, rules, strict=True)), "size_cap": max(taken + free, 3)}
        circle = self.world.circle

        def change(_):
            policy.change(circle, by=self.world.people["anna"], **wanted)

        told = self.world.act("anna", change)
        assert not told or "seats" in told
        self.look()

    @rule(name=whoever("vera", "victor", "ines", "bram"), state=whoever("removed", "left"))
    @precondition(lambda self: len(self.cases) > 1)
    def somebody_leaves(self, name, state):
        rows = Membership.objects.filter(circle=self.world.circle, state="active")
        gone = {"state": state, "ended_at": timezone.now()}
        rows.filter(member_id=self.world.people[name].pk).update(**gone)
        for case in self.cases:
            case.kept.pop(("vouch", name), None)  # an invitation that is open is taken back

    @rule(days=whoever(0, 0, 1, 3, 6, 8, 15, 22, 31, 50), fault=fault)
    @precondition(lambda self: self.cases)
    def days_pass(self, days, fault):
        """The real timers, and nothing else: none admits."""
        inside = Membership.objects.filter(circle=self.world.circle).count()
        self.world.days_pass(days)
        self.world.sweep(fault)
        stays = self.world.post_leaves()
        assert Membership.objects.filter(circle=self.world.circle).count() == inside
        self.look()
        self.nobody_waits_for_a_letter_in_vain(stays)
        self.is_swept = True

    @invariant()
    def it_all_holds(self):
        self.look()
        self.only_along_the_table()
        self.nobody_is_in_twice_or_without_a_seat()
        self.nobody_is_admitted_without_a_vote()
        self.every_end_was_told()
        self.nothing_is_lost()
        self.the_audit_has_every_act()
        self.something_will_happen()
