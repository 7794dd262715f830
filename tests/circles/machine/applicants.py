"""Those outside the door: applicants, their referees, members who vouch."""

from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule

from circles import appealing, applying, inviting, referees, references
from circles.models import GuideEntry, Membership, Reference
from members.models import Member
from tests.circles.machine.chance import fault, names, number, while_some_are, whoever
from tests.circles.machine.story import Case, Story

MOST = 4  # applications in one story


class Applicants(Story):
    @rule(
        who=whoever("new", "new", "new", "dirk", "eva", "bram", "vera"),
        mailed=whoever(True, True, True, False),
        sends=whoever(True, True, True, False),
        named=names,
        fault=fault,
    )
    @precondition(lambda self: len(self.cases) < MOST)
    def somebody_applies(self, who, mailed, sends, named, fault):
        entry = GuideEntry.objects.get(pk=self.world.circle.pk)
        person = self.world.people.get(who)
        address = person.email if person else self.world.address()
        made = []

        def start(_):
            made.append(applying.start(entry, email=address, language="en"))

        self.world.act("nobody", start, fault=fault if fault != "twice" else None)
        case = Case(made[-1].pk, made[-1].link_id, who, mailed)
        case.audited["application.started"] += 1
        self.cases.append(case)
        brings, people = self.world.word(), self.world.people
        texts = {"name": "Dirk de Boer", "profession": "surgeon", "brings": brings, "seeks": "x"}
        rows = [
            {
                "name": one,
                "address": people[one].email if one in people else self.world.address(one),
                "relation": "Worked together.",
            }
            for one in named[:3]
        ]

        def write(application):
            applying.keep(application, mailed=mailed, **texts)
            referees.keep(application, rows)

        assert not self.do(case, "nobody", write, fault, once=False)
        case.keeps("brings", brings)
        if sends:
            self.it_is_sent_in(case, fault)

    @rule(nth=number, fault=fault)
    @while_some_are("draft")
    def a_draft_is_sent_in(self, nth, fault):
        self.it_is_sent_in(self.one(nth, "draft"), fault)

    def it_is_sent_in(self, case: Case, fault) -> None:
        def send(application):
            applying.submit(application, mailed=case.mailed)

        told = self.do(case, "nobody", send, fault)
        if told:
            assert case.row.state == "draft"
            words = ("Name the referees", "already running", "a short while ago")
            assert any(word in told for word in words), told
        else:
            case.policy = case.row.policy

    @rule(nth=number, fault=fault)
    @while_some_are("email_pending")
    def an_address_is_proven(self, nth, fault):
        case = self.one(nth, "email_pending")
        told = self.do(case, "nobody", applying.prove, fault)
        assert not told or "already running" in told or "short while ago" in told

    @rule(nth=number, fault=fault)
    @while_some_are("referees")
    def another_referee_is_named(self, nth, fault):
        case, address = self.one(nth, "referees"), self.world.address("gijs")
        texts = {"name": "Gijs", "address": address, "relation": "Worked together."}
        self.do(case, "nobody", lambda row: referees.replace(row, **texts), fault)

    @rule(nth=number, fault=fault)
    @precondition(lambda self: self.cases)
    def somebody_withdraws(self, nth, fault):
        case = self.cases[nth % len(self.cases)]
        if nth % 4 and case.row.state not in ("offered", "waitlisted", "appealed"):
            return
        expected, was_ended = case.row.state, case.row.is_ended
        if not case.row.email:
            return
        told = self.do(
            case, "nobody", lambda row: applying.withdraw(row, expected=expected), fault
        )
        assert bool(told) == was_ended
        assert was_ended or case.row.state == "withdrawn"

    @rule(nth=number, fault=fault)
    @while_some_are("offered")
    def an_offer_is_accepted(self, nth, fault):
        case = self.one(nth, "offered")
        person = self.world.people.get(case.who)
        password = "a long enough pass phrase"
        inside = Membership.objects.filter(
            circle=self.world.circle, member_id=person and person.pk
        )
        inside = inside.exclude(state__in=["left", "lapsed"]).exists()

        def accept(application):
            applying.accept(application, by=person, password=password)

        told = self.do(case, case.who, accept, fault)
        if told:
            assert inside, told
            return
        assert not inside
        assert case.row.state == "approved"
        self.accepted += 1
        if person is None:
            self.world.by_id[case.row.member_id] = made = f"new{case.pk}"
            self.world.people[made] = Member.objects.get(pk=case.row.member_id)

    @rule(nth=number, fault=fault)
    @while_some_are("declined")
    def a_refusal_is_appealed(self, nth, fault):
        case, words = self.one(nth, "declined"), self.world.word()
        in_time, told_before = case.row.may_appeal, case.row.email == ""
        if told_before:
            return
        told = self.do(case, "nobody", lambda row: appealing.appeal(row, words=words), fault)
        assert bool(told) != in_time
        if in_time:
            assert case.row.state == "appealed"
            case.keeps("appeal", words)

    # --- referees, inviters ---------------------------------------------------------------
    @rule(nth=number, how=whoever("worked", "worked", "name"), yes=some.booleans(), fault=fault)
    @while_some_are("referees", "review", "info_requested")
    def a_referee_answers(self, nth, how, yes, fault):
        asked = Reference.objects.filter(circle=self.world.circle).order_by("id")
        if nth % 5:
            asked = asked.open()
        if not asked:
            return
        reference = asked[nth % len(asked)]
        case = next(case for case in self.cases if case.pk == reference.application_id)
        word, was_open = self.world.word(), reference.is_open
        by = Member.objects.get(pk=reference.member_id) if reference.member_id else None
        texts = {"how": how, "place": "Assen", "own_case": "yes", "words": word}

        def answer(fresh):
            if yes or nth % 4:
                references.answer(fresh, by=by, **texts)
            else:
                references.decline(fresh, by=by)

        answers = yes or nth % 4

        def load():
            return Reference.objects.get(pk=reference.pk)

        name = self.world.by_id[by.pk] if by else "nobody"
        told = self.do(case, name, answer, fault, load=load)
        assert was_open or told
        if not told:
            case.audited["reference.answered" if answers else "reference.declined"] += 1
            if answers:
                case.keeps("reference", word)
                if by:
                    case.vouchers.add(name)

    @rule(nth=number, who=whoever("ines", "vera", "bram", "nora"), fault=fault)
    @while_some_are("referees", "review", "info_requested", "objection")
    def a_member_vouches_by_inviting(self, nth, who, fault):
        case = self.one(nth, "referees", "review", "info_requested", "objection")
        word, by = self.world.word(), self.world.people[who]
        texts = {"name": "Dirk", "words": word, "how": "worked", "language": "en"}

        def invite(_):
            inviting.invite(self.world.circle, by=by, address=case.row.email, **texts)

        if not self.do(case, who, invite, fault, once=True):
            case.vouchers.add(who)
            case.keeps("vouch", word, who)
