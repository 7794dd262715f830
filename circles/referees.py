"""Referees: an applicant names them, the house asks them, an answer brings the application on.

The applicant acts as the holder of the mailed link; the rest are acts of the house. Of an answer
an applicant learns only whether it could be confirmed, whatever the reason was.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves, policy
from circles.models import Application, Circle, Endorsement, How, Membership, Referee, Reference
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import audit, due, letters, links, poke, silence
from members.due import when_due
from members.models import Due

S = Application.State
R = Referee.State
DAYS = 30  # without enough of them, an application ends
VOUCHING_DAYS = 90  # a member for so long may be a referee
ASKED, REMINDER, THANKS = "reference_asked", "reference_reminder", "reference_thanks"


# --- how many -----------------------------------------------------------------------------
def needed_of(circle: Circle) -> int:
    """Say how many referees a circle asks an applicant for."""
    return policy.snapshot(circle)["required_referees"]


def endorsers_of(application: Application) -> set[int]:
    """Say which members' words on an application count as a referee's."""
    return set(
        Endorsement.objects.filter(
            circle_id=application.circle_id, application_id=application.pk, withdrawn_at=None
        )
        .exclude(how=How.NAME)
        .values_list("by_id", flat=True)
    )


def to_name(application: Application) -> int:
    """Say how many referees the writer of a draft is asked to name."""
    with acting_with(application.link_id):
        needed = needed_of(Circle.objects.get(pk=application.circle_id))
        return max(needed - len(endorsers_of(application)), 0)


def missing(application: Application, needed: int) -> int:
    """Count who is still to confirm an application, for whoever sees it."""
    confirmed = Referee.objects.filter(
        circle_id=application.circle_id, application_id=application.pk, state=R.CONFIRMED
    )
    return needed - len(endorsers_of(application)) - confirmed.count()


# --- the applicant ------------------------------------------------------------------------
def named_by(application: Application) -> list[Referee]:
    """Hand over to an applicant whom they named, and what became of each."""
    with acting_with(application.link_id):
        rows = Referee.objects.filter(
            circle_id=application.circle_id, application_id=application.pk
        )
        return list(rows.named())


def keep(application: Application, named: list[dict[str, str]]) -> None:
    """Keep whom a draft names so far, in their order. The caller holds the draft."""
    with acting_with(application.link_id):
        for number, texts in enumerate(named, start=1):
            _write(application, number, **texts)
        Referee.objects.filter(
            circle_id=application.circle_id, application_id=application.pk, number__gt=len(named)
        ).update(name="", address="", address_key="", relation="")


def _write(
    application: Application, number: int, *, name="", address="", relation="", replaces=None
) -> None:
    address = address.strip().lower()
    Referee.objects.bulk_create(
        [
            Referee(
                circle_id=application.circle_id,
                application=application,
                number=number,
                name=" ".join(name.split()),
                address=address,
                address_key=silence.key_of(address) if address else "",
                relation=" ".join(relation.split()),
                replaces=replaces,
            )
        ],
        update_conflicts=True,
        unique_fields=["circle", "application", "number"],
        update_fields=["name", "address", "address_key", "relation"],
    )


def to_replace(application: Application, named: list[Referee]) -> Referee | None:
    """Hand over whom an applicant may name another for now, or None.

    Somebody who could not confirm is replaced once, and two in all.
    """
    if application.state != S.REFEREES:
        return None
    replaced = {row.replaces for row in named if row.replaces}
    lost = [row for row in named if row.state == R.UNCONFIRMED and row.number not in replaced]
    if not lost or len(replaced) >= Referee.MOST_REPLACEMENTS:
        return None
    waiting = sum(row.state in (R.NAMED, R.ASKED) for row in named)
    with acting_with(application.link_id):
        short = missing(application, application.policy.get("required_referees", 0)) - waiting
    return lost[0] if short > 0 else None


def ends_on(application: Application) -> datetime:
    """The day on which an application ends that not enough referees confirmed."""
    return application.moved_at + timedelta(days=DAYS)


def replace(application: Application, *, name: str, address: str, relation: str) -> None:
    """Name another referee in place of one who could not confirm.

    Raises Refused when nobody is to be replaced now, or this address was named before.
    """
    with acting_with(application.link_id):
        moves.hold(application, S.REFEREES)
        named = named_by(application)
        lost = to_replace(application, named)
        if lost is None:
            raise Refused(_("Nobody else can be named now."))
        refuse_twice(application, [row.address for row in named], address)
        number = max(row.number for row in named) + 1
        texts = {"name": name, "address": address, "relation": relation}
        _write(application, number, **texts, replaces=lost.number)
        _record(application, "application.referee_replaced")
        moves.set_timer(application, "referees_ask", timezone.now(), seq=number)
        soon()


def refuse_twice(application: Application, others: list[str], address: str) -> None:
    """Raise Refused when an address is the applicant's own, or one of these."""
    plain = silence.plain(address)
    if plain == silence.plain(application.email):
        raise Refused(_("This is your own address."), field="address")
    if plain in {silence.plain(other) for other in others if other}:
        raise Refused(_("You named this address already. Name another person."), field="address")


def soon() -> None:
    """Let the worker look at what is due, after the commit; a sweep would find it too."""
    transaction.on_commit(lambda: poke.ask_for("members.tasks.run_due"))


# --- the house ----------------------------------------------------------------------------
def _subject(row: Due, *states: str) -> Application | None:
    found = Application.objects.select_for_update(no_key=True)
    return found.filter(pk=row.subject_id, state__in=states).first()


@when_due("referees_ask")
def ask(row: Due) -> None:
    """Ask everybody who was named and not asked yet."""
    application = _subject(row, S.REFEREES)
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
    _record(application, "reference.asked", reference=reference.pk)


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
        and member not in endorsers_of(application)
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
    if application := _subject(row, S.REFEREES):
        _bring_on(application)


def _bring_on(application: Application) -> None:
    short = missing(application, application.policy.get("required_referees", 0))
    if short <= 0:
        moves.move(application, S.REVIEW, who=moves.REFEREE)
        return
    rows = Referee.objects.filter(
        circle_id=application.circle_id, application_id=application.pk
    ).exclude(address="")
    if to_replace(application, list(rows)):
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
    application = _subject(row, S.REFEREES)
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
    application = _subject(row, S.APPROVED, S.DECLINED, S.DECLINED_FINAL, S.WITHDRAWN, S.EXPIRED)
    if application is None:
        return
    rows = Reference.objects.filter(circle_id=application.circle_id, application_id=application.pk)
    for reference in rows.filter(answered_at__isnull=False):
        write(reference, THANKS)


# --- erasure ------------------------------------------------------------------------------
def erase(application: Application) -> None:
    """Leave no word about the applicant, and none of who the referees outside are. What stays
    is that a member was asked, and vouched."""
    whose = {"circle_id": application.circle_id, "application_id": application.pk}
    references = Reference.objects.filter(**whose)
    Referee.objects.filter(**whose).update(name="", address="", address_key="", relation="")
    references.update(place="", own_case="", words="", name="", register_number="")
    for reference in references.exclude(link=None).select_related("link"):
        links.end(reference.link)


def _record(application: Application, act: str, **facts) -> None:
    audit.record(
        act,
        by=None,
        circle_id=application.circle_id,
        subject="application",
        subject_id=application.pk,
        **facts,
    )
