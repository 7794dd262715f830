"""The world of the machine: a circle with its people, its time, and what can break an act.

Real transactions under the restricted roles: nothing here is undone at the end of a test. Each
story has a circle of its own, in which no other one appears.
"""

from contextlib import contextmanager
from datetime import timedelta
from itertools import count

from django.db import DatabaseError, connection, transaction
from django.db.backends.signals import connection_created
from django.utils import timezone

from circles import checks
from circles.models import Application, Membership
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import due
from members.letters import KINDS, Later, Skip
from members.models import Due, Letter
from tests import make

_story = count(1)
VETTING = {"anna": "admin", "vera": "vetter", "victor": "vetter", "ines": "vetter"}
POLICIES = ("required_referees", "approvals_needed", "declines_to_stop", "objection_days")


class Crash(Exception):
    """What nobody foresaw."""


class World:
    def __init__(self):
        number = next(_story)
        self.words = count(1)
        self.addresses = count(1)
        self.hand = connection.copy()  # ends the connections of others
        self.people = {}
        for name in (*VETTING, "bram", "nora", "rik", "eva", "carla", "otto", "dirk"):
            self.people[name] = make.member(f"{name}{number}")
        self.people["sam"] = make.member(f"sam{number}", is_steward=True)
        self.circle = make.circle(f"Story {number}", size_cap=20)
        for name, role in VETTING.items():
            make.membership(self.circle, self.people[name], role=role)
        make.membership(self.circle, self.people["bram"])
        make.membership(self.circle, self.people["nora"], since=timezone.now())
        make.membership(self.circle, self.people["rik"], role="vetter", state="probation")
        gone = {"state": "left", "ended_at": timezone.now()}
        make.membership(self.circle, self.people["eva"], **gone)
        for name in ("carla", "otto"):
            make.circle(f"Of {name} {number}", admin=self.people[name])
        self.by_id = {person.pk: name for name, person in self.people.items()}

    def end(self) -> None:
        """What would go on by itself stops here."""
        Due.objects.all().delete()
        Application.objects.filter(circle=self.circle).update(state="expired", email="")
        self.hand.close()

    def word(self) -> str:
        """A word that stands nowhere else."""
        return f"word{next(self.words)}end"

    def address(self, who: str = "new") -> str:
        return f"{who}.{self.circle.pk}.{next(self.addresses)}@example.org"

    # --- acting ---------------------------------------------------------------------------
    def act(self, who: str, what, load=lambda: None, *, fault=None, once: bool = False) -> str:
        """Let somebody do something with a row as a request does it: one transaction, under the
        role of the web. Return what they were told instead, or nothing.

        A broken act leaves no trace and is done anew; one that is done `once` and pressed twice is
        refused with a sentence and changes nothing.
        """
        if fault in (None, "twice"):
            fresh, stale = load(), load()
            told = self._told(who, what, fresh)
            if fault and once and not told:
                before = self.rows()
                assert self._told(who, what, stale), "the second time nobody said a word"
                assert self.rows() == before, "the second time did something"
            return told
        before, fresh = self.rows(), load()
        with self.broken("kring_web", *fault) as strike, acting_as(self._pk(who)):
            what(fresh)
            strike()
        assert self.rows() == before, "a broken act left something behind"
        return self.act(who, what, load)

    def _pk(self, who: str) -> int | None:
        return self.people[who].pk if who in self.people else None

    def _told(self, who: str, what, row) -> str:
        try:
            with self.role("kring_web"), acting_as(self._pk(who)):
                what(row)
        except Refused as refused:
            return refused.sentence
        except LookupError as error:
            return f"out of sight: {error}"
        except DatabaseError as error:
            if "row-level" not in str(error) and "kring: " not in str(error):
                raise
            return f"database: {error}"
        return ""

    @contextmanager
    def role(self, name: str):
        """Under this role, also on a connection that has to be made anew."""

        def take(connection, **_signal):
            with connection.cursor() as cursor:
                cursor.execute(f"set role {name}")

        connection.ensure_connection()
        take(connection)
        connection_created.connect(take)
        try:
            yield
        finally:
            connection_created.disconnect(take)
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("set role kring_owner")
            else:
                connection.close()

    @contextmanager
    def broken(self, role: str, how: str, left: int):
        """Break what is done within before its statement of this number, or when `strike` is
        called: by an exception, or by the end of its connection."""

        def strike():
            nonlocal left
            if left < 0:
                return
            left = -1
            if how == "fails":
                raise Crash
            end_connection(self.hand, connection.connection.info.backend_pid)

        def before(execute, *statement):
            nonlocal left
            if left == 0:
                strike()
            left -= left > 0
            return execute(*statement)

        try:
            with self.role(role), connection.execute_wrapper(before):
                yield strike
        except (Crash, Refused, LookupError, DatabaseError):
            pass  # also what the act said by itself before it could be broken

    # --- the house ------------------------------------------------------------------------
    def sweep(self, fault=None) -> None:
        """Do what is due, as the worker does; broken in the middle, and then anew."""
        if fault not in (None, "twice"):
            with self.broken("kring_worker", *fault) as strike:
                due.run_due()
                checks.run_waiting()
                strike()
        for _ in range(9):
            with self.role("kring_worker"):
                done = due.run_due()
                checks.run_waiting()
            if not done and fault != "twice":
                break
        assert not Due.objects.waiting().exists(), list(Due.objects.waiting().values("kind"))

    def post_leaves(self) -> list[Letter]:
        """Every letter that waits is composed as its reader: it goes, or has a reason not to.
        Return those that did not go."""
        stays = []
        for letter in Letter.objects.filter(circle_id=self.circle.pk, state="queued"):
            state = "sent"
            with self.role("kring_worker"), transaction.atomic():
                try:
                    mail = KINDS[letter.kind].compose(letter)
                    assert mail.to
                    assert mail.text
                except (Skip, Later):
                    state = "skipped"
                    stays.append(letter)
            facts = {"state": state, "settled_at": timezone.now()}
            Letter.objects.filter(pk=letter.pk).update(**facts)
        return stays

    def days_pass(self, days: int) -> None:
        """Everything happened so many days earlier, to the minute."""
        facts = {"by": timedelta(days=days), "circle": self.circle.pk}
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in _earlier():
                cursor.execute(statement, facts)

    # --- looking --------------------------------------------------------------------------
    def rows(self) -> list[tuple]:
        """The rows of the circle and of all accounts, table by table, as one number each."""
        with connection.cursor() as cursor:
            cursor.execute(_rows(), {"circle": self.circle.pk})
            return cursor.fetchall()

    def may_judge(self, name: str, case) -> bool:
        """Who may vote, told by the facts in Python: what the database is compared with."""
        person, row = self.people[name], case.row
        if row.state not in ("review", "appealed"):
            return False
        mine = Membership.objects.filter(member_id=person.pk, state="active")
        here = mine.filter(circle=self.circle).first()
        vets = here and here.role in ("vetter", "admin") and here.since <= row.submitted_at
        leads = mine.filter(role="admin").exists()
        asked = (row.state, name) in case.appointed and (here or leads)
        own = row.member_id == person.pk or row.email == person.email
        vote = case.votes.get(name)
        earlier = vote and row.state == "appealed" and vote[0] < case.round
        spoken = vote and (vote[1] == "recuse" or earlier)
        free = not own and name not in case.vouchers and not spoken
        return bool((vets or asked) and free)


def end_connection(hand, process: int) -> None:
    """End the connection of this process of the database, and wait until it is gone."""
    try:
        with hand.cursor() as cursor:
            cursor.execute("set role none")
            cursor.execute("select pg_terminate_backend(%s, 5000)", [process])
    except DatabaseError as error:
        raise RuntimeError("the connection could not be ended") from error


def _columns(where: str) -> list[tuple[str, list[str]]]:
    """The tables of circles and their columns of this sort."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.table_name, array_agg(c.column_name::text) from information_schema.columns c"
            " join information_schema.tables t using (table_schema, table_name)"
            " where t.table_type = 'BASE TABLE' and c.table_schema = 'public' and exists"
            " (select from information_schema.columns o where o.table_name = c.table_name"
            f"  and o.column_name = 'circle_id') and {where} group by 1 order by 1"
        )
        return cursor.fetchall()


def _kept(build):
    """The database does not change its tables while we look."""
    known = []

    def once():
        known or known.append(build())
        return known[0]

    return once


@_kept
def _earlier() -> list[str]:
    moments = "c.data_type = 'timestamp with time zone' and c.table_name <> 'members_auditentry'"
    statements = [
        f"update {table} set {', '.join(f'{name} = {name} - %(by)s' for name in columns)}"
        " where circle_id = %(circle)s"
        for table, columns in _columns(moments)
    ]
    statements.append(
        "update members_link set expires_at = expires_at - %(by)s where id in ("
        " select link_id from circles_reference where circle_id = %(circle)s union"
        " select link_id from circles_invitation where circle_id = %(circle)s)"
    )
    return statements


@_kept
def _rows() -> str:
    tables = [table for table, _ in _columns("c.column_name = 'circle_id'")]
    whole = "md5(string_agg(t::text, '|' order by t::text))"
    return " union all ".join(
        [f"select '{name}', {whole} from {name} t where circle_id = %(circle)s" for name in tables]
        + [
            f"select '{name}', {whole} from {name} t"
            for name in ("members_member", "members_link")
        ]
    )
