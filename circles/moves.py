"""The states of an application: who may move it where, what follows, and the one move.

Used by the rooms of admission only (applying, vetting, timers). Touches applications and steps;
writes the audit line, the letters and the timers of a move in its transaction.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from circles.models import Application, Step
from kring.lib.refused import Refused
from members import audit, due, letters
from members.models import Due, Member

S = Application.State

# Who moves: the applicant, a referee, the people of the circle, the house when a timer falls due.
APPLICANT, REFEREE, CIRCLE, HOUSE = "applicant", "referee", "circle", "house"
# The last step is made by kring_admit() in the database, when the applicant accepts; never here.
ADMISSION = "admission"

MOVES = {
    S.DRAFT: {
        S.EMAIL_PENDING: APPLICANT,
        S.REFEREES: APPLICANT,
        S.REVIEW: APPLICANT,
        S.WITHDRAWN: APPLICANT,
        S.EXPIRED: HOUSE,
    },
    S.EMAIL_PENDING: {
        S.REFEREES: APPLICANT,
        S.REVIEW: APPLICANT,
        S.WITHDRAWN: APPLICANT,
        S.EXPIRED: HOUSE,
    },
    S.REFEREES: {
        S.REVIEW: REFEREE,
        S.WITHDRAWN: APPLICANT,
        S.EXPIRED: HOUSE,
    },
    S.REVIEW: {
        S.INFO_REQUESTED: CIRCLE,
        S.OBJECTION: CIRCLE,
        S.WAITLISTED: CIRCLE,
        S.OFFERED: CIRCLE,
        S.DECLINED: CIRCLE,
        S.DISCARDED: CIRCLE,
        S.WITHDRAWN: APPLICANT,
        S.EXPIRED: HOUSE,
    },
    S.INFO_REQUESTED: {
        S.REVIEW: APPLICANT,
        S.WITHDRAWN: APPLICANT,
        S.EXPIRED: HOUSE,
    },
    S.OBJECTION: {
        S.OFFERED: HOUSE,
        S.WAITLISTED: HOUSE,
        S.REVIEW: CIRCLE,
        S.WITHDRAWN: APPLICANT,
    },
    S.WAITLISTED: {
        S.OFFERED: HOUSE,
        S.WITHDRAWN: APPLICANT,
    },
    S.OFFERED: {
        S.APPROVED: ADMISSION,
        S.WITHDRAWN: APPLICANT,
        S.EXPIRED: HOUSE,
    },
    S.DECLINED: {
        S.APPEALED: APPLICANT,
    },
    S.APPEALED: {
        S.OFFERED: CIRCLE,
        S.WAITLISTED: CIRCLE,
        S.DECLINED_FINAL: CIRCLE,
        S.WITHDRAWN: APPLICANT,
    },
    S.APPROVED: {},
    S.DECLINED_FINAL: {},
    S.WITHDRAWN: {},
    S.EXPIRED: {},
    S.DISCARDED: {},
}

# What entering a state sets off: a letter to the applicant, and timers after so many days.
LETTERS = {
    S.EMAIL_PENDING: "application_address",
    S.REFEREES: "application_referees",
    S.REVIEW: "application_received",
    S.INFO_REQUESTED: "application_question",
    S.WAITLISTED: "application_waitlisted",
    S.OFFERED: "application_offered",
    S.DECLINED: "application_declined",
    S.APPEALED: "application_appealed",
    S.WITHDRAWN: "application_withdrawn",
    S.DECLINED_FINAL: "application_declined_final",
}


def in_days(days: int):
    return lambda application: application.moved_at + timedelta(days=days)


def at_the(fact: str):
    return lambda application: getattr(application, fact)


TIMERS = {
    S.DRAFT: {"application_draft_purge": in_days(30)},
    S.EMAIL_PENDING: {"application_address_purge": in_days(7)},
    S.REFEREES: {
        "referees_ask": in_days(0),
        "referees_late": in_days(30),
        "application_checks": in_days(0),
    },
    S.REVIEW: {
        "vetting_queue": in_days(1),
        "application_late": at_the("decide_before"),
        "application_checks": in_days(0),
    },
    S.INFO_REQUESTED: {
        "application_question_reminder": at_the("reminded_on"),
        "application_question_expiry": at_the("answer_until"),
    },
    S.OBJECTION: {"application_objection_over": at_the("objection_until")},
    S.APPEALED: {"vetting_queue": in_days(1), "application_late": at_the("decide_before")},
    S.WAITLISTED: {"application_waiting": in_days(1)},
    S.OFFERED: {
        "application_offer_reminder": in_days(7),
        "application_offer_expiry": at_the("offer_until"),
        "application_papers": at_the("papers_gone_on"),
    },
    S.DECLINED: {"application_erase": at_the("erased_on")},
    S.DECLINED_FINAL: {"application_erase": at_the("erased_on")},
    S.WITHDRAWN: {"application_erase": at_the("erased_on")},
    S.EXPIRED: {"application_erase": at_the("erased_on")},
    S.DISCARDED: {"application_erase": at_the("erased_on")},
}
BACK = {(S.INFO_REQUESTED, S.REVIEW), (S.OBJECTION, S.REVIEW)}
CLOCK = ("moved_at", "review_since", "decide_before", "stood_still")
A_STATE_S_TIMERS = 1000  # numbers of timers for each state an application comes into


@transaction.atomic
def move(
    application: Application, new: str, *, who: str, by: Member | None = None, **facts
) -> None:
    """Move an application once, with its step, audit line, letter and timers.

    Raises Refused naming who was first, when the state is not the expected one any more;
    LookupError for a move that is not in the table.
    """
    old = application.state
    if MOVES[old].get(new) != who or who == ADMISSION:
        raise LookupError(f"{who} does not move an application from {old} to {new}")
    facts |= {"state": new, "moved_at": timezone.now()}
    facts |= _clock(application, new, **facts)
    changed = Application.objects.filter(
        pk=application.pk, circle_id=application.circle_id, state=old
    ).update(**facts)
    if not changed:
        raise first_was(application)
    for name, value in facts.items():
        setattr(application, name, value)
    Step.objects.create(
        circle_id=application.circle_id,
        application=application,
        old=old,
        new=new,
        by_id=by.pk if by else None,
        at=application.moved_at,
    )
    audit.record(
        "application.moved",
        by=by,
        circle_id=application.circle_id,
        about=application.member_id,
        subject="application",
        subject_id=application.pk,
        old=old,
        new=new,
    )
    follow_up(application, old)


def _clock(application: Application, new: str, *, moved_at: datetime, **facts) -> dict:
    """The promise that begins with a state: people decide within so many days. An answer of the
    applicant lets the clock go on where it stood still."""
    if new == S.REVIEW and application.state == S.INFO_REQUESTED:
        stood = moved_at - application.moved_at
        return {
            "stood_still": application.stood_still + stood,
            "decide_before": application.decide_before + stood,
        }
    if new not in Application.DECIDING:
        return {}
    rules = facts.get("policy", application.policy)
    days = rules.get("decide_days", Application.DEFAULTS["decide_days"])
    if new == S.APPEALED:
        days = Application.APPEAL_DAYS
    return {
        "review_since": moved_at,
        "decide_before": moved_at + timedelta(days=days),
        "stood_still": timedelta(),
    }


def follow_up(application: Application, old: str = "") -> None:
    """Write the letter and set the timers of the state an application is in now. Whoever comes
    back into the review has read before that it was received."""
    count = moves_of(application)
    kind = LETTERS.get(application.state)
    if kind == LETTERS[S.WITHDRAWN] and application.proven_at is None:
        kind = None  # nobody writes to an address that nobody proved
    if kind and (old, application.state) not in BACK:
        # The number of a letter keeps it from being written twice; questions are several.
        numbers = {"application_address": 1, "application_question": count}
        write(application, kind, seq=numbers.get(kind, 0))
    for kind, when in TIMERS.get(application.state, {}).items():
        set_timer(application, kind, when(application), seq=count * A_STATE_S_TIMERS)
    if application.state in (S.REFEREES, S.REVIEW):
        end = application.proven_at + timedelta(days=Application.MOST_DAYS)
        set_timer(application, "application_over", end)  # once, whatever it goes through


def moves_of(application: Application) -> int:
    """How often an application has moved: what numbers the timers of each state it came into."""
    steps = Step.objects.filter(circle_id=application.circle_id, application=application)
    return steps.count() % 32  # a timer's number is a small one


def write(application: Application, kind: str, *, seq: int = 0) -> None:
    """Write a letter to the applicant."""
    letters.post(
        kind,
        subject_id=application.pk,
        link=application.link_id,
        circle_id=application.circle_id,
        seq=seq,
    )


def set_timer(application: Application, kind: str, at: datetime, *, seq: int = 0) -> None:
    due.set_timer(kind, application.pk, at, circle_id=application.circle_id, seq=seq)


def hold(application: Application, expected: str) -> None:
    """Keep everybody else from this application until the end of the transaction.

    Raises Refused naming who was first, when the state is not the expected one any more.
    """
    now = (
        Application.objects.select_for_update(no_key=True)
        .filter(pk=application.pk, circle_id=application.circle_id)
        .values("state", *CLOCK)
        .first()
    )
    if now is None or now["state"] != expected:
        raise first_was(application)
    for name, value in now.items():
        setattr(application, name, value)


# --- when a timer falls due -----------------------------------------------------------------
def subject_of(row: Due, *states: str) -> Application | None:
    """The application a timer is about, held, if it is in one of these states still."""
    return (
        Application.objects.select_for_update(no_key=True)
        .filter(pk=row.subject_id, state__in=states)
        .first()
    )


def unmoved_subject_of(row: Due, *states: str) -> Application | None:
    """The same, when it has not moved since the timer was set: not there a second time."""
    application = subject_of(row, *states)
    number = row.seq // A_STATE_S_TIMERS
    if application and number and number != moves_of(application):
        return None
    return application


# --- somebody was first -------------------------------------------------------------------
_DONE = {
    S.REFEREES: pgettext_lazy("application", "the referees are asked"),
    S.REVIEW: pgettext_lazy("application", "in review"),
    S.INFO_REQUESTED: pgettext_lazy("application", "a question to the applicant"),
    S.OBJECTION: pgettext_lazy("application", "admitted in principle"),
    S.WAITLISTED: pgettext_lazy("application", "admitted, waiting for a seat"),
    S.OFFERED: pgettext_lazy("application", "admitted, a seat is offered"),
    S.APPROVED: pgettext_lazy("application", "accepted"),
    S.DECLINED: pgettext_lazy("application", "refused"),
    S.APPEALED: pgettext_lazy("application", "appealed"),
    S.DECLINED_FINAL: pgettext_lazy("application", "refused"),
    S.WITHDRAWN: pgettext_lazy("application", "withdrawn"),
    S.DISCARDED: pgettext_lazy("application", "set aside as spam"),
    S.EXPIRED: pgettext_lazy("application", "ended, its time had passed"),
}


def first_was(application: Application) -> Refused:
    """Say who did what when, as the reader may know it: an applicant reads no names.

    Raises LookupError when the row is not visible at all: that is a mistake of ours.
    """
    now = Application.objects.filter(
        pk=application.pk, circle_id=application.circle_id
    ).values_list("state", flat=True)
    if not now:
        raise LookupError(f"application {application.pk} is out of sight of whoever acts on it")
    application.state = now[0]
    return Refused(last_step(application) or _("This has already changed."))


def last_step(application: Application) -> str:
    """Tell the last step in one sentence: who, when, what. Empty when there was none."""
    step = (
        Step.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by")
        .order_by("-id")
        .first()
    )
    if step is None:
        return ""
    facts = {"when": said(step.at), "what": _DONE.get(step.new, step.new)}
    if step.by_id and step.by:
        facts["who"] = step.by.name
        return _("Already decided by %(who)s %(when)s: %(what)s.") % facts
    return _("Already done %(when)s: %(what)s.") % facts


def said(moment: datetime) -> str:
    """Say a moment within a sentence: 'at 14:02', with the day when it is not today."""
    local = timezone.localtime(moment)
    time = _("%(hour)s:%(minute)s") % {"hour": f"{local.hour:02}", "minute": f"{local.minute:02}"}
    if local.date() == timezone.localdate():
        return pgettext("moment", "at %(time)s") % {"time": time}
    day = formats.date_format(local, "j F")
    return pgettext("moment", "on %(day)s at %(time)s") % {"day": day, "time": time}
