"""What nobody may, tried at the database itself, past every line of the program."""

from django.db import DatabaseError, connection, transaction
from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule

from circles.moves import MOVES
from kring.lib.acting import acting_as, acting_with
from tests.circles.machine.chance import CHOICES, EVERYBODY, number, whoever
from tests.circles.machine.story import S, Story


class Intruders(Story):
    @rule(nth=number, who=whoever(*EVERYBODY), choice=whoever(*CHOICES, "spam"))
    @precondition(lambda self: self.cases)
    def a_vote_is_written_past_the_program(self, nth, who, choice):
        """Taken by the database exactly from whom the specification lets vote; of others' votes
        nobody changes a letter."""
        case = self.one(nth)
        voter = self.world.people.get(who)
        may = voter is not None and self.world.may_judge(who, case)
        taken = self.tried(
            who,
            "insert into circles_vote (circle_id, application_id, voter_id, choice, sentence, at)"
            " values (%s, %s, %s, %s, 'x', now()) on conflict (circle_id, application_id, voter_id)"
            " do update set choice = excluded.choice",
            [self.world.circle.pk, case.pk, voter.pk if voter else None, choice],
        )
        may = may and not (choice == "spam" and case.row.state == "appealed")
        assert bool(taken) == may, (who, case.row.state, taken)
        others = [self.world.people[name].pk for name in case.votes if name != who]
        swayed = "update circles_vote set choice = 'approve' where voter_id = any (%s)"
        assert not self.tried(who, swayed, [others])

    @rule(nth=number, who=whoever(*EVERYBODY, "holder", "house"), new=some.sampled_from(S))
    @precondition(lambda self: self.cases)
    def an_application_is_moved_past_the_program(self, nth, who, new):
        """Nobody moves it but along the table, and nobody to approved or in without a vote."""
        case = self.one(nth)
        old, votes = case.row.state, case.votes.values()
        moved = self.tried(
            who,
            "update circles_application set state = %s, moved_at = now(), decline_code = 'other',"
            " decline_text = 'x' where id = %s",
            [new, case.pk],
            link=case.link_id,
        )
        if moved and new != old:
            assert new in MOVES[old]
            assert new != "approved"
            if new in ("objection", "offered", "waitlisted") and old in ("review", "appealed"):
                assert (case.round, "approve") in votes
                assert not case.unsigned
            assert new != "discarded" or (case.round, "spam") in votes

    @rule(nth=number, who=whoever(*EVERYBODY, "holder", "house"))
    @precondition(lambda self: self.cases)
    def a_way_in_is_sought_past_the_program(self, nth, who):
        case = self.one(nth)
        person = self.world.people.get(who)
        assert not self.tried(
            who,
            "insert into circles_membership (circle_id, member_id, role, state, since)"
            " values (%s, %s, 'member', 'active', now())",
            [self.world.circle.pk, person.pk if person else None],
            link=case.link_id,
        )
        assert not self.tried(
            who,
            "update circles_membership set role = 'admin', since = since",
            [],
            link=case.link_id,
        )
        if case.row.state != "offered" or who not in ("holder", case.who):
            ask = "select kring_admit(%s, 'x')"
            assert not self.tried(who, ask, [case.pk], link=case.link_id)

    def tried(self, who: str, sql: str, values: list, link: int | None = None) -> int:
        """Write something as somebody under their role, and take it back; say how many rows."""
        person = self.world.people.get(who)
        name = "kring_worker" if who == "house" else "kring_web"
        scope = acting_with(link) if who == "holder" else acting_as(person and person.pk)
        try:
            with self.world.role(name), scope, connection.cursor() as cursor:
                cursor.execute(sql, values)
                rows = cursor.rowcount
                transaction.set_rollback(True)
                return rows
        except DatabaseError:
            return 0
