"""What members do in a simulation, by the acts of the product, each as its member."""

import random
from contextlib import ExitStack
from datetime import date, time

from django.db.models import Max

from circles.belonging import leaving
from circles.models import Circle, Membership
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members.models import Member
from questions import answering, asking, closing, reading
from questions.digests import wishes
from questions.models import Answer, Event, Question


def serve(line) -> None:
    """Do what comes down the line until it ends: (act, member, facts). "hold" leaves the act's
    transaction open until "let go"."""
    held = ExitStack()
    while True:
        try:
            act, member_id, facts = line.recv()
        except EOFError:
            return
        if act == "let go":
            held.close()
            line.send(None)
            continue
        hold = facts.pop("hold", False)
        with ExitStack() as stack:
            where = held if hold else stack
            where.enter_context(acting_as(member_id))
            done = _do(act, member_id, facts)
        line.send(done)


def _do(act: str, member_id: int, facts: dict):
    by = Member.objects.get(pk=member_id)
    try:
        return ACTS[act](by, **facts)
    except Refused:
        return None


def ask(by: Member, circle: int, seed: str) -> tuple[int, int]:
    words = f"Question {seed}?"
    made = asking.ask(
        Circle.objects.get(pk=circle),
        by=by,
        public_id=_address(seed),
        title=words,
        body=words,
        mail_line=words[:60],
    )
    return made.pk, _event(by, circle)


def answer(by: Member, circle: int, question: int, seed: str) -> tuple[int, int]:
    thread = _question(circle, question)
    given = answering.answer(thread, by=by, public_id=_address(seed), body=f"Answer {seed}.")
    return given.pk, _event(by, circle)


def remark(by: Member, circle: int, question: int, under: int | None, seed: str) -> tuple:
    on = Answer.objects.get(circle_id=circle, pk=under) if under else None
    made = answering.comment(_question(circle, question), by=by, body=f"Remark {seed}.", under=on)
    return made.pk, _event(by, circle)


def accept(by: Member, circle: int, question: int, answer: int) -> tuple[int, int]:
    chosen = Answer.objects.get(circle_id=circle, pk=answer)
    closing.accept(_question(circle, question), chosen, by=by)
    return question, _event(by, circle)


def report(by: Member, circle: int, question: int) -> tuple[int, int]:
    thread = _question(circle, question)
    closing.report_outcome(thread, by=by, helped="yes", body="It helped.")
    return question, _event(by, circle)


def read(by: Member, circle: int, question: int) -> None:
    reading.mark_read(_question(circle, question), by=by)


def wish(by: Member, every: str, weekday: int, at: str, zone: str, paused: str | None) -> None:
    wishes.change_plan(
        by=by,
        every=every,
        weekday=weekday,
        at=time.fromisoformat(at),
        zone=zone,
        paused_until=date.fromisoformat(paused) if paused else None,
    )


def split(by: Member, per_circle: bool) -> None:
    wishes.change_circles(by=by, per_circle=per_circle, circles={})


def leave(by: Member, circle: int) -> None:
    own = Membership.objects.select_related("circle").get(circle_id=circle, member_id=by.pk)
    leaving.leave(own, by=by)


ACTS = {
    act.__name__: act for act in (ask, answer, remark, accept, report, read, wish, split, leave)
}


def _question(circle: int, question: int) -> Question:
    return Question.objects.get(circle_id=circle, pk=question)


def _event(by: Member, circle: int) -> int:
    """The number of the event they have just written."""
    events = Event.objects.filter(circle_id=circle, by_id=by.pk)
    return events.aggregate(last=Max("id"))["last"]


def _address(seed: str) -> str:
    letters = "23456789bcdfghjkmnpqrstvwxyz"
    return "".join(random.Random(seed).choices(letters, k=10))  # noqa: S311
