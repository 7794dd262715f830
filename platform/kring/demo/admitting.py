"""Those at the door of the demo circles, and what has been said of them so far: referees, papers,
facts, votes, an appeal. Runs as the owner of the tables, once.

What a worker does by itself, it does here too: letters go out, checks are done, timers run from the
moment the demo is loaded.
"""

import csv
import io
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from circles import asking_referees, checks, evidence, moves, policy, registers
from circles.models import (
    Appeal,
    Application,
    Check,
    Circle,
    Confirmation,
    DoorAnswer,
    DoorQuestion,
    Inquiry,
    Note,
    Objection,
    Paper,
    Referee,
    Reference,
    Step,
    Vote,
)
from kring.demo import drawing
from members import due, links, silence
from members.models import Due, Member

S = Application.State
SENT_IN = ((S.DRAFT, S.EMAIL_PENDING),)


def ago(days: float, *, hour: int | None = None) -> datetime:
    moment = timezone.now() - timedelta(days=days)
    if hour is not None and days >= 1:
        minute = int(days * 7) % 60
        moment = timezone.localtime(moment).replace(hour=hour, minute=minute, second=0)
    return moment


# --- the door -----------------------------------------------------------------------------
def set_door(circle: Circle, told: dict, people: dict[str, Member]) -> None:
    """What a circle asks and compares with at its door."""
    Circle.objects.filter(pk=circle.pk).update(mailbox_domains=told["mailbox_domains"])
    for position, question in enumerate(told["questions"], start=1):
        DoorQuestion.objects.create(circle=circle, position=position, **question)
    if register := told.get("register"):
        written = io.StringIO()
        csv.writer(written).writerows([registers.COLUMNS, *register["rows"]])
        registers.bring(
            circle,
            by=people[register["by"]],
            name=register["name"],
            dated=ago(register["days_ago"]).date(),
            content=written.getvalue().encode(),
        )


# --- one application ----------------------------------------------------------------------
def apply(circle: Circle, told: dict, people: dict[str, Member]) -> Application:
    """One application with everything that was said of it."""
    path = _path(told)
    state, moved_at = path[-1][:2] if path else (S.DRAFT, ago(told["days_ago"]))
    reached = {new: at for new, at, _by in path}
    proven_at = None if state in Application.UNSEEN else path[1][1]
    began = reached.get(S.APPEALED) or reached.get(S.REVIEW)
    days = Application.APPEAL_DAYS if S.APPEALED in reached else circle.decide_days
    refused = told["decline"] or {}
    number = registers.plain(told["register_number"])
    application = Application.objects.create(
        circle=circle,
        link=links.draw("application"),
        state=state,
        register_key=silence.key_of(f"register {number}") if number else "",
        email=told["email"],
        address_key=silence.key_of(told["email"]),
        language=told["language"],
        name=told["name"],
        profession=told["title"],
        register_number=told["register_number"],
        pledged_at=path[0][1] if path else None,
        policy=policy.snapshot(circle),
        decline_code=refused.get("code", ""),
        decline_text=refused.get("text", ""),
        created_at=ago(told["days_ago"]),
        submitted_at=path[0][1] if path else None,
        proven_at=proven_at,
        review_since=began,
        decide_before=began and began + timedelta(days=days),
        moved_at=moved_at,
    )
    _steps(application, path, people)
    _beside(application, told, people)
    _votes(application, told, people, reached)
    moves.follow_up(application)
    return application


def _path(told: dict) -> list[tuple[str, datetime, str]]:
    """The states it came through, as (state, moment, by whom); none for a draft."""
    if told["state"] == S.DRAFT.name:
        return []
    sent = ago(told["days_ago"], hour=9)
    path = [(S.EMAIL_PENDING, sent, "")]
    for number, (state, days, *by) in enumerate(told.get("steps", ())):
        at = ago(days, hour=15) if number else sent + timedelta(minutes=8)
        path.append((S[state], at, by[0] if by else ""))
    return path


def _steps(application: Application, path, people) -> None:
    old = S.DRAFT
    for new, at, by in path:
        Step.objects.create(
            circle_id=application.circle_id,
            application=application,
            old=old,
            new=new,
            by_id=people[by].pk if by else None,
            at=at,
        )
        old = new


def _votes(application, told, people, reached) -> None:
    """Cast in the review, the last one on the day it decided."""
    if not told["votes"]:
        return
    decided = reached.get(S.DECLINED) or reached.get(S.OBJECTION) or ago(1)
    for number, vote in enumerate(reversed(told["votes"])):
        Vote.objects.create(
            circle_id=application.circle_id,
            application=application,
            voter_id=people[vote["by"]].pk,
            choice=vote["choice"],
            sentence=vote["sentence"],
            at=max(decided - timedelta(days=number, minutes=1), reached[S.REVIEW]),
        )


# --- beside it ----------------------------------------------------------------------------
def _beside(application: Application, told: dict, people: dict[str, Member]) -> None:
    of_it = {"circle_id": application.circle_id, "application": application}
    answers = {"1": told["brings"], "2": told["seeks"], **told.get("answers", {})}
    for position, value in answers.items():
        asked = DoorQuestion.objects.get(circle_id=application.circle_id, position=position)
        DoorAnswer.objects.create(
            **of_it, position=position, version=1, asked=asked.label, value=value
        )
    for number, row in enumerate(told.get("referees", ()), start=1):
        _referee(application, number, row, people)
    for row in told.get("papers", ()):
        _paper(of_it, row)
    for row in told.get("confirmations", ()):
        facts = {k: v for k, v in row.items() if k not in ("by", "days_ago")}
        Confirmation.objects.create(**of_it, **_said(row, people), **facts)
    for row in told.get("notes", ()):
        Note.objects.create(**of_it, **_said(row, people), text=row["text"])
    for row in told.get("inquiries", ()):
        _inquiry(of_it, row, people)
    for row in told.get("objections", ()):
        Objection.objects.create(**of_it, **_said(row, people), words=row["words"])
    if appeal := told.get("appeal"):
        Appeal.objects.create(**of_it, at=ago(appeal["days_ago"], hour=15), words=appeal["words"])


def _said(row: dict, people: dict[str, Member]) -> dict:
    return {"by_id": people[row["by"]].pk, "at": ago(row["days_ago"], hour=16)}


def _inquiry(of_it: dict, row: dict, people) -> None:
    answered = row.get("answered_days_ago")
    Inquiry.objects.create(
        **of_it,
        by_id=people[row["by"]].pk,
        question=row["question"],
        asked_at=ago(row["days_ago"], hour=15),
        answer=row.get("answer", ""),
        answered_at=answered and ago(answered, hour=10),
    )


def _referee(application: Application, number: int, row: dict, people) -> None:
    """Somebody who was named and asked: answered since, could not confirm, or is awaited."""
    asked_at = application.submitted_at + timedelta(minutes=12)
    answer, ended = row.get("answer"), row.get("ended_days_ago")
    state = "confirmed" if answer else "unconfirmed" if ended else "asked"
    of_it = {"circle_id": application.circle_id, "application": application}
    referee = Referee.objects.create(
        **of_it,
        number=number,
        name=row["name"],
        address=row["address"],
        address_key=silence.key_of(row["address"]),
        relation=row["relation"],
        state=state,
        asked_at=asked_at,
    )
    member = people[row["member"]] if "member" in row else None
    until = asked_at + timedelta(days=Reference.DAYS)
    gone = until + timedelta(days=Reference.TOLD_DAYS)
    facts = {}
    if answer:
        facts = {k: v for k, v in answer.items() if k != "days_ago"}
        facts["answered_at"] = ago(answer["days_ago"], hour=20)
        facts["vouches"] = answer["own_case"] != "no"
        facts["name"] = "" if member else row["name"]
    reference = Reference.objects.create(
        **of_it,
        referee=referee,
        member_id=member and member.pk,
        link=None if member else links.draw("reference", expires_at=gone),
        asked_at=asked_at,
        until=until,
        ended_at=ended and ago(ended, hour=11),
        **facts,
    )
    if state == "asked":
        asking_referees.write(reference, asking_referees.ASKED)
        due.set_timer("reference_deadline", reference.pk, until, circle_id=application.circle_id)


def _paper(of_it: dict, row: dict) -> None:
    content = drawing.paper(row["lines"], kind=row["kind"])
    facts = {"kind": row["kind"], "what": row["what"], "size": len(content)}
    paper = Paper.objects.create(**of_it, **facts, added_at=of_it["application"].created_at)
    path = evidence.path_of(paper)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(content)


# --- when it begins -----------------------------------------------------------------------
def begin_now() -> None:
    """Do the checks of everybody at the door, as of when they came. What else would have been due
    in the days before the demo was there, is due when it begins."""
    now = timezone.now()
    for row in Due.objects.filter(kind="application_checks"):
        checks.begin(row)
    checks.run_waiting()
    since = Application.objects.filter(pk=OuterRef("application_id")).values("proven_at")
    Check.objects.update(checked_at=Subquery(since))
    Due.objects.filter(done_at=None, due_at__lt=now).update(due_at=now)
