"""One row of every table in anna's circle and in carla's, and the probes of who may do what."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from circles.models import (
    Appeal,
    Decider,
    FirstHour,
    Inquiry,
    Membership,
    Note,
    Objection,
    Step,
    Vote,
)
from kring.lib.acting import _scope
from members import links
from members.models import (
    AuditEntry,
    Backup,
    Browser,
    Due,
    Erasure,
    Letter,
    Member,
    Silence,
    Sweep,
)
from questions.models import (
    ArchiveImport,
    DigestIssue,
    DigestPlan,
    Event,
    ImportedAuthor,
    ImportFinding,
    Mark,
    Outcome,
    Revision,
    Tag,
    Tagging,
)
from tests import make

DENIED = "42501"  # insufficient_privilege: by a grant or by a row policy


@dataclass(frozen=True)
class Row:
    table: str
    label: str
    key: str
    value: object


def build(circle, elsewhere, people) -> list[Row]:
    """Make the rows and name them by whose they are."""
    rows = []

    def keep(label, made, key="id"):
        table = made._meta.db_table
        rows.append(Row(table, label, key, getattr(made, key) if key != "id" else made.pk))
        return made

    for place, whose, by in (
        (circle, "", people["bram"]),
        (elsewhere, "keepers' ", people["carla"]),
    ):
        _say(place, whose, by, people, keep)
        _admit(place, whose, by, people, keep)
    _behind_a_lock(people, keep)
    _proposed(people, keep)
    _founding(people, keep)
    _archived(people, keep)
    _left_behind(circle, people["eva"], keep)
    _both_voted(circle, people, keep)
    _appealed(circle, people, keep)
    _objected_to(circle, people, keep)
    for name in ("bram", "carla"):
        _own(name, people[name], keep)
    _mechanism(circle, people, keep)
    return rows


def _say(place, whose, by, people, keep):
    keep(f"{whose}circle", place)
    keep(f"{whose}parameter", make.parameter(place, "Side"))
    leads = people["carla" if whose else "anna"]
    make.first_hour(place, "charter", by=leads)
    keep(f"{whose}archiving", make.archiving(place, by=leads))
    keep(f"{whose}first hour", FirstHour.objects.get(circle=place, step="charter"))
    question = keep(f"{whose}question", make.question(place, by=by))
    keep(f"{whose}answer", make.answer(question, by=by))
    keep(f"{whose}remark", make.comment(question, by=by))
    author = keep(
        f"{whose}archive author",
        ImportedAuthor.objects.create(circle=place, archive="a", key="1", name="Ada"),
    )
    for word, imported in (
        ("question", make.question(place, by=by)),
        ("answer", make.answer(question, by=by)),
        ("remark", make.comment(question, by=by)),
    ):
        imported.author, imported.imported_author = None, author
        imported.save()
        keep(f"{whose}imported {word}", imported)
    facts = {"circle": place, "question": question, "by_id": by.pk}
    keep(
        f"{whose}earlier version",
        Revision.objects.create(**facts, body="", html="", written_at=timezone.now()),
    )
    imported = {"circle": place, "question": question, "imported_author": author}
    keep(
        f"{whose}imported version",
        Revision.objects.create(**imported, body="", html="", written_at=timezone.now()),
    )
    admin = people["anna" if not whose else "carla"]
    brought = keep(
        f"{whose}import",
        ArchiveImport.objects.create(circle=place, by_id=admin.pk, kind="csv", size=1),
    )
    found = {"circle": place, "archive_import": brought, "kind": "bad", "place": 0}
    keep(f"{whose}import's finding", ImportFinding.objects.create(**found, text="its title"))
    keep(f"{whose}outcome", Outcome.objects.create(**facts, helped="yes"))
    keep(f"{whose}event", Event.objects.create(**facts, kind="asked"))
    keep(f"{whose}mark", Mark.objects.create(circle=place, question=question, member=by))
    tag = keep(f"{whose}tag", Tag.objects.create(circle=place, name="hand"))
    keep(f"{whose}tagging", Tagging.objects.create(circle=place, question=question, tag=tag))
    keep(f"{whose}audit line", AuditEntry.objects.create(circle_id=place.pk, by_id=by.pk, act="x"))


def _admit(place, whose, by, people, keep):
    voter = people["anna"] if not whose else people["carla"]
    keep(f"{whose}membership", Membership.objects.get(circle=place, member_id=by.pk))
    mine = Membership.objects.get(circle=place, member_id=by.pk)
    keep(f"{whose}fact of a member", make.fact(mine, by=voter))
    keep(f"{whose}portrait", make.portrait(place, by))
    keep(f"{whose}renewal", make.renewal(mine))
    keep(f"{whose}suspension", make.sanction(mine, by=voter))
    proven = keep(f"{whose}application", make.application(place))
    keep(f"{whose}application link", proven.link)
    keep(f"{whose}unproven application", make.application(place, state="email_pending"))
    draft = keep(f"{whose}draft application", make.application(place, state="draft"))
    keep(f"{whose}draft link", draft.link)
    keep(f"{whose}step", Step.objects.create(circle=place, application=proven, old="a", new="b"))
    asked = {"circle": place, "by_id": voter.pk, "question": "?"}
    keep(f"{whose}inquiry", Inquiry.objects.create(**asked, application=proven))
    invitation = keep(f"{whose}invitation", make.invitation(place, by=by))
    keep(f"{whose}invitation link", invitation.link)
    # Whoever vouches does not vote: another than the one below.
    vouched = make.application(place, state="info_requested")
    keep(f"{whose}endorsement", make.endorsement(vouched, by=by, invitation=invitation))
    keep(f"{whose}vouched applicant's link", vouched.link)
    keep(f"{whose}open inquiry", Inquiry.objects.create(**asked, application=vouched))
    keep(f"{whose}named referee", make.referee(draft))
    keep(f"{whose}check", make.check(proven))
    keep(f"{whose}fact", make.confirmation(proven, by=voter))
    signed = {"second_by_id": voter.pk, "second_at": timezone.now()}
    keep(f"{whose}signed fact", make.confirmation(proven, by=people["eva"], **signed))
    extract = keep(f"{whose}extract", make.extract(place, {"number": "1", "name": "A"}))
    keep(f"{whose}entry of a register", extract.entries.get())
    keep(f"{whose}question at the door", make.door_question(place))
    for word, whole in (("draft's ", draft), ("", vouched)):
        keep(f"{whose}{word}answer at the door", make.door_answer(whole))
        keep(f"{whose}{word}paper", make.paper(whole))
    outside = keep(f"{whose}asked reference", make.reference(vouched))
    keep(f"{whose}asked referee", outside.referee)
    keep(f"{whose}reference link", outside.link)
    mine = keep(f"{whose}member's reference", make.reference(vouched, by=by))
    keep(f"{whose}member's referee", mine.referee)
    keep(
        f"{whose}vote of the admin",
        Vote.objects.create(
            circle=place, application=proven, voter_id=voter.pk, choice="approve", sentence="."
        ),
    )


def _behind_a_lock(people, keep):
    """A circle that demands a second factor: vera is in it without one, bram with one."""
    place = make.circle(
        "Locked",
        admin=people["vera"],
        members=[people["bram"]],
        demands_second_factor=True,
        listed=False,
    )
    keep("locked circle", place)
    question = keep("locked question", make.question(place, by=people["eva"]))
    keep("locked answer", make.answer(question, by=people["eva"]))
    keep("locked application", make.application(place))


def _proposed(people, keep):
    """Circles that no steward has confirmed, and one that a steward declined."""
    waiting = keep("proposed circle", make.proposal(by=[people["bram"]]))
    keep("proposed circle's parameter", make.parameter(waiting, "Side"))
    mine = Membership.objects.get(circle=waiting, member_id=people["bram"].pk)
    keep("proposer's membership", mine)
    declined = {"declined_at": timezone.now(), "declined_text": "Too much like another circle."}
    keep("declined circle", make.proposal(by=[people["bram"]], **declined))


def _archived(people, keep):
    """A circle that vera leads, with bram in it: read by both, written by nobody. Another has
    closed."""
    now, ends = timezone.now(), timezone.now() + timedelta(days=90)
    gone = {
        "listed": False,
        "archived_at": now - timedelta(days=100),
        "closes_at": now - timedelta(days=10),
    }
    for word, facts in (
        ("archived", {"listed": False, "archived_at": now, "closes_at": ends}),
        ("closed", gone),
    ):
        place = make.circle(word, admin=people["vera"], members=[people["bram"]], **facts)
        keep(f"{word} circle", place)
        keep(f"{word} question", make.question(place, by=people["eva"]))
        keep(f"{word} application", make.application(place))
        if word == "archived":
            opening = make.archiving(place, by=people["vera"], kind="reopen")
            keep("opening again", opening)


def _founding(people, keep):
    """bram writes a proposal; he asked vera by name, carla has agreed, a stranger has a link."""
    writing = keep("bram's proposal", make.founding(people["bram"]))
    keep("vera, asked to found it too", make.cofounder(writing, people["vera"]))
    outside = keep("asked by address", make.cofounder(writing))
    keep("link of whoever is asked", outside.link)
    letter = {"kind": "cofounder_asked", "link": outside.link, "subject_id": outside.pk}
    keep("letter to whoever is asked", Letter.objects.create(**letter))
    done = {"state": "proposed", "circle": make.proposal(by=[people["bram"]])}
    proposed = keep("bram's proposed proposal", make.founding(people["bram"], **done))
    agreed = {"state": "agreed", "answered_at": timezone.now()}
    keep("carla, who agreed", make.cofounder(proposed, people["carla"], **agreed))


def _left_behind(circle, eva, keep):
    """What somebody who left keeps: their own words, votes and traces."""
    question = keep("eva's question", make.question(circle, by=eva))
    keep("eva's answer", make.answer(question, by=eva))
    keep("eva's remark", make.comment(question, by=eva))
    facts = {"circle": circle, "question": question, "by_id": eva.pk}
    keep(
        "eva's earlier version",
        Revision.objects.create(**facts, body="", html="", written_at=timezone.now()),
    )
    keep("eva's outcome", Outcome.objects.create(**facts, helped="yes"))
    keep("eva's membership", Membership.objects.get(circle=circle, member_id=eva.pk))
    keep("eva's portrait", make.portrait(circle, eva))
    keep("eva's profile", eva.profile, key="member_id")
    keep("eva's audit line", AuditEntry.objects.create(circle_id=circle.pk, by_id=eva.pk, act="x"))
    application = make.application(circle)
    facts = {"circle": circle, "application": application, "choice": "approve", "sentence": "."}
    keep("eva's vote", Vote.objects.create(**facts, voter_id=eva.pk))


def _both_voted(circle, people, keep):
    """An application on which both vetters have voted: each sees the other's vote."""
    facts = {"circle": circle, "application": make.application(circle), "sentence": "."}
    Vote.objects.create(**facts, choice="approve", voter_id=people["vera"].pk)
    vote = Vote.objects.create(**facts, choice="decline", voter_id=people["anna"].pk)
    keep("anna's vote after vera's", vote)


def _appealed(circle, people, keep):
    """An appeal that carla, who leads another circle, was appointed to judge; vera judges too."""
    application = keep("appealed application", make.application(circle, state="appealed"))
    of_it = {"circle": circle, "application": application}
    keep("appeal", Appeal.objects.create(**of_it, words="Look again."))
    for who, judge in (("", people["carla"]), ("former ", people["eva"])):
        facts = {**of_it, "member_id": judge.pk, "stage": "appealed"}
        keep(f"{who}decider", Decider.objects.create(**facts))
    keep("carla's vote", make.vote(application, by=people["carla"]))
    keep("carla's note", Note.objects.create(**of_it, by_id=people["carla"].pk, text="."))
    keep("vera's note", Note.objects.create(**of_it, by_id=people["vera"].pk, text="."))
    keep("appealed step", Step.objects.create(**of_it, old="a", new="b"))
    _judged_by("judged ", application, people, keep)
    # Decided since: carla keeps her vote, and not what she judged by.
    past = make.application(
        circle, state="declined_final", decline_code="other", decline_text="Feet, not hands."
    )
    facts = {"circle": circle, "application": past, "member_id": people["carla"].pk}
    Decider.objects.create(**facts, stage="appealed")
    keep("judged application", past)
    keep("carla's vote on it", make.vote(past, by=people["carla"], choice="decline"))
    _judged_by("formerly judged ", past, people, keep)
    refused = make.application(
        circle, state="declined", decline_code="other", decline_text="You operate on feet."
    )
    keep("refused applicant's link", refused.link)
    own = {"circle": circle, "application": refused, "words": "Look again."}
    keep("refused applicant's appeal", Appeal.objects.create(**own))


def _judged_by(word, application, people, keep):
    """What whoever decides on an application has before them."""
    asked = keep(f"{word}reference", make.reference(application, by=people["bram"], how="worked"))
    keep(f"{word}referee", asked.referee)
    keep(f"{word}answer at the door", make.door_answer(application))
    keep(f"{word}paper", make.paper(application))
    keep(f"{word}check", make.check(application))
    keep(f"{word}fact", make.confirmation(application, by=people["vera"], measures=True))
    own = make.confirmation(application, by=people["carla"])
    keep(f"{word}carla's fact", own)
    signed = {"second_by_id": people["carla"].pk, "second_at": timezone.now()}
    keep(f"{word}signed fact", make.confirmation(application, by=people["vera"], **signed))


def _objected_to(circle, people, keep):
    policy = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 7}
    application = make.application(circle, state="objection", policy=policy)
    of_it = {"circle": circle, "application": application, "words": "I know more."}
    facts = {**of_it, "by_id": people["bram"].pk, "settled_by_id": people["anna"].pk}
    keep("bram's objection", Objection.objects.create(**facts))
    keep("anna's objection", Objection.objects.create(**of_it, by_id=people["anna"].pk))


def _own(name, member, keep):
    keep(f"{name}'s account", member)
    keep(f"{name}'s profile", member.profile, key="member_id")
    address = keep(
        f"{name}'s address", EmailAddress.objects.create(user=member, email=member.email)
    )
    keep(
        f"{name}'s confirmation",
        EmailConfirmation.objects.create(email_address=address, key=name),
    )
    link = keep(f"{name}'s unsubscribe link", links.draw("unsubscribe"))
    keep(
        f"{name}'s digest plan",
        DigestPlan.objects.create(member=member, link=link, next_due_at=timezone.now()),
        key="member_id",
    )
    keep(f"{name}'s digest", DigestIssue.objects.create(member=member, week="2026-W48"))
    asked = DigestIssue.objects.create(member=member, week="2026-W48", asked=1, state="built")
    keep(f"{name}'s asked digest", asked)
    for kind in Authenticator.Type:
        row = Authenticator.objects.create(user=member, type=kind, data={})
        keep(f"{name}'s factor {kind.value}", row)
    keep(f"{name}'s browser", Browser.objects.create(member=member, print=name))
    keep(
        f"{name}'s forgotten browser",
        Browser.objects.create(member=member, print="old", used_at="2020-01-01T00:00Z"),
    )
    keep(f"{name}'s letter", Letter.objects.create(kind="x", member=member, subject_id=1))


def _mechanism(circle, people, keep):
    line = AuditEntry.objects.create(circle_id=circle.pk, act="x")
    keep("the house's audit line", line)
    keep("silence", Silence.objects.create(address_key="k"))
    facts = {"kind": "y", "subject_id": 1, "due_at": timezone.now()}
    keep("bram's timer", Due.objects.create(**facts, member=people["bram"]))
    sweep = Sweep.objects.create(task="x", ended_at=timezone.now(), seconds=1, worked=True)
    keep("sweep", sweep, key="task")
    keep("timer", Due.objects.create(kind="x", subject_id=1, due_at=timezone.now()))
    keep("erasure", Erasure.objects.create(kind="x", row_id=1))
    now = timezone.now()
    sizes = {"size": 1, "rows": 1, "files": 1}
    keep("backup", Backup.objects.create(made_at=now, read_back_at=now, **sizes))
    keep("the steward's account", people["sam"])
    keep(
        "session",
        Session.objects.create(session_key="k", session_data="", expire_date=timezone.now()),
        key="session_key",
    )


# applicant, drafter, vouched, refused, invitee, referee, unsubscriber hold a mailed link; 'as bram'
# is the worker acting for bram.
ACTORS = (
    "public",
    "desk",
    "applicant",
    "drafter",
    "vouched",
    "refused",
    "invitee",
    "referee",
    "unsubscriber",
    "bram",
    "vera",
    "anna",
    "eva",
    "carla",
    "steward",
    "house",
    "as bram",
    "as anna",
)


def role_of(actor: str) -> str:
    return "kring_worker" if actor == "house" or actor.startswith("as ") else "kring_web"


@contextmanager
def acting(actor: str, people: dict[str, Member], tokens: dict[str, int]):
    """Become one actor: role, member, token."""
    role = role_of(actor)
    who = people.get({"steward": "sam"}.get(actor, actor.removeprefix("as ")))
    with _scope(
        who.pk if who else None,
        tokens.get(actor),
        "sign-in" if actor == "desk" else "",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"set local role {role}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("set local role kring_owner")


def as_json(row: Row) -> str:
    """The whole row, read as the owner, to be inserted again by others."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select to_jsonb(t)::text from {row.table} t where {row.key} = %s", [row.value]
        )
        return cursor.fetchone()[0]


def probe(row: Row, whole: str, role: str, ways: str = "riud") -> str:
    """What the current actor may do with this row: r(ead), i(nsert), u(pdate), d(elete)."""
    tries = {
        "r": lambda: _works(f"select from {row.table} {where}", [row.value]),
        "i": lambda: _works(
            f"insert into {row.table} select * from jsonb_populate_record(null::{row.table}, %s)",
            [whole],
        ),
        "u": lambda: _updates(row, where, role),
        "d": lambda: _works(f"delete from {row.table} {where}", [row.value]),
    }
    where = f"where {row.key} = %s"
    return "".join(way for way in ways if tries[way]())


@cache
def _a_change(table: str, role: str) -> str | None:
    """A change of one column this role may write; to itself where the role may read it too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, has_column_privilege(%s, table_name::regclass, column_name, 'select') "
            "from information_schema.columns where table_schema = 'public' "
            "and table_name = %s and column_name <> 'id' "
            "and has_column_privilege(%s, table_name::regclass, column_name, 'update') "
            "order by 2 desc, ordinal_position limit 1",
            [role, table, role],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    column, readable = found
    return f'"{column}" = "{column}"' if readable else f"\"{column}\" = ''"


def _updates(row: Row, where: str, role: str) -> bool:
    change = _a_change(row.table, role)
    return change is not None and _works(f"update {row.table} set {change} {where}", [row.value])


class _Undo(Exception):
    """Nothing a probe does may stay."""


def _works(sql: str, parameters: list) -> bool:
    """Try it and take it back. A violated key or check came after the policies said yes."""
    touched = False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            touched = cursor.rowcount > 0
            raise _Undo
    except _Undo:
        return touched
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", "") != DENIED
