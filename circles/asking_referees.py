"""The house asks the referees an applicant named, reminds them once, and brings the application on
when enough of them answered. At the end it tells those who answered: yes or no, nothing else.
"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from circles import moves, referees
from circles.models import Application, Membership, Referee, Reference
from circles.moves import subject_of
from circles.referees import record
from members import due, letters, links, silence
from members.due import when_due
from members.models import Due

S = Application.State
R = Referee.State
VOUCHING_DAYS = 90  # a member for so long may be a referee
ASKED, REMINDER, THANKS = "reference_asked", "reference_reminder", "reference_thanks"


@when_due("referees_ask")
def ask(row: Due) -> None:
    """Ask everybody who was named and not asked yet."""
    application = subject_of(row, S.REFEREES)
    if application is None:
        return
    named = Referee.objects.filter(
        circle_id=application.circle_id, application_id=application.pk, state=R.NAMED
    )
    for referee in named.named():
        _ask_one(application, referee)
    _bring_on(application)


def _ask_one(application: Application, referee: Referee) -> None:
    now = timezone.now()
    member = _member_at(application, referee.address)
    may, membership = _may_refer(application, referee, member)
    if not may:
        _settle(referee, R.UNCONFIRMED)
        return
    until = now + timedelta(days=Reference.DAYS)
    reference = Reference(
        circle_id=application.circle_id,
        application=application,
        referee=referee,
        asked_at=now,
        until=until,
    )
    if membership:
        reference.member_id = member
    else:
        # The link outlives the question: behind it stands, for a while, what became of it.
        gone = until + timedelta(days=Reference.TOLD_DAYS)
        reference.link = links.draw("reference", expires_at=gone)
    reference.save(force_insert=True)
    _settle(referee, R.ASKED, asked_at=now)
    write(reference, ASKED)
    for kind, days in (
        ("reference_reminder", Reference.REMINDER_DAYS),
        ("reference_deadline", Reference.DAYS),
    ):
        due.set_timer(
            kind, reference.pk, now + timedelta(days=days), circle_id=application.circle_id
        )
    record(application, "reference.asked", reference=reference.pk)


def _member_at(application: Application, address: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("select kring_account_of(%s)", [address])
        return cursor.fetchone()[0]


def _may_refer(
    application: Application, referee: Referee, member: int | None
) -> tuple[bool, Membership | None]:
    """Whether somebody may be a referee, and as which member of the circle: members after 90
    days, others where the circle takes the word of people outside."""
    known = Membership.objects.filter(circle_id=application.circle_id, member_id=member)
    membership = known.first() if member else None
    if membership is None or membership.state in ("left", "lapsed"):
        outside = application.policy.get("outside_referees", True)
        return outside and not silence.is_asked(referee.address), None
    long_ago = timezone.now() - timedelta(days=VOUCHING_DAYS)
    asked_before = Reference.objects.filter(
        circle_id=application.circle_id, application_id=application.pk, member_id=member
    )
    may = (
        membership.state == Membership.State.ACTIVE
        and membership.since <= long_ago
        and member != application.member_id
        and member not in referees.endorsers_of(application)
        and not asked_before.exists()
    )
    return may, membership


def _settle(referee: Referee, state: str, **facts) -> None:
    Referee.objects.filter(circle_id=referee.circle_id, pk=referee.pk).update(state=state, **facts)


def write(reference: Reference, kind: str) -> None:
    """Write one of the letters to a referee; each is written once."""
    letters.post(
        kind if reference.link_id else f"{kind}_member",
        subject_id=reference.pk,
        link=reference.link_id,
        member=reference.member_id,
        circle_id=reference.circle_id,
    )


@when_due("referees_look")
def look(row: Due) -> None:
    """Somebody answered, or will not: go on when enough did, tell the applicant when short."""
    if application := subject_of(row, S.REFEREES):
        _bring_on(application)


def _bring_on(application: Application) -> None:
    short = referees.missing(application, application.policy.get("required_referees", 0))
    if short <= 0:
        moves.move(application, S.REVIEW, who=moves.REFEREE)
        return
    rows = Referee.objects.filter(
        circle_id=application.circle_id, application_id=application.pk
    ).exclude(address="")
    if referees.to_replace(application, list(rows)):
        lost = rows.filter(state=R.UNCONFIRMED).count()
        moves.write(application, "application_referee_lost", seq=lost)


def _reference(row: Due) -> Reference | None:
    """The reference a timer is about, if it is awaited still."""
    found = Reference.objects.filter(circle_id=row.circle_id, pk=row.subject_id)
    return found.filter(answered_at=None, ended_at=None).first()


@when_due("reference_reminder")
def remind(row: Due) -> None:
    """Once, while the application waits for it."""
    reference = _reference(row)
    state = reference and Application.objects.get(pk=reference.application_id).state
    if reference and reference.reminded_at is None and state == S.REFEREES:
        Reference.objects.filter(circle_id=row.circle_id, pk=reference.pk).update(
            reminded_at=timezone.now()
        )
        write(reference, REMINDER)


@when_due("reference_deadline")
def end(row: Due) -> None:
    """No answer in time: the applicant may name another. A trigger tells the house to look."""
    if reference := _reference(row):
        Reference.objects.filter(circle_id=row.circle_id, pk=reference.pk).update(
            ended_at=timezone.now()
        )


@when_due("referees_late")
def expire(row: Due) -> None:
    """After 30 days without enough of them it ends, unless somebody is still being asked."""
    application = subject_of(row, S.REFEREES)
    if application is None:
        return
    open_until = (
        Reference.objects.open()
        .filter(circle_id=application.circle_id, application_id=application.pk)
        .order_by("-until")
        .values_list("until", flat=True)
        .first()
    )
    if open_until:
        moves.set_timer(application, row.kind, open_until + timedelta(days=1), seq=row.seq + 1)
        return
    moves.move(application, S.EXPIRED, who=moves.HOUSE)
    moves.write(application, "application_unconfirmed")


@when_due("referees_thank")
def thank(row: Due) -> None:
    """Tell whoever answered how it ended, once: yes or no, and nothing else."""
    application = subject_of(row, S.APPROVED, S.DECLINED, S.DECLINED_FINAL, S.WITHDRAWN, S.EXPIRED)
    if application is None:
        return
    rows = Reference.objects.filter(circle_id=application.circle_id, application_id=application.pk)
    for reference in rows.filter(answered_at__isnull=False):
        write(reference, THANKS)
