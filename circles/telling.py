"""What the pages tell of an application: its steps so far and to come, and the promise; and of an
invitation: what became of it.

Reads; the rows come from the doors.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from circles.checks import NOT_REACHED
from circles.models import Application, Invitation, Step
from kring.lib.acting import acting_with

S = Application.State
MOST_TICKS = 42
BEFORE_OR_IN_OBJECTION = (S.REVIEW, S.INFO_REQUESTED, S.OBJECTION)


@dataclass(frozen=True)
class Mark:
    """One point on the thread: done, the present one, or still to come."""

    label: str
    at: datetime | None = None
    who: str = ""
    kind: str = "done"


def thread_for_applicant(application: Application) -> list[Mark]:
    """The steps as the applicant follows them: dates, and no names of vetters."""
    state = application.state
    marks = []
    if application.submitted_at:
        marks.append(Mark(_("Received"), application.submitted_at))
    if application.proven_at:
        marks.append(Mark(_("Address confirmed"), application.proven_at))
    if state == S.REFEREES:
        marks.append(Mark(_("Your referees are asked"), application.moved_at, kind="current"))
        marks.append(Mark(_("Vetting"), kind="next"))
    if application.review_since and state != S.APPEALED:
        now = "current" if state == S.REVIEW else "done"
        marks.append(Mark(_("Vetting"), application.review_since, kind=now))
    if state == S.INFO_REQUESTED:
        marks.append(Mark(_("A question to you"), application.moved_at, kind="current"))
    if application.policy.get("objection_days") and state in BEFORE_OR_IN_OBJECTION:
        now = "current" if state == S.OBJECTION else "next"
        since = application.moved_at if state == S.OBJECTION else None
        marks.append(Mark(_("Objection period of the members"), since, kind=now))
    return marks + _ahead(application)


def _ahead(application: Application) -> list[Mark]:
    since = application.moved_at
    match application.state:
        case S.REFEREES | S.REVIEW | S.INFO_REQUESTED | S.OBJECTION:
            return [Mark(_("Decision, with the reason"), kind="next")]
        case S.WAITLISTED:
            return [
                Mark(_("Admitted, waiting for a place"), since, kind="current"),
                Mark(_("Offer: charter and costs"), kind="next"),
            ]
        case S.OFFERED:
            return [
                Mark(_("Admitted"), since),
                Mark(_("Offer: charter and costs"), since, kind="current"),
            ]
        case S.APPEALED:
            return [
                *_refused(application),
                Mark(_("Appeal"), since, kind="current"),
                Mark(_("Decision of others, which is final"), kind="next"),
            ]
        case S.DECLINED | S.DECLINED_FINAL:
            return [Mark(_("Decision: not admitted"), since, kind="current")]
        case S.WITHDRAWN:
            return [Mark(_("Withdrawn"), since, kind="current")]
        case S.EXPIRED:
            return [Mark(_("Ended, its time had passed"), since, kind="current")]
        case S.DISCARDED:
            return [Mark(_("Set aside"), since, kind="current")]
        case S.APPROVED:
            return [Mark(_("Member"), since)]
    return []


def _refused(application: Application) -> list[Mark]:
    """The refusal that is appealed; to the holder of the link."""
    with acting_with(application.link_id):
        steps = Step.objects.filter(circle_id=application.circle_id, application=application)
        steps = list(steps.filter(new__in=[S.REVIEW, S.DECLINED]).order_by("id"))
    labels = {S.REVIEW: _("Vetting"), S.DECLINED: _("Decision: not admitted")}
    last = {step.new: step.at for step in steps}
    return [Mark(labels[state], at) for state, at in last.items()]


def thread_for_vetters(application: Application) -> list[Mark]:
    """The steps as the desk knows them: with names."""
    steps = (
        Step.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by")
        .order_by("id")
    )
    marks = [Mark(pgettext("application", "Sent in"), application.submitted_at)]
    marks += [
        Mark(label(), step.at, step.by.name if step.by_id and step.by else "")
        for step in steps
        if (label := _AGAIN.get((step.old, step.new)) or _LABELS.get(step.new))
    ]
    if application.state == S.REVIEW:
        marks.append(Mark(_("Votes"), application.review_since, kind="current"))
        marks.append(Mark(_("Offer: charter and costs"), kind="next"))
    if application.state == S.APPEALED:
        marks.append(Mark(_("Votes on the appeal"), application.review_since, kind="current"))
    return marks


_AGAIN = {
    (S.INFO_REQUESTED, S.REVIEW): lambda: _("The applicant answered"),
    (S.OBJECTION, S.REVIEW): lambda: _("Back to the vetters after an objection"),
}
_LABELS = {
    S.REFEREES: lambda: _("Referees are asked"),
    S.INFO_REQUESTED: lambda: _("A question to the applicant"),
    S.REVIEW: lambda: _("Vetting begins"),
    S.OBJECTION: lambda: _("Admitted in principle"),
    S.WAITLISTED: lambda: _("Admitted, waiting for a place"),
    S.OFFERED: lambda: _("A place is offered"),
    S.APPROVED: lambda: _("Became a member"),
    S.DECLINED: lambda: _("Refused"),
    S.APPEALED: lambda: _("Appealed"),
    S.DECLINED_FINAL: lambda: _("Refused after the appeal"),
    S.WITHDRAWN: lambda: _("Withdrawn by the applicant"),
    S.DISCARDED: lambda: _("Set aside as spam"),
    S.EXPIRED: lambda: _("Ended, its time had passed"),
}


@dataclass(frozen=True)
class Promise:
    """Days used of days promised, as ticks to draw."""

    ticks: list[tuple[int, bool]]  # x, used
    used: int
    total: int
    left: int

    @property
    def width(self) -> int:
        return 30 * len(self.ticks) - 6

    @property
    def label(self) -> str:
        return _("Day %(used)d of %(total)d") % {"used": self.used, "total": self.total}

    @property
    def left_in_words(self) -> str:
        return ngettext("%(n)d more day.", "%(n)d more days.", self.left) % {"n": self.left}


def promise(
    since: datetime | None, until: datetime | None, now: datetime | None = None
) -> Promise | None:
    """Count the days between two moments and how many have gone, `now` or at the moment when the
    clock stood still."""
    if since is None or until is None:
        return None
    total = max((until - since).days, 1)
    used = min(max(((now or timezone.now()) - since).days, 0), total)
    ticks = [(30 * n, n < used) for n in range(min(total, MOST_TICKS))]
    return Promise(ticks, used, total, total - used)


def promise_of(application: Application) -> Promise | None:
    """The promise that runs in the present state: to decide, or to keep a place."""
    if application.state == S.OFFERED:
        return promise(application.moved_at, application.offer_until)
    if application.state in (*Application.DECIDING, S.INFO_REQUESTED):
        since = application.review_since and application.review_since + application.stood_still
        stopped = application.moved_at if application.state == S.INFO_REQUESTED else None
        return promise(since, application.decide_before, stopped)
    return None


def who_sees(application: Application) -> list[tuple[str, str]]:
    """Who reads what of an application in its present state: for the applicant."""
    if application.state in Application.UNSEEN or application.state == S.APPROVED:
        return []
    if application.is_ended:
        said = [(_("The vetters"), _("What you wrote, until it is erased."))]
    else:
        said = [(_("The vetters"), _("Everything you wrote."))]
    if application.state == S.OBJECTION:
        said.append((_("The members"), _("Your name, your profession and who vouches for you.")))
    else:
        said.append((_("The members"), _("Nothing.")))
    if application.state == S.APPEALED:
        said.append((_("Whoever judges the appeal"), _("Everything, and your appeal.")))
    said.append((_("Whoever runs this installation"), _("Nothing through these pages.")))
    return said


def invitation_says(invitation: Invitation) -> str:
    """What became of an invitation, in the words its inviter may read. Never whether the letter
    was opened, and no reasons."""
    if invitation.state == Invitation.State.OPEN:
        if not invitation.is_open:
            return _("Ended without an answer")
        if invitation.bounced_at:
            return _("The letter could not be delivered")
        return _("Open")
    return {
        Invitation.State.BEGUN: _("Has begun an application"),
        Invitation.State.VETTING: _("Is being vetted"),
        Invitation.State.JOINED: _("Became a member"),
        Invitation.State.NOT_JOINED: _("Did not lead to membership"),
        Invitation.State.DECLINED: _("Not now"),
        Invitation.State.EXPIRED: _("Ended without an answer"),
        Invitation.State.REVOKED: _("Withdrawn"),
    }[invitation.state]


# --- checks -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Checked:
    """One line of what was checked, in words."""

    label: str
    said: str
    meta: str
    good: bool
    look: bool


def checked(checks, confirmations, reader: int) -> dict:
    """What the vetting page shows of checks and of facts: `checked`, and `facts` with the latest
    word on each; `may_sign` when the second signature can be the reader's."""
    facts = {}
    for row in confirmations or ():
        facts.setdefault(row.fact, row)
    for row in facts.values():
        row.may_sign = row.waits_for_second and row.by_id != reader
    return {"checked": [_checked(row) for row in checks or ()], "facts": facts}


def _checked(row) -> Checked:
    labels = {
        "duplicate": _("Applied before"),
        "mailbox": _("Mailbox"),
        "number": _("Form of the number"),
        "register": _("Register extract"),
    }
    detail = row.detail or {}
    said = {
        "waiting": _again_at(row) if row.code == NOT_REACHED else _("is being looked at"),
        "failed": _("could not be looked at; do it by hand"),
    }.get(row.state) or _FOUND.get(row.code, lambda _detail: row.code)(detail)
    when = ""
    if row.checked_at:
        when = _("looked at on %(day)s") % {"day": _day(timezone.localtime(row.checked_at))}
    meta = ", ".join(filter(None, [_source(row), when]))
    return Checked(
        labels.get(row.kind, row.kind), said, meta, row.state == "good", row.state == "look"
    )


def _source(row) -> str:
    """Where it was found; of a register extract also of which day it is."""
    name, comma, day = row.source.rpartition(", ")
    if row.kind != "register" or not comma:
        return row.source
    return _("%(register)s of %(day)s") % {"register": name, "day": _said(day)}


def _said(day: str) -> str:
    """A day as a check keeps it, in words."""
    return _day(date.fromisoformat(day)) if day else ""


def _day(day: date) -> str:
    return formats.date_format(day, "j F Y")


def _again_at(row) -> str:
    when = timezone.localtime(max(row.try_at, timezone.now()))
    return _("out of reach just now; tried again at %(hour)s:%(minute)s") % {
        "hour": f"{when.hour:02}",
        "minute": f"{when.minute:02}",
    }


_FOUND = {
    "first": lambda _detail: _("no, this is the first time"),
    "running": lambda _detail: _("the same number stands in another application that runs"),
    "before": lambda detail: _("yes, until %(day)s") % {"day": _said(detail.get("day", ""))},
    "no list": lambda _detail: _("this circle keeps no list of institutions"),
    "institution": lambda _detail: _("of an institution on your list"),
    "elsewhere": lambda detail: (
        _("at %(domain)s, not on your list") % {"domain": detail.get("domain", "")}
    ),
    "none given": lambda _detail: _("no number was given"),
    "fits": lambda _detail: _("fits"),
    "fits none": lambda _detail: _("fits no register we know"),
    "no extract": lambda _detail: _("this circle has brought no extract"),
    "not found": lambda _detail: _("the number is not in it"),
    "measures": lambda detail: _("found as %(name)s, with a measure") % {"name": detail["name"]},
    "another name": lambda detail: (
        _("found under another name: %(name)s") % {"name": detail["name"]}
    ),
    "found": lambda detail: _("found as %(name)s") % {"name": detail["name"]},
}
