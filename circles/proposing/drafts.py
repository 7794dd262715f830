"""Writing a proposal, and laying it before the stewards: acts of its lead.

A starting point fills it; what the lead wrote themselves is kept unless they say otherwise, and
even then it can be put back.
"""

from datetime import timedelta

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import proposals
from circles.models import Circle, Cofounder, Founding
from circles.proposing import cofounders, starting_points
from circles.proposing.starting_points import Start
from kring.lib.refused import Refused
from members import audit, due
from members.due import when_due
from members.models import Due, Member

STEPS = ("charter", "form", "rules", "people")
ALWAYS_OWN = ("name",)  # no starting point has it
KEEP_DAYS = 180  # a proposal nobody touches for so long is dropped


@transaction.atomic
def begin(start: str, language: str, *, by: Member) -> Founding:
    """Begin a proposal from a starting point. Raises Refused for whoever is in no circle."""
    point = starting_points.start(start, language)
    try:
        with transaction.atomic():
            founding = Founding.objects.create(
                lead_id=by.pk,
                start=point.name,
                language=language,
                charter=point.charter,
                parameters=point.parameters,
            )
    except IntegrityError:  # begun in another window
        return Founding.objects.get(lead_id=by.pk, state=Founding.State.WRITING)
    except DatabaseError as error:
        if "row-level security" not in str(error):
            raise
        raise Refused(
            _("Whoever proposes a circle is an active member of one already.")
        ) from error
    audit.record("founding.begun", by=by, subject="founding", subject_id=founding.pk)
    _look_again_later(founding)
    return founding


def own_words(founding: Founding) -> list[str]:
    """Name the fields in which something stands that is not the starting point's."""
    point = starting_points.start(founding.start, founding.language)
    own = [
        name
        for name, value in founding.charter.items()
        if value not in ("", None, []) and value != point.charter.get(name)
    ]
    return own + ["parameters"] * (founding.parameters != point.parameters)


def choose(founding: Founding, start: str, language: str, *, keep: bool, by: Member) -> None:
    """Take another starting point: with `keep` one's own words stay and the rest is filled anew,
    without it everything is replaced, and can be put back."""
    point = starting_points.start(start, language)
    own = set(own_words(founding)) if keep else {*ALWAYS_OWN}
    charter = {
        name: founding.charter[name] if name in own and name in founding.charter else value
        for name, value in point.charter.items()
    }
    _change(
        founding,
        start=point.name,
        language=language,
        charter=charter,
        parameters=founding.parameters if "parameters" in own else point.parameters,
        before=_as_it_stands(founding),
        seen=[],
    )


def put_back(founding: Founding, *, by: Member) -> None:
    """Put back what the last starting point took the place of; once more is back again."""
    if founding.before:
        _change(founding, **founding.before, before=_as_it_stands(founding), seen=[])


def _as_it_stands(founding: Founding) -> dict:
    return {
        name: getattr(founding, name) for name in ("start", "language", "charter", "parameters")
    }


def write(
    founding: Founding,
    step: str,
    *,
    by: Member,
    charter: dict | None = None,
    parameters: list | None = None,
    sound: bool = True,
) -> None:
    """Keep what was written at a step; `sound` says whether the step is done with it.

    Raises Refused once somebody has agreed to the text as it stands.
    """
    seen = [name for name in founding.seen if name != step] + [step] * sound
    changed = {"charter": {**founding.charter, **(charter or {})}, "seen": seen}
    if parameters is not None:
        changed["parameters"] = parameters
    _change(founding, **changed)


def _change(founding: Founding, **changed) -> None:
    try:
        with transaction.atomic():
            done = Founding.objects.filter(
                pk=founding.pk, lead_id=founding.lead_id, state=Founding.State.WRITING
            ).update(**changed, changed_at=timezone.now())
    except DatabaseError as error:
        if "kring: somebody agreed" not in str(error):
            raise
        raise Refused(
            _("Somebody has agreed to this text. Open it again first; they are then asked anew.")
        ) from error
    if not done:
        raise Refused(_("This was proposed or dropped meanwhile."))
    for name, value in changed.items():
        setattr(founding, name, value)


@transaction.atomic
def open_again(founding: Founding, *, by: Member) -> None:
    """Open the text once more: whoever agreed to it is asked anew."""
    rows = list(
        Cofounder.objects.select_for_update(no_key=True).filter(
            founding=founding, state=Cofounder.State.AGREED
        )
    )
    for row in rows:
        row.asks += 1
        Cofounder.objects.filter(pk=row.pk).update(
            state=Cofounder.State.ASKED, answered_at=None, asks=row.asks
        )
        cofounders.write(row)
    if rows:
        audit.record("founding.opened_again", by=by, subject="founding", subject_id=founding.pk)


@transaction.atomic
def drop(founding: Founding, *, by: Member) -> None:
    """Give it up. Those who were asked find nothing behind their link any more."""
    _change(founding, state=Founding.State.DROPPED)
    audit.record("founding.dropped", by=by, subject="founding", subject_id=founding.pk)


# --- before the stewards ------------------------------------------------------------------
def faults_of(founding: Founding) -> list[str]:
    """Hand over what is not right yet, as an operator reads it; nothing when it can be proposed."""
    told = {"circle": founding.charter, "parameters": founding.parameters}
    return proposals.look_at(told).wrong


def steps_done(founding: Founding, founders: list) -> dict[str, bool]:
    """Say of each step whether it is done."""
    wrong = faults_of(founding)
    of_form = any(fault.startswith("parameters") for fault in wrong)
    of_charter = any(fault.startswith("circle.") for fault in wrong)
    return {
        "charter": "charter" in founding.seen and not of_charter,
        "form": "form" in founding.seen and not of_form,
        "rules": "rules" in founding.seen,
        "people": any(founder.agreed and not founder.is_lead for founder in founders),
    }


@transaction.atomic
def propose(founding: Founding, *, by: Member) -> Circle:
    """Lay it before the stewards; the lead and whoever agreed will lead the circle.

    Raises Refused while something is not right, or nobody has agreed yet.
    """
    if faults_of(founding):
        raise Refused(_("Something is not right yet. The steps that are not done say what."))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select kring_propose_circle(%s)", [founding.pk])
            circle_id = cursor.fetchone()[0]
    except DatabaseError as error:
        match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
            case "kring: nobody agreed yet":
                no = _("Two people lead a circle. Somebody must agree to found it with you first.")
            case "kring: proposed already":
                no = _("This was proposed or dropped meanwhile.")
            case _:
                raise
        raise Refused(no) from error
    return Circle.objects.get(pk=circle_id)


# --- by the house -------------------------------------------------------------------------
@when_due("founding_purge")
def purge(row: Due) -> None:
    """Drop a proposal nobody has touched for half a year."""
    founding = Founding.objects.filter(pk=row.subject_id, state=Founding.State.WRITING).first()
    if founding is None:
        return
    if (timezone.now() - founding.changed_at).days < KEEP_DAYS:
        _look_again_later(founding, seq=row.seq + 1)
        return
    Founding.objects.filter(pk=founding.pk).update(
        state=Founding.State.DROPPED, charter={}, parameters=[], before=None
    )
    audit.record("founding.dropped", by=None, subject="founding", subject_id=founding.pk)


def _look_again_later(founding: Founding, seq: int = 0) -> None:
    later = founding.changed_at + timedelta(days=KEEP_DAYS)
    due.set_timer("founding_purge", founding.pk, later, seq=seq)


def starts_in(language: str) -> list[Start]:
    """Hand over the starting points, in their order."""
    return list(starting_points.every(language).values())
