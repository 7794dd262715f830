"""What holds after every step, whoever did what."""

from collections import Counter
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from circles import moves
from circles.models import Membership
from members.models import AuditEntry, Due, Letter
from tests.circles.machine.story import Case, S, Story

HOUR = timedelta(hours=1)
ENDED_LETTERS = {
    S.REFEREES: "application_unconfirmed",
    S.REVIEW: "application_ended",
    S.INFO_REQUESTED: "application_ended",
    S.OFFERED: "application_expired",
}
# Where words of an application lie: what it is called here, its table, its column.
WORDS = {
    "vote": ("circles_vote", "sentence"),
    "note": ("circles_note", "text"),
    "question": ("circles_inquiry", "question"),
    "answer": ("circles_inquiry", "answer"),
    "reference": ("circles_reference", "words"),
    "objection": ("circles_objection", "words"),
    "settled": ("circles_objection", "note"),
    "appeal": ("circles_appeal", "words"),
    "vouch": ("circles_endorsement", "words"),
    "fact": ("circles_confirmation", "source"),
    "brings": ("circles_application", "brings"),
    "reason": ("circles_application", "decline_text"),
}


class Truths(Story):
    def only_along_the_table(self) -> None:
        for case in self.cases:
            state = "draft"
            for step in self.steps[case.pk]:
                assert step.old == state, "a step begins where the one before ended"
                who = moves.MOVES[step.old][step.new]
                if who != moves.ADMISSION:
                    assert (step.by_id is not None) == (who == moves.CIRCLE)
                state = step.new
            assert state == case.row.state
            if case.policy is not None:
                assert case.policy == case.row.policy, "the rules of a running application stay"

    def nobody_is_in_twice_or_without_a_seat(self) -> None:
        inside = Membership.objects.filter(circle=self.world.circle)
        members = list(inside.values_list("member_id", "state"))
        assert len({member for member, _ in members}) == len(members)
        seated = sum(state not in ("left", "removed", "lapsed") for _, state in members)
        offered = sum(case.row.state == "offered" for case in self.cases)
        self.world.circle.refresh_from_db(fields=["size_cap"])
        assert seated + offered <= self.world.circle.size_cap
        admitted = sum(case.row.state == "approved" for case in self.cases)
        assert admitted == self.accepted, "only who accepted is in"

    def nobody_is_admitted_without_a_vote(self) -> None:
        for case in self.cases:
            if case.row.state in ("objection", "waitlisted", "offered", "approved"):
                votes = case.votes.values()
                assert any(vote == (case.round, "approve") for vote in votes)

    def every_end_was_told(self) -> None:
        written = Counter(
            Letter.objects.filter(circle_id=self.world.circle.pk).values_list("subject_id", "kind")
        )
        for case in self.cases:
            due = Counter()
            for step in self.steps[case.pk]:
                kind = moves.LETTERS.get(step.new)
                if step.new == S.EXPIRED:
                    kind = ENDED_LETTERS.get(step.old)
                if kind and (step.old, step.new) not in moves.BACK:
                    due[kind] += 1
                if (step.old, step.new) == (S.OBJECTION, S.REVIEW):
                    due["application_delayed"] += 1
            due["application_address"] += 1  # of the draft
            for kind, number in due.items():
                told = written[case.pk, kind]
                more = ("application_address", "application_delayed")
                assert told >= number if kind in more else told == number, (kind, told, number)

    def nobody_waits_for_a_letter_in_vain(self, stays: list[Letter]) -> None:
        """What is so still is told: only what has changed since need not be."""
        cases = {case.pk: case for case in self.cases}
        for letter in stays:
            case = cases.get(letter.subject_id)
            if letter.kind == "decider_appointed":
                asked = self.world.by_id[letter.member_id]
                assert not self.world.may_judge(asked, case), "asked to decide, and never told"
            elif case and case.link_id == letter.link_id and letter.kind != "application_address":
                is_so = letter.kind == moves.LETTERS.get(case.row.state) and case.row.email
                assert not is_so, f"not told: {letter.kind}"

    def nothing_is_lost(self) -> None:
        words = self._words()
        for case in self.cases:
            for (kind, key), word in case.kept.items():
                is_there = word in words[kind]
                if not self._is_erased(case, kind):
                    assert is_there, f"lost: {kind} {key}"
                else:
                    assert not is_there, f"not erased: {kind} {key}"

    def _words(self) -> dict[str, set[str]]:
        parts = [
            f"select '{kind}', {column} from {table} where circle_id = %(circle)s"
            for kind, (table, column) in WORDS.items()
        ]
        found = {kind: set() for kind in WORDS}
        with connection.cursor() as cursor:
            cursor.execute(" union all ".join(parts), {"circle": self.world.circle.pk})
            for kind, word in cursor.fetchall():
                found[kind].add(word)
        return found

    def _is_erased(self, case: Case, kind: str) -> bool:
        """Erased by the clock and not before; looked at after a sweep only."""
        now, row = timezone.now(), case.row
        if row.email == "":
            purged = row.state == "expired" and self.steps[case.pk][0].new == "expired"
            pending = row.state == "expired" and self.steps[case.pk][-1].old == "email_pending"
            assert purged or pending or row.erased_on <= now, "erased too early"
            return True
        if row.is_ended and row.state != "approved" and self.is_swept:
            assert row.erased_on > now - HOUR, "not erased in time"
        if row.state == "approved":
            return row.papers_gone_on <= now
        return False

    def the_audit_has_every_act(self) -> None:
        lines = AuditEntry.objects.filter(circle_id=self.world.circle.pk, subject="application")
        found = Counter(lines.values_list("subject_id", "act"))
        for case in self.cases:
            admitted = sum(step.new == S.APPROVED for step in self.steps[case.pk])
            moved = len(self.steps[case.pk]) - admitted
            assert found[case.pk, "application.moved"] == moved
            assert found[case.pk, "admission.accepted"] == admitted
            for act, number in case.audited.items():
                assert found[case.pk, act] == number, (act, found[case.pk, act], number)

    def something_will_happen(self) -> None:
        """Whatever runs has a timer: nothing lies still for ever."""
        waits = Due.objects.filter(circle_id=self.world.circle.pk, done_at=None)
        waiting = set(waits.values_list("subject_id", flat=True))
        for case in self.cases:
            if not case.row.is_ended:
                assert case.pk in waiting, f"nothing will happen in {case.row.state}"
