"""Those who judge: vetters, an admin, a steward who appoints, members who object."""

from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule

from circles import appealing, checks, inquiries, objecting, policy, vetting
from circles.models import Application, Membership, Objection
from kring.lib.acting import acting_as
from tests.circles.machine.chance import (
    CHOICES,
    REASON,
    THOSE_WHO_JUDGE,
    fault,
    number,
    while_some_are,
    whoever,
)
from tests.circles.machine.story import Case, Story


class Judges(Story):
    @rule(
        nth=number,
        who=whoever(*THOSE_WHO_JUDGE, "rik"),
        choice=whoever(*CHOICES),
        reasoned=whoever(True, True, False),
        fault=fault,
    )
    @while_some_are("review", "appealed")
    def somebody_votes(self, nth, who, choice, reasoned, fault):
        self.it_is_voted_on(self.one(nth, "review", "appealed"), who, choice, reasoned, fault)

    def it_is_voted_on(self, case: Case, who: str, choice: str, reasoned: bool, fault) -> None:
        word, expected = self.world.word(), self.outcome(case, who, choice, reasoned)
        reason = REASON if reasoned else {}

        def vote(row):
            by = self.world.people[who]
            vetting.vote(row, by=by, choice=choice, sentence=word, **reason)

        told = self.do(case, who, vote, fault, once=False)
        assert bool(told) == (expected == "refused"), (told, expected)
        if not told:
            assert case.row.state == expected
            self.voted(case, who, choice, word)

    @rule(nth=number, choice=whoever("approve", "approve", "decline"))
    @while_some_are("review", "appealed")
    def those_who_judge_agree(self, nth, choice):
        case = self.one(nth, "review", "appealed")
        for who in THOSE_WHO_JUDGE:
            if case.row.is_deciding and self.world.may_judge(who, case):
                self.it_is_voted_on(case, who, choice, True, None)

    @rule(nth=number, who=whoever(*THOSE_WHO_JUDGE), other=whoever(*THOSE_WHO_JUDGE), fault=fault)
    @while_some_are("review")
    def two_call_it_spam(self, nth, who, other, fault):
        case = self.one(nth, "review")
        for name in (who, other):
            if case.row.state == "review":
                self.it_is_voted_on(case, name, "spam", True, fault)

    def voted(self, case: Case, who: str, choice: str, word: str) -> None:
        case.audited["application.voted"] += 1
        case.votes[who] = (case.round, choice)
        case.keeps("vote", word, who)

    def outcome(self, case: Case, who: str, choice: str, reasoned: bool) -> str:
        """What a vote leads to, told by the rules as they stand in the specification."""
        if not self.world.may_judge(who, case) or (
            choice == "spam" and case.row.state == "appealed"
        ):
            return "refused"
        said = {**case.votes, who: (case.round, choice)}
        before, case.votes = case.votes, said
        able = [name for name in self.world.people if self.world.may_judge(name, case)]
        case.votes = before
        now = [said[name][1] for name in able if said.get(name, (0, ""))[0] == case.round]
        yes, rules = now.count("approve"), case.row.policy
        no = now.count("decline") + now.count("spam")
        if case.row.state == "appealed":
            admits, stops = yes >= 2, len(able) >= 2 and no >= 2
        else:
            admits = bool(able) and not no and yes >= min(rules["approvals_needed"], len(able))
            stops = bool(able) and no >= min(rules["declines_to_stop"], len(able))
        spams = now.count("spam") if case.row.state == "review" else 0
        if admits:
            return "refused" if case.unsigned else self.next_place(case)
        if choice == "spam" and spams >= min(2, len(able)):
            return "discarded"
        if stops and choice == "decline":
            final = "declined_final" if case.row.state == "appealed" else "declined"
            return final if reasoned else "refused"
        return case.row.state

    def next_place(self, case: Case) -> str:
        if case.row.state == "review" and case.row.policy["objection_days"]:
            return "objection"
        self.world.circle.refresh_from_db(fields=["size_cap"])
        free = self.world.circle.size_cap - policy.seats_taken(self.world.circle)
        return "offered" if free > len(self.of("offered", "waitlisted")) else "waitlisted"

    @rule(nth=number, admit=some.booleans(), who=whoever("anna", "carla"), fault=fault)
    @while_some_are("review")
    def an_admin_decides(self, nth, admit, who, fault):
        case, word = self.one(nth, "review"), self.world.word()
        if who == "carla" and ("review", "carla") not in case.appointed:
            return
        may = self.world.may_judge(who, case)

        def decide(row):
            by = self.world.people[who]
            vetting.decide(row, by=by, admit=admit, sentence=word, **REASON)

        place = self.next_place(case)
        told = self.do(case, who, decide, fault)
        if not told:
            assert may
            assert case.row.state == (place if admit else "declined")
            self.voted(case, who, "approve" if admit else "decline", word)

    @rule(nth=number, who=whoever(*THOSE_WHO_JUDGE, "bram"), fault=fault)
    @while_some_are("review", "appealed")
    def somebody_leaves_a_note(self, nth, who, fault):
        case, word = self.one(nth, "review", "appealed"), self.world.word()
        may, by = self.world.may_judge(who, case), self.world.people[who]

        told = self.do(case, who, lambda row: vetting.note(row, by=by, text=word), fault, False)
        assert bool(told) != may
        if may:
            case.keeps("note", word)
            case.audited["application.noted"] += 1

    @rule(nth=number, who=whoever("anna", "vera", "ines", "carla"), fault=fault)
    @while_some_are("review")
    def the_applicant_is_asked(self, nth, who, fault):
        case, word = self.one(nth, "review"), self.world.word()
        may, by = self.world.may_judge(who, case), self.world.people[who]
        told = self.do(case, who, lambda row: inquiries.ask(row, by=by, question=word), fault)
        assert may or told
        if not told:
            assert case.row.state == "info_requested"
            case.keeps("question", word)

    @rule(nth=number, fault=fault)
    @while_some_are("info_requested")
    def the_applicant_answers(self, nth, fault):
        case, word = self.one(nth, "info_requested"), self.world.word()
        left = case.row.decide_before - case.row.moved_at
        assert not self.do(case, "nobody", lambda row: inquiries.answer(row, text=word), fault)
        assert case.row.decide_before - case.row.moved_at == left, "the clock stood still"
        case.keeps("answer", word)

    @rule(nth=number, who=whoever("vera", "victor"), odd=some.booleans(), fault=fault)
    @while_some_are("review")
    def a_fact_is_confirmed(self, nth, who, odd, fault):
        case, word = self.one(nth, "review"), self.world.word()
        facts = {"name_matches": not odd, "measures": False, "source": word}
        by = self.world.people[who]

        def confirm(row):
            checks.confirm(row, by=by, fact="practice", **facts)

        if not self.do(case, who, confirm, fault, once=False):
            case.facts.append(odd)
            case.keeps("fact", word)
            case.audited["application.confirmed"] += 1

    @rule(nth=number, who=whoever("anna", "vera", "victor"), fault=fault)
    @precondition(lambda self: any(case.unsigned for case in self.of("review")))
    def a_second_person_signs(self, nth, who, fault):
        found = [case for case in self.of("review") if case.unsigned]
        case, by = found[nth % len(found)], self.world.people[who]

        def sign(row):
            latest = row.confirmations.order_by("-id")[0]
            checks.sign(row, latest.pk, by=by)

        if not self.do(case, who, sign, fault):
            case.facts[-1] = False
            case.audited["application.confirmation_signed"] += 1

    @rule(nth=number, who=whoever("bram", "vera", "dirk", "carla"), fault=fault)
    @while_some_are("objection")
    def a_member_objects(self, nth, who, fault):
        case, word = self.one(nth, "objection"), self.world.word()
        by, circle = self.world.people[who], self.world.circle

        def oppose(_):
            membership = Membership.objects.get(circle=circle, member_id=by.pk)
            found = {one.application_id: one for one in objecting.newcomers(membership)}
            if case.pk not in found:
                raise LookupError("nobody new")
            objecting.object_to(found[case.pk], membership, by=by, words=word)

        try:
            told = self.do(case, who, oppose, fault)
        except Membership.DoesNotExist:
            assert who in ("dirk", "carla")
            return
        if not told:
            case.keeps("objection", word)
            case.audited["application.objected"] += 1

    @rule(nth=number, uphold=some.booleans(), fault=fault)
    @while_some_are("objection")
    def an_admin_settles_an_objection(self, nth, uphold, fault):
        case, word = self.one(nth, "objection"), self.world.word()
        by = self.world.people["anna"]
        lies = Objection.objects.filter(application_id=case.pk).order_by("settled_at", "-id")
        if not lies:
            return

        def load():
            return Objection.objects.get(pk=lies[0].pk), Application.objects.get(pk=case.pk)

        def settle(rows):
            objecting.settle(*rows, by=by, uphold=uphold, note=word)

        told = self.do(case, "anna", settle, fault, load=load)
        if not told:
            outcome = "upheld" if uphold else "dismissed"
            case.audited[f"application.objection_{outcome}"] += 1
            case.keeps("settled", word)
            assert case.row.state == ("review" if uphold else "objection")

    @rule(nth=number, fault=fault)
    @while_some_are("review", "appealed")
    def a_steward_appoints(self, nth, fault):
        with self.world.role("kring_web"), acting_as(self.world.people["sam"].pk):
            waiting = appealing.cases_for(self.world.people["sam"])
        waiting = {one.application_id: one for one in waiting if one.needs_people}
        found = [case for case in self.of("review", "appealed") if case.pk in waiting]
        if not found:
            return
        case, chosen = found[nth % len(found)], []

        def appoint(_):
            sam = self.world.people["sam"]
            able = appealing.candidates_for(sam, waiting[case.pk])
            chosen[:] = [one.member_id for one in able if one.member_id in self.world.by_id]
            chosen[2 - nth % 2 :] = []
            appealing.appoint(waiting[case.pk], chosen, by=sam)

        if not self.do(case, "sam", appoint, fault, once=False):
            for pk in chosen:
                case.appointed.add((case.row.state, self.world.by_id[pk]))
                case.audited["application.decider_appointed"] += 1
