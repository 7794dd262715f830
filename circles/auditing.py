"""The audit of a circle, in sentences: what was done to who may come in, who leads and what is
asked at the door. Read by its admins; nobody changes a line, not even they."""

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from circles.models import Application, Membership
from members.models import AuditEntry

BATCH = 2000  # lines read at once for a file

# Which acts a filter shows, by how their names begin.
KINDS = {
    "people": (gettext_lazy("Members and roles"), ("membership.", "suspension.", "admission.")),
    "door": (gettext_lazy("Admission"), ("application.", "invitation.", "reference.")),
    "circle": (gettext_lazy("Set-up"), ("circle.",)),
    "said": (
        gettext_lazy("What is said"),
        (
            "question.",
            "answer.",
            "comment.",
            "outcome.",
            "words.",
            "guard.",
            "archive.",
            "import.",
        ),
    ),
}

A, S = Application.State, Membership.State
ROLES, STATES = dict(Membership.Role.choices), dict(S.choices)
# %(who)s did it, %(about)s is whom it is about.
SAYS = {
    "admission.accepted": gettext_lazy("%(who)s accepted the offer and became a member."),
    "membership.practises": gettext_lazy("%(who)s said to be in practice still."),
    "membership.fact_confirmed": gettext_lazy(
        "%(who)s confirmed a fact of the year of %(about)s."
    ),
    "membership.verified": gettext_lazy("%(who)s completed the yearly look at %(about)s."),
    "membership.renewed": gettext_lazy("%(who)s said: I stay."),
    "membership.role_changed": gettext_lazy("%(who)s made %(about)s %(role)s."),
    "membership.admin_appointed": gettext_lazy("A steward asked %(about)s to be admin."),
    "membership.sanctioned": gettext_lazy("%(who)s wrote down why %(about)s was removed."),
    "suspension.confirmed": gettext_lazy("%(who)s confirmed the suspension of %(about)s."),
    "suspension.ended": gettext_lazy("%(who)s ended the suspension of %(about)s."),
    "suspension.answered": gettext_lazy("%(who)s answered the suspension."),
    "application.started": gettext_lazy("Somebody began an application."),
    "application.voted": gettext_lazy("%(who)s voted on an application."),
    "application.noted": gettext_lazy("%(who)s wrote a note on an application."),
    "application.pardoned": gettext_lazy("%(who)s opened the door again after a set-aside."),
    "application.confirmed": gettext_lazy("%(who)s answered for a fact of an applicant."),
    "application.confirmation_signed": gettext_lazy("%(who)s signed a fact as the second person."),
    "application.objected": gettext_lazy("%(who)s objected to an applicant."),
    "application.objection_upheld": gettext_lazy("%(who)s upheld an objection."),
    "application.objection_dismissed": gettext_lazy("%(who)s dismissed an objection."),
    "application.decider_appointed": gettext_lazy(
        "A steward asked %(about)s to decide on an application."
    ),
    "application.late": gettext_lazy("An application got a new date for its decision."),
    "application.erased": gettext_lazy("The words of an application were erased."),
    "application.paper_added": gettext_lazy("An applicant added a file."),
    "application.paper_removed": gettext_lazy("An applicant removed a file."),
    "application.referee_replaced": gettext_lazy("An applicant named another referee."),
    "invitation.sent": gettext_lazy("%(who)s invited somebody."),
    "invitation.reminded": gettext_lazy("An invitation was sent a second time."),
    "invitation.revoked": gettext_lazy("%(who)s took an invitation back."),
    "invitation.declined": gettext_lazy("An invitation was declined."),
    "invitation.expired": gettext_lazy("An invitation ended without an answer."),
    "invitation.erased": gettext_lazy("The words of an invitation were erased."),
    "reference.asked": gettext_lazy("A referee was asked."),
    "reference.answered": gettext_lazy("A referee answered."),
    "reference.declined": gettext_lazy("A referee declined."),
    "circle.proposed": gettext_lazy("The circle was proposed."),
    "circle.confirmed": gettext_lazy("A steward confirmed the circle."),
    "circle.declined": gettext_lazy("A steward declined the circle."),
    "circle.archive_asked": gettext_lazy("%(who)s asked to archive the circle."),
    "circle.reopen_asked": gettext_lazy("%(who)s asked to open the circle again."),
    "circle.archiving_taken_back": gettext_lazy("%(who)s took that back."),
    "circle.archived": gettext_lazy("%(who)s archived the circle, as %(about)s had asked."),
    "circle.reopened": gettext_lazy("%(who)s opened the circle again, as %(about)s had asked."),
    "circle.closed": gettext_lazy("The circle closed; its ninety days were over."),
    "circle.first_hour": gettext_lazy("%(who)s did something of the first hour."),
    "circle.factor_demanded": gettext_lazy("%(who)s made a second factor a demand."),
    "circle.factor_released": gettext_lazy("%(who)s dropped the demand of a second factor."),
    "circle.policy_changed": gettext_lazy("%(who)s changed the rules of admission."),
    "circle.door_questions": gettext_lazy("%(who)s changed the questions at the door."),
    "circle.mailbox_domains": gettext_lazy("%(who)s changed the list of institutions."),
    "circle.register_brought": gettext_lazy("%(who)s brought an extract of a register."),
    "question.asked": gettext_lazy("%(who)s asked a question."),
    "question.edited": gettext_lazy("%(who)s changed a question."),
    "answer.given": gettext_lazy("%(who)s answered."),
    "answer.edited": gettext_lazy("%(who)s changed an answer."),
    "answer.accepted": gettext_lazy("%(who)s chose an answer."),
    "comment.written": gettext_lazy("%(who)s wrote a remark."),
    "outcome.reported": gettext_lazy("%(who)s reported an outcome."),
    "words.withdrawn": gettext_lazy("%(who)s withdrew what they wrote."),
    "guard.redacted": gettext_lazy("%(who)s redacted something before posting."),
    "guard.kept": gettext_lazy("%(who)s kept what the privacy guard pointed at, with a reason."),
    "guard.not_checked": gettext_lazy("%(who)s posted while the privacy guard could not look."),
    "guard.rule_set": gettext_lazy("%(who)s changed what the privacy guard looks for."),
    "archive.imported": gettext_lazy("%(who)s moved an archive in."),
    "import.ordered": gettext_lazy("%(who)s brought an archive to look through."),
    "import.started": gettext_lazy("%(who)s began to move an archive in."),
    "import.stopped": gettext_lazy("%(who)s stopped moving in."),
    "import.discarded": gettext_lazy("%(who)s discarded an archive."),
    "import.refused": gettext_lazy("An archive could not be read."),
    "import.invited": gettext_lazy("%(who)s invited people of an archive."),
}
MOVED = {
    S.LEFT: gettext_lazy("%(who)s left the circle."),
    S.PAUSED: gettext_lazy("%(about)s is on pause."),
    S.ACTIVE: gettext_lazy("%(about)s is an active member, after: %(old)s."),
    S.PROBATION: gettext_lazy("%(about)s is back in probation."),
    S.REVERIFY_DUE: gettext_lazy("The yearly look at %(about)s is due."),
    S.GRACE: gettext_lazy("%(about)s may only read from now on."),
    S.LAPSED: gettext_lazy("The membership of %(about)s lapsed."),
    S.SUSPENDED: gettext_lazy("%(who)s suspended %(about)s."),
    S.REMOVED: gettext_lazy("%(who)s removed %(about)s."),
}
APPLICATION = {
    A.EMAIL_PENDING: gettext_lazy("An application was sent in, its address not proven yet."),
    A.REFEREES: gettext_lazy("The referees of an application were asked."),
    A.REVIEW: gettext_lazy("An application came into review."),
    A.INFO_REQUESTED: gettext_lazy("%(who)s asked an applicant something."),
    A.OBJECTION: gettext_lazy("%(who)s admitted an applicant in principle."),
    A.WAITLISTED: gettext_lazy("An applicant came on the waiting list."),
    A.OFFERED: gettext_lazy("A seat was offered to an applicant."),
    A.DECLINED: gettext_lazy("%(who)s refused an application."),
    A.DECLINED_FINAL: gettext_lazy("%(who)s refused an application after the appeal."),
    A.APPEALED: gettext_lazy("An applicant appealed."),
    A.WITHDRAWN: gettext_lazy("An applicant withdrew."),
    A.EXPIRED: gettext_lazy("An application ended, its time had passed."),
    A.DISCARDED: gettext_lazy("%(who)s set an application aside."),
}
_HOUSE, _UNKNOWN = (
    pgettext_lazy("audit", "The calendar"),
    pgettext_lazy("audit", "somebody of before"),
)


@dataclass(frozen=True)
class Line:
    """One act, as an admin reads it."""

    at: datetime
    said: str
    act: str


def lines_for(membership: Membership, kind: str = "", person: int | None = None) -> QuerySet:
    """Hand over the audit of a circle to its admin, newest first in the pages that cut it."""
    rows = AuditEntry.objects.select_related("by", "about").filter(circle_id=membership.circle_id)
    if kind in KINDS:
        named = Q()
        for start in KINDS[kind][1]:
            named |= Q(act__startswith=start)
        rows = rows.filter(named)
    if person is not None:
        rows = rows.filter(Q(by_id=person) | Q(about_id=person))
    return rows


def told(row: AuditEntry) -> Line:
    """Say one act in a sentence. What nobody taught yet is said by its name."""
    facts = row.facts or {}
    new, old = str(facts.get("new", "")), str(facts.get("old", ""))
    match row.act:
        case "membership.moved":
            said = MOVED.get(new, "")
        case "application.moved":
            said = APPLICATION.get(new, "")
        case _:
            said = SAYS.get(row.act, "")
    names = {
        "who": _name(row.by, row.by_id, _HOUSE),
        "about": _name(row.about, row.about_id, _UNKNOWN),
        "role": ROLES.get(new, new),
        "old": STATES.get(old, old),
    }
    sentence = str(said) % names if said else _("%(act)s, by %(who)s.") % {**names, "act": row.act}
    return Line(row.at, sentence[:1].upper() + sentence[1:], row.act)


def _name(profile, profile_id, otherwise) -> str:
    if profile_id is None:
        return str(otherwise)
    return profile.name if profile else str(_UNKNOWN)


def write(rows: QuerySet, out: TextIO) -> int:
    """Write every line as CSV for a spreadsheet, the newest first; return how many. By keyset, so
    that the lines of years are never held at once."""
    writer = csv.writer(out)
    writer.writerow([_("When"), _("What"), _("Act")])
    rows, written = rows.order_by("-id"), 0
    found = list(rows[:BATCH])
    while found:
        for row in found:
            line = told(row)
            at = timezone.localtime(line.at).isoformat(sep=" ", timespec="seconds")
            writer.writerow([at, _harmless(line.said), line.act])
        written += len(found)
        found = list(rows.filter(id__lt=found[-1].pk)[:BATCH])
    return written


def _harmless(text: str) -> str:
    """Keep a name from being a formula in the spreadsheet of its reader."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
