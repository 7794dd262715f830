"""Rows for tests: plain functions, every argument a fact the test cares about. Made as the owner."""

from datetime import timedelta
from itertools import count

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone
from fido2.utils import websafe_encode

from circles import evidence
from circles.models import (
    Application,
    Archiving,
    Check,
    Circle,
    Cofounder,
    Confirmation,
    DoorAnswer,
    DoorQuestion,
    Endorsement,
    Fact,
    FirstHour,
    Founding,
    Invitation,
    Membership,
    Paper,
    Parameter,
    Portrait,
    Referee,
    Reference,
    RegisterEntry,
    RegisterExtract,
    Renewal,
    Sanction,
    Vote,
)
from circles.proposing import starting_points
from members import links, silence
from members.models import Letter, Member, Profile
from questions.models import Answer, Comment, Question
from tests.passkeys import Passkey

_number = count(1)


def member(name: str, **facts) -> Member:
    # No password: hashing one costs time, and tests enter by force_login.
    facts = {"language": "en", "password": UNUSABLE_PASSWORD_PREFIX, **facts}
    made = Member.objects.create(email=f"{name}@example.org", **facts)
    Profile.objects.create(member=made, name=f"{name.title()} de Vries", title="hand surgeon")
    return made


def passkey(member: Member, key: Passkey | None = None, name="phone") -> Authenticator:
    handle = websafe_encode(user_pk_to_url_str(member).encode())
    credential = (key or Passkey()).made({"publicKey": {"challenge": "", "user": {"id": handle}}})
    return Authenticator.objects.create(
        user=member, type="webauthn", data={"name": name, "credential": credential}
    )


def membership(circle: Circle, member: Member, role="member", state="active", **facts):
    facts.setdefault("since", timezone.now() - timedelta(days=200))
    return Membership.objects.create(
        circle=circle, member_id=member.pk, role=role, state=state, **facts
    )


def fact(membership: Membership, by: Member, fact="identity", **facts) -> Fact:
    return Fact.objects.create(
        circle_id=membership.circle_id, membership=membership, fact=fact, by_id=by.pk, **facts
    )


def sanction(membership: Membership, by: Member, kind="suspension", **facts) -> Sanction:
    facts = {"code": "other", "why": "Told a name outside the circle.", **facts}
    return Sanction.objects.create(
        circle_id=membership.circle_id, membership=membership, kind=kind, by_id=by.pk, **facts
    )


def renewal(membership: Membership, **facts) -> Renewal:
    facts = {"choice": "stay", "worth": "yes", **facts}
    return Renewal.objects.create(circle_id=membership.circle_id, membership=membership, **facts)


def portrait(circle: Circle, member: Member, **facts) -> Portrait:
    facts = {"expertise": ["wrist"], "brings": "Splints.", "seeks": "Numbers.", **facts}
    membership = Membership.objects.get(circle=circle, member_id=member.pk)
    return Portrait.objects.create(circle=circle, membership=membership, **facts)


def former_member(name: str, circle: Circle) -> Member:
    left = member(name)
    membership(circle, left, state="left", ended_at=timezone.now())
    return left


def circle(name="Hand surgeons", *, admin=None, vetters=(), members=(), **charter) -> Circle:
    defaults = {
        "profession": "hand surgeons",
        "purpose": f"Fewer operations done twice, says {name}.",
        "belongs": "Whoever operates on hands every week.",
        "pledge": "What is said here stays here.",
        "language": "en",
        "sensitivity": "normal",
        "listed": True,
        "confirmed_at": timezone.now(),
        "required_referees": 0,
        "objection_days": 0,
    }
    made = Circle.objects.create(name=name, **{**defaults, **charter})
    if admin:
        membership(made, admin, role="admin")
    for person in vetters:
        membership(made, person, role="vetter")
    for person in members:
        membership(made, person)
    return made


def proposal(name="Wrist surgeons", *, by, **charter) -> Circle:
    """A circle that waits for a steward; whoever proposes it will lead it."""
    made = circle(name, listed=False, confirmed_at=None, **charter)
    for person in by:
        membership(made, person, role="admin")
    return made


def founding(lead: Member, **facts) -> Founding:
    """A proposal that is being written, from a starting point."""
    point = starting_points.start("teacher", "en")
    facts = {"start": "teacher", "language": "en", "parameters": point.parameters, **facts}
    charter = {**point.charter, "name": "Teachers of the north"}
    facts.setdefault("seen", ["charter", "form", "rules"])
    return Founding.objects.create(lead_id=lead.pk, charter=charter, **facts)


def archiving(circle: Circle, by: Member, kind="archive", **facts) -> Archiving:
    facts = {"why": "Our guideline is written and done.", **facts}
    return Archiving.objects.create(circle=circle, by_id=by.pk, kind=kind, **facts)


def first_hour(circle: Circle, *steps: str, by: Member | None = None) -> FirstHour:
    """The first hour of a circle, as it begins; and steps that were done."""
    for step in steps:
        FirstHour.objects.create(circle=circle, step=step, by_id=by and by.pk)
    return FirstHour.objects.create(circle=circle, step="begun")


def cofounder(founding: Founding, member: Member | None = None, **facts) -> Cofounder:
    """Somebody who is asked: a member by name, or an address."""
    if member:
        facts = {"member_id": member.pk, "is_chosen": True, **facts}
    else:
        facts = {"link": links.draw("cofounder"), "name": "Dr Out", **facts}
        facts.setdefault("address", f"out{next(_number)}@example.org")
    return Cofounder.objects.create(founding=founding, **facts)


def parameter(circle: Circle, name: str, kind="text", **facts) -> Parameter:
    return Parameter.objects.create(circle=circle, name=name, kind=kind, **facts)


def question(circle: Circle, by: Member, title=None, body="What would you do?", **facts):
    return Question.objects.create(
        circle=circle,
        author_id=by.pk,
        title=title or f"Question {next(_number)}?",
        body=body,
        html=f"<p>{body}</p>",
        **facts,
    )


def answer(question: Question, by: Member, body="Try a splint.", **facts) -> Answer:
    made = Answer.objects.create(
        circle_id=question.circle_id,
        question=question,
        author_id=by.pk,
        body=body,
        html=f"<p>{body}</p>",
        **facts,
    )
    question.refresh_from_db()
    return made


def comment(question: Question, by: Member, body="Which hand?", answer=None) -> Comment:
    return Comment.objects.create(
        circle_id=question.circle_id,
        question=question,
        answer=answer,
        author_id=by.pk,
        body=body,
        html=f"<p>{body}</p>",
    )


def application(circle: Circle, state="review", name=None, email=None, **facts) -> Application:
    name = name or f"Applicant {next(_number)}"
    email = email or f"applicant{next(_number)}@example.org"
    now = timezone.now()
    proven = state not in ("draft", "email_pending")
    defaults = {
        "profession": "hand surgeon",
        "address_key": silence.key_of(email),
        "brings": "Twelve years of tendons.",
        "seeks": "A second pair of eyes.",
        "submitted_at": None if state == "draft" else now - timedelta(days=2),
        "proven_at": now - timedelta(days=2) if proven else None,
        "review_since": now - timedelta(days=2) if proven else None,
        "decide_before": now + timedelta(days=12) if proven else None,
        "policy": {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 0},
    }
    return Application.objects.create(
        circle=circle,
        link=links.draw("application"),
        state=state,
        name=name,
        email=email,
        **{**defaults, **facts},
    )


def vote(application: Application, by: Member, choice="approve", sentence="Works well.") -> Vote:
    return Vote.objects.create(
        circle_id=application.circle_id,
        application=application,
        voter_id=by.pk,
        choice=choice,
        sentence=sentence,
    )


def invitation(circle: Circle, by: Member, address=None, state="open", **facts) -> Invitation:
    address = address or f"invitee{next(_number)}@example.org"
    now = timezone.now()
    running = state in Invitation.RUNNING
    defaults = {
        "name": "Noor Haddad",
        "language": "en",
        "how": "worked",
        "words": "We ran the elbow clinic together.",
        "ended_at": None if running else now,
        "created_at": now,
    }
    facts = {**defaults, **facts}
    return Invitation.objects.create(
        circle=circle,
        link=links.draw("invitation", expires_at=facts["created_at"] + timedelta(days=14)),
        inviter_id=by.pk,
        address=address,
        address_key=silence.key_of(address),
        state=state,
        **facts,
    )


def endorsement(application: Application, by: Member, invitation=None, **facts) -> Endorsement:
    invitation = invitation or globals()["invitation"](
        application.circle, by, address=application.email, state="expired"
    )
    return Endorsement.objects.create(
        circle_id=application.circle_id,
        application=application,
        invitation=invitation,
        by_id=by.pk,
        **{"how": "worked", "words": "I know the work.", **facts},
    )


def referee(application: Application, number=1, state="named", **facts) -> Referee:
    address = facts.pop("address", f"referee{next(_number)}@example.org")
    return Referee.objects.create(
        circle_id=application.circle_id,
        application=application,
        number=number,
        address=address,
        address_key=silence.key_of(address),
        state=state,
        asked_at=None if state == "named" else timezone.now(),
        **{"name": "Wim Oudshoorn", "relation": "Trained me in Assen.", **facts},
    )


def reference(application: Application, by: Member | None = None, referee=None, **facts):
    """Somebody who is asked: a member, or by a mailed link; `how` makes it an answer."""
    state = "asked" if "how" not in facts else "confirmed"
    count = Referee.objects.filter(application=application).count()
    referee = referee or globals()["referee"](application, number=count + 1, state=state)
    until = timezone.now() + timedelta(days=14)
    if "how" in facts:
        facts = {"answered_at": timezone.now(), "own_case": "yes", "vouches": True, **facts}
    return Reference.objects.create(
        circle_id=application.circle_id,
        application=application,
        referee=referee,
        member_id=by and by.pk,
        link=None if by else links.draw("reference", expires_at=until),
        **{"until": until, **facts},
    )


def door_question(circle: Circle, position=1, label="Which hands?", **facts) -> DoorQuestion:
    return DoorQuestion.objects.create(circle=circle, position=position, label=label, **facts)


def door_answer(application: Application, value="Both.", **facts) -> DoorAnswer:
    facts = {"position": 1, "version": 1, "asked": "Which hands?", **facts}
    return DoorAnswer.objects.create(
        circle_id=application.circle_id, application=application, value=value, **facts
    )


def paper(application: Application, content=b"\xff\xd8\xff", kind="jpg", **facts) -> Paper:
    made = Paper.objects.create(
        circle_id=application.circle_id,
        application=application,
        kind=kind,
        size=len(content),
        **{"what": "Diploma", **facts},
    )
    path = evidence.path_of(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return made


def check(application: Application, kind="number", state="good", code="fits", **facts) -> Check:
    return Check.objects.create(
        circle_id=application.circle_id,
        application=application,
        kind=kind,
        state=state,
        code=code,
        **{"checked_at": timezone.now(), **facts},
    )


def confirmation(application: Application, by: Member, fact="practice", **facts) -> Confirmation:
    answers = {"name_matches": True, "measures": False} if fact == "practice" else {"how": "met"}
    return Confirmation.objects.create(
        circle_id=application.circle_id,
        application=application,
        fact=fact,
        by_id=by.pk,
        **{**answers, "source": "The register, by hand.", **facts},
    )


def extract(circle: Circle, *entries: dict, by: Member | None = None) -> RegisterExtract:
    made = RegisterExtract.objects.create(
        circle=circle, name="BIG", dated="2026-11-01", rows=len(entries), by_id=by and by.pk
    )
    for entry in entries:
        RegisterEntry.objects.create(circle=circle, extract=made, **entry)
    return made


def dead_letter(member: Member, kind="password_reset", **facts) -> Letter:
    """A letter the mail server refused."""
    defaults = {"state": "dead", "reason": "550", "attempts": 1, "settled_at": timezone.now()}
    return Letter.objects.create(
        kind=kind, member=member, subject_id=member.pk, **{**defaults, **facts}
    )
