"""What vetters do: vote, and with the last vote decide; what an admin does when votes differ;
and how a seat is given to whoever was admitted.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import checks, moves
from circles.models import Application, Note, Vote
from kring.lib.refused import Refused
from members import audit
from members.models import Member

S = Application.State
JUDGES_OF_APPEAL = 2
CALLING_IT_SPAM = 2  # the same stands in kring_is_spam()
SHORTEST_REASON = 20  # characters; "no" is not a reason


@dataclass(frozen=True)
class Tally:
    """How the voting stands in this round, among those who may vote today. Approvals, declines and
    the spams among these are None for whoever has not voted yet."""

    eligible: int
    voted: int
    approvals: int | None
    declines: int | None
    admits: bool
    spams: int | None
    needed: int  # approvals that admit
    stopping: int  # declines that refuse
    is_late: bool
    is_appeal: bool = False

    @property
    def knows(self) -> bool:
        """Whoever asked has voted, and so may know the direction."""
        return self.approvals is not None

    @property
    def refuses(self) -> bool:
        return self.knows and self.eligible >= self.stopping and self.declines >= self.stopping

    @property
    def discards(self) -> bool:
        return self.knows and self.spams >= min(CALLING_IT_SPAM, self.eligible)

    @property
    def is_stuck(self) -> bool:
        """No vote to come decides any more: an admin does, with a written reason. Of an appeal
        only its judges decide."""
        if not self.knows or not self.eligible or self.admits or self.is_appeal:
            return False
        differ = bool(self.approvals and self.declines)
        return self.voted == self.eligible or (differ and self.is_late)


def tally_of(application: Application) -> Tally:
    """Count the votes as the acting vetter may know them. When fewer may vote than the circle
    asks for, those few decide; an appeal takes two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select eligible, voted, approvals, declines, spams, admits from kring_tally(%s)",
            [application.pk],
        )
        eligible, voted, approvals, declines, spams, admits = cursor.fetchone()
    appeal = application.state == S.APPEALED
    rules = application.policy
    return Tally(
        eligible=eligible,
        voted=voted,
        approvals=approvals,
        declines=declines,
        spams=spams,
        admits=bool(admits),
        needed=JUDGES_OF_APPEAL if appeal else min(rules["approvals_needed"], eligible),
        stopping=JUDGES_OF_APPEAL if appeal else min(rules["declines_to_stop"], eligible),
        is_late=application.is_late,
        is_appeal=appeal,
    )


@transaction.atomic
def vote(
    application: Application,
    *,
    by: Member,
    choice: str,
    sentence: str,
    code: str = "",
    text: str = "",
) -> None:
    """Cast or change one's vote, in the review or on an appeal; the vote that decides moves the
    application in the same act.

    `code` and `text` are the reason the applicant reads; only the vote that refuses needs them.
    What two call spam is set aside: nobody writes to whoever sent it, and they cannot apply again.
    Raises Refused when somebody decided first, when one may not vote here, or when the reason is
    missing (then nothing is cast).
    """
    moves.hold(application, S.APPEALED if application.state == S.APPEALED else S.REVIEW)
    if choice == Vote.Choice.SPAM and application.state == S.APPEALED:
        raise Refused(_("Whoever appeals was taken seriously before: admit or refuse."))
    _cast(application, by, choice, sentence)
    tally = tally_of(application)
    if tally.admits:
        _admit(application, by)
    elif tally.discards and choice == Vote.Choice.SPAM:
        moves.move(application, S.DISCARDED, who=moves.CIRCLE, by=by)
    elif tally.refuses and choice == Vote.Choice.DECLINE:
        _refuse(application, by, code, text)
    elif tally.voted == tally.eligible:
        # Perhaps nobody is left who could decide: the house looks, and tells the steward.
        number = int(timezone.now().timestamp()) % 30_000
        moves.set_timer(application, "steward_needed", timezone.now(), seq=number)


@transaction.atomic
def decide(
    application: Application,
    *,
    by: Member,
    admit: bool,
    sentence: str,
    code: str = "",
    text: str = "",
) -> None:
    """Decide as an admin, or as somebody a steward appointed, where the votes differ. One's own
    vote, with its sentence as the written reason for the colleagues, is what decides.

    Raises Refused when somebody decided first, the votes can still decide by themselves, or a
    refusal lacks the reason the applicant reads.
    """
    moves.hold(application, S.REVIEW)
    if not tally_of(application).is_stuck:
        raise Refused(_("The votes can still decide this. Vote, and let the others vote."))
    _cast(application, by, Vote.Choice.APPROVE if admit else Vote.Choice.DECLINE, sentence)
    if admit:
        _admit(application, by)
    else:
        _refuse(application, by, code, text)


def _ask_may_vote(application: Application) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select kring_may_vote(%s)", [application.pk])
        if not cursor.fetchone()[0]:
            raise Refused(
                _(
                    "You cannot vote here: you came after this application, said that you are "
                    "not free, vouched for them or invited them, voted on the refusal that is "
                    "appealed, or are the applicant."
                )
            )


def _cast(application: Application, by: Member, choice: str, sentence: str) -> None:
    _ask_may_vote(application)
    Vote.objects.bulk_create(
        [
            Vote(
                circle_id=application.circle_id,
                application=application,
                voter_id=by.pk,
                choice=choice,
                sentence=sentence,
            )
        ],
        update_conflicts=True,
        unique_fields=["circle", "application", "voter"],
        update_fields=["choice", "sentence", "at"],
    )
    # Without the direction: admins read the audit before they vote.
    audit.record(
        "application.voted",
        by=by,
        circle_id=application.circle_id,
        subject="application",
        subject_id=application.pk,
    )


def _admit(application: Application, by: Member) -> None:
    checks.refuse_unsigned(application)
    if application.policy["objection_days"] and application.state == S.REVIEW:
        moves.move(application, S.OBJECTION, who=moves.CIRCLE, by=by)
    else:
        give_seat(application, who=moves.CIRCLE, by=by)


def _refuse(application: Application, by: Member, code: str, text: str) -> None:
    if code not in Application.Decline.values:
        raise Refused(
            _("Your vote is the one that refuses. Choose the reason the applicant reads."),
            field="code",
        )
    if len(text.strip()) < SHORTEST_REASON:
        raise Refused(
            _("Your vote is the one that refuses. Say why, in at least 20 characters."),
            field="text",
        )
    moves.move(
        application,
        S.DECLINED_FINAL if application.state == S.APPEALED else S.DECLINED,
        who=moves.CIRCLE,
        by=by,
        decline_code=code,
        decline_text=text.strip(),
    )


@transaction.atomic
def note(application: Application, *, by: Member, text: str) -> None:
    """Leave a note for whoever judges with one. The applicant never reads it.

    Raises Refused when one does not judge here, or it is decided.
    """
    _ask_may_vote(application)
    Note.objects.create(
        circle_id=application.circle_id, application=application, by_id=by.pk, text=text
    )
    audit.record(
        "application.noted",
        by=by,
        circle_id=application.circle_id,
        subject="application",
        subject_id=application.pk,
    )


# --- seats --------------------------------------------------------------------------------
def give_seat(application: Application, *, who: str, by: Member | None = None) -> None:
    """Offer a seat, or a place on the waiting list when none is free for them.

    Offers reserve seats, and so do those who wait already.
    """
    free = seats_free(application.circle_id) - _waiting(application.circle_id).count()
    moves.move(application, S.OFFERED if free > 0 else S.WAITLISTED, who=who, by=by)


def seats_free(circle_id: int) -> int:
    """Count the seats nobody has or is offered; the circle stays locked until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_seats_free(%s)", [circle_id])
        return cursor.fetchone()[0]


@transaction.atomic
def fill_seats(circle_id: int) -> None:
    """Offer every free seat to whoever waits longest. An act of the house."""
    free = max(seats_free(circle_id), 0)
    for application in _waiting(circle_id).order_by("moved_at", "id")[:free]:
        moves.move(application, S.OFFERED, who=moves.HOUSE)


def _waiting(circle_id: int):
    return Application.objects.filter(circle_id=circle_id, state=S.WAITLISTED)
