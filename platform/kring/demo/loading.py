"""Filling an empty database with the demo circles. Runs as the owner of the tables, once."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from circles import founding, invited, inviting, proposals
from circles.models import (
    Application,
    Circle,
    Endorsement,
    Invitation,
    Membership,
    Parameter,
    Reference,
)
from kring.demo import admitting, listing, marker, portraying
from kring.demo.admitting import ago
from kring.lib import text
from members import links, silence
from members.models import Member, Profile
from questions.digests import planning
from questions.forms import shown
from questions.models import Answer, Comment, DigestPlan, Event, Outcome, Question, Tag, Tagging

WAITS = {"nl": "een vraag over wie hem of haar noemde", "en": "a question about who named them"}
FOLDER = settings.BASE / "demo"


@transaction.atomic
def load() -> list[Circle]:
    """Make the demo circles with their people, questions and applications, one circle that is only
    proposed, the steward who answers that, and a few more for the guide; return the first two.

    Marks the database as a demo. The archive of the second circle is moved in separately.
    """
    marker.mark()
    people: dict[str, Member] = {}
    shoulder = _circle(FOLDER / "shoulder" / "circle.json", people)
    reasoning = _circle(FOLDER / "ai" / "circle.json", people)
    _proposal(FOLDER / "hands" / "circle.json", people)
    _steward(FOLDER / "steward.json")
    listing.fill_guide(json.loads((FOLDER / "guide.json").read_text()))
    for member in people.values():
        planning.plan_for(member.pk)
    # From the first transaction on: the demo's first digest tells of the past week.
    DigestPlan.objects.update(cursor_xid=0, cursor_event=0)
    admitting.begin_now()
    return [shoulder, reasoning]


def _circle(path: Path, people: dict[str, Member]) -> Circle:
    told = json.loads(path.read_text())
    charter = {k: v for k, v in told["circle"].items() if k != "field"}
    circle = Circle.objects.create(
        founded_at=ago(750),
        confirmed_at=ago(750),
        mail_ceiling="counts" if charter["sensitivity"] == "sensitive" else "title",
        **charter,
    )
    with translation.override(circle.language):
        for person in told["people"]:
            _person(circle, person, people)
        portraying.look_at(circle, told["people"], people)
        parameters = _parameters(circle, told["parameters"])
        tags = {
            tag["name"]: Tag.objects.create(circle=circle, **tag) for tag in told.get("tags", [])
        }
        for question in told.get("questions", []):
            _question(circle, question, people, parameters, tags)
        admitting.set_door(circle, told["admission"], people)
        applications = {
            row["key"]: admitting.apply(circle, row, people) for row in told["applications"]
        }
        for invitation in told.get("invitations", []):
            _invitation(circle, invitation, people, applications)
    _remember_people(circle, told, people)
    return circle


def _proposal(path: Path, people: dict[str, Member]) -> None:
    """A circle that waits for the steward, with those who propose it."""
    read = proposals.read(path)
    told = json.loads(path.read_text())
    for person in told["people"]:
        people[person["key"]] = _account(person)
    proposers = [people[person["key"]] for person in told["people"]]
    circle = founding.propose(read.charter, read.parameters, proposers=proposers)
    Circle.objects.filter(pk=circle.pk).update(founded_at=ago(2, hour=16))
    shown = [person for person in told["people"] if person.get("show")]
    _remember([_known(person, "proposer", circle.name) for person in shown])


def _steward(path: Path) -> None:
    """Whoever runs the demo: in no circle, and reads nothing of what is said."""
    told = json.loads(path.read_text())
    member = _account(told)
    Member.objects.filter(pk=member.pk).update(is_steward=True)
    _remember([_known(told, "steward", "")])


def _account(person: dict) -> Member:
    joined = ago(person.get("joined_days_ago", 3))
    member = Member.objects.create_user(
        person["email"], language=person["language"], joined_at=joined
    )
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    Profile.objects.create(
        member=member,
        name=person["name"],
        title=person.get("title", ""),
        about=person.get("about", ""),
    )
    return member


def _person(circle: Circle, person: dict, people: dict[str, Member]) -> None:
    key = person["key"]
    if key not in people:
        people[key] = _account(person)
    ended = person["state"] == Membership.State.LEFT
    membership = Membership.objects.create(
        circle=circle,
        member_id=people[key].pk,
        role=person["role"],
        state=person["state"],
        since=ago(person["joined_days_ago"]),
        ended_at=ago(20) if ended else None,
    )
    portraying.draw(membership, person.get("portrait"))


def _parameters(circle: Circle, told: list[dict]) -> dict[str, Parameter]:
    return {
        row["key"]: Parameter.objects.create(
            circle=circle, position=place, **{k: v for k, v in row.items() if k != "key"}
        )
        for place, row in enumerate(told)
    }


def _question(circle, told, people, parameters, tags) -> None:
    at = ago(told["days_ago"], hour=9)
    given = [
        {
            "id": parameters[key].pk,
            "name": parameters[key].name,
            "unit": parameters[key].unit,
            "value": value if isinstance(value, list) else str(value),
            "shown": shown(parameters[key], value if isinstance(value, list) else str(value)),
        }
        for key, value in told["parameters"].items()
    ]
    question = Question.objects.create(
        circle=circle,
        author_id=people[told["author"]].pk,
        title=told["title"],
        mail_line=told["mail_line"],
        body=told["body"],
        html=text.render(told["body"]),
        parameters=given,
        need=told["need"],
        needed_by=_needed_by(at, told.get("needed_in_days")),
        outcome_weeks=told["outcome_weeks"],
        created_at=at,
        last_activity_at=at,
    )
    for name in told["tags"]:
        Tagging.objects.create(circle=circle, question=question, tag=tags[name])
    _event(Event.Kind.ASKED, question, at, people[told["author"]])
    _comments(question, None, told.get("comments", []), people)
    for row in told["answers"]:
        _answer(question, row, people, told)
    if told["outcome"]:
        _outcome(question, told, people)


def _needed_by(asked_at: datetime, days: int | None) -> date | None:
    return (asked_at + timedelta(days=days)).date() if days else None


def _answer(question, row, people, told) -> None:
    at = ago(row["days_ago"], hour=13)
    answer = Answer.objects.create(
        circle_id=question.circle_id,
        question=question,
        author_id=people[row["author"]].pk,
        body=row["body"],
        html=text.render(row["body"]),
        created_at=at,
    )
    _event(Event.Kind.ANSWERED, question, at, people[row["author"]], answer)
    _comments(question, answer, row.get("comments", []), people)
    if row["accepted"]:
        chosen_at = at + timedelta(days=1)
        due_at = chosen_at + timedelta(weeks=told["outcome_weeks"])
        is_due = due_at <= timezone.now()
        Question.objects.filter(pk=question.pk).update(
            accepted_answer_id=answer.pk,
            state=Question.State.OUTCOME_DUE if is_due else Question.State.ANSWERED,
            outcome_due_at=due_at,
        )
        _event(Event.Kind.ACCEPTED, question, chosen_at, people[told["author"]], answer)


def _comments(question, answer, rows, people) -> None:
    for row in rows:
        Comment.objects.create(
            circle_id=question.circle_id,
            question=question,
            answer=answer,
            author_id=people[row["author"]].pk,
            body=row["body"],
            html=text.render(row["body"]),
            created_at=ago(row["days_ago"], hour=17),
        )


def _outcome(question, told, people) -> None:
    outcome, at = told["outcome"], ago(told["outcome"]["days_ago"], hour=11)
    Outcome.objects.create(
        circle_id=question.circle_id,
        question=question,
        by_id=people[told["author"]].pk,
        helped=outcome["helped"],
        body=outcome["text"],
        html=text.render(outcome["text"]),
        at=at,
    )
    unknown = outcome["helped"] == Outcome.Helped.UNKNOWN
    Question.objects.filter(pk=question.pk).update(
        state=Question.State.NOT_KNOWN if unknown else Question.State.CLOSED, outcome_due_at=None
    )
    _event(Event.Kind.OUTCOME, question, at, people[told["author"]])


def _event(kind, question, at, by, answer=None) -> None:
    """Only the past week is news."""
    if at > ago(7):
        Event.objects.create(
            circle_id=question.circle_id, kind=kind, by=by, question=question, answer=answer, at=at
        )


def _invitation(circle, told, people, applications) -> None:
    """An invitation and what became of it; the letter of an open one lies in the mailbox."""
    at = ago(told["days_ago"], hour=10)
    is_open = told["state"] == Invitation.State.OPEN
    until = at + timedelta(days=Invitation.DAYS)
    application = applications.get(told.get("application"))
    invitation = Invitation.objects.create(
        circle=circle,
        link=links.draw("invitation", expires_at=until),
        inviter_id=people[told["by"]].pk,
        application=application,
        state=told["state"],
        address=told["email"],
        address_key=silence.key_of(told["email"]),
        name=told["name"],
        language=told["language"],
        how=told["how"],
        words=told["words"],
        answer=told.get("answer", ""),
        created_at=at,
        ended_at=ago(told["days_ago"] - 3) if told.get("answer") else None,
    )
    inviting.watch(invitation)
    if is_open:
        invited.write(invitation, inviting.FIRST)
    if application:
        Endorsement.objects.get_or_create(
            circle=circle,
            application=application,
            by_id=invitation.inviter_id,
            defaults={
                "invitation": invitation,
                "how": told["how"],
                "words": told["words"],
                "at": application.created_at,
            },
        )


def _remember_people(circle: Circle, told: dict, people: dict[str, Member]) -> None:
    known = [
        _known(person, person["role"], circle.name)
        for person in told["people"]
        if person.get("show")
    ]
    waits = {row["email"]: row["waits"] for row in told["applications"]}
    for row in Application.objects.filter(circle=circle).order_by("id"):
        known.append(_by_link(row.name, "applicant", circle, row.link, waits[row.email]))
    asked = Reference.objects.open().filter(circle=circle, member=None).select_related("referee")
    for row in asked.select_related("application", "link"):
        known.append(_by_link(row.referee.name, "referee", circle, row.link, WAITS))
    _remember(known)


def _known(person: dict, role: str, circle: str) -> dict:
    return {
        "name": person["name"],
        "role": role,
        "circle": circle,
        "waits": person["waits"],
        "email": person["email"],
    }


def _by_link(name: str, role: str, circle: Circle, link, waits: dict[str, str]) -> dict:
    """Somebody without an account, who comes in by a mailed link."""
    facts = {"name": name, "role": role, "circle": circle.name, "waits": waits}
    return {**facts, "link": links.token_of(link)}


def _remember(people: list[dict]) -> None:
    """Write down for the sign-in page who there is: it may not look into the accounts."""
    path = settings.HOME / "demo.json"
    known = json.loads(path.read_text()) if path.exists() else []
    circles = {row["circle"] for row in people}
    known = [row for row in known if row["circle"] not in circles] + people
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, ensure_ascii=False, indent=1))
