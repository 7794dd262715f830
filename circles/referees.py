"""Referees: whom an applicant names, how many are needed, and who takes the place of one who could
not confirm.

The applicant acts as the holder of the mailed link. Of an answer an applicant learns only whether
it could be confirmed, whatever the reason was.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves, policy
from circles.models import Application, Circle, Endorsement, How, Referee
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import audit, poke, silence

S = Application.State
R = Referee.State
DAYS = 30  # without enough of them, an application ends


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
    # Counted in what was read once: an answer may come in between.
    hoped = sum(row.state in (R.NAMED, R.ASKED, R.CONFIRMED) for row in named)
    with acting_with(application.link_id):
        hoped += len(endorsers_of(application))
    return lost[0] if hoped < application.policy.get("required_referees", 0) else None


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
        record(application, "application.referee_replaced")
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


# --- erasure ------------------------------------------------------------------------------
def record(application: Application, act: str, **facts) -> None:
    audit.record(
        act,
        by=None,
        circle_id=application.circle_id,
        subject="application",
        subject_id=application.pk,
        **facts,
    )
