"""How a circle admits: the rules its admins set within bounds, what an applicant will notice of
them, and the copy that each application takes along when it is sent in.

Whatever is set here later, a running application keeps the rules it was sent in under.
"""

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.models import Circle
from circles.models.circle import BOUNDS, Registry
from kring.lib.refused import Refused
from members import audit
from members.models import Member

RULES = (*BOUNDS, "outside_referees", "registry")
SETTINGS = (*RULES, "size_cap")
SMALL = 5  # members; a smaller circle can hardly ask for two referees
USUAL_WAIT = 4  # days until referees have answered


def snapshot(circle: Circle) -> dict:
    """The rules an application is judged by, as they stand now."""
    rules = {name: getattr(circle, name) for name in RULES}
    if seats_taken(circle) < SMALL:
        rules["required_referees"] = min(rules["required_referees"], 1)
    return rules | {"pledge": circle.pledge, "cost_cents": circle.cost_cents}


def seats_taken(circle: Circle) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select kring_seats_taken(%s)", [circle.pk])
        return cursor.fetchone()[0]


@transaction.atomic
def change(circle: Circle, *, by: Member, **wanted) -> dict[str, list]:
    """Set rules of admission and the number of seats; return what changed, as {name: [old, new]}.

    Raises Refused when there would be fewer seats than are taken or offered.
    """
    before = Circle.objects.select_for_update(no_key=True).filter(pk=circle.pk)
    old = before.values(*SETTINGS).first()
    if old is None:
        raise PermissionError("no admin of this circle")
    changed = {name: [old[name], new] for name, new in wanted.items() if old[name] != new}
    if not changed:
        return {}
    try:
        with transaction.atomic():
            done = Circle.objects.filter(pk=circle.pk).update(
                **{name: new for name, (_old, new) in changed.items()}
            )
    except DatabaseError as error:
        if "kring: fewer seats" not in str(error):
            raise
        raise Refused(
            _("More seats than that are taken or offered already."), field="size_cap"
        ) from error
    if not done:
        raise PermissionError("no admin of this circle")
    audit.record(
        "circle.policy_changed",
        by=by,
        circle_id=circle.pk,
        subject="circle",
        subject_id=circle.pk,
        **changed,
    )
    return changed


# --- what it means ------------------------------------------------------------------------
def effect(rules: dict) -> list[str]:
    """Say what an applicant will experience under these rules, sentence by sentence."""
    said = []
    if referees := rules["required_referees"]:
        said.append(
            ngettext(
                "You name one colleague who knows your work, and wait for the answer.",
                "You name %(n)d colleagues who know your work, and wait until all have answered.",
                referees,
            )
            % {"n": referees}
        )
    if rules["registry"] == Registry.BIG:
        said.append(_("Your number is compared with the BIG register."))
    elif rules["registry"] == Registry.MANUAL:
        said.append(_("A vetter looks you up in the register of your profession."))
    said.append(_voting(rules))
    if days := rules["objection_days"]:
        said.append(
            ngettext(
                "After that the members have one day to object.",
                "After that the members have %(n)d days to object.",
                days,
            )
            % {"n": days}
        )
    said.append(
        ngettext("Count on about one week.", "Count on about %(n)d weeks.", weeks(rules))
        % {"n": weeks(rules)}
    )
    said.append(_("Every no has its reason, and you may appeal within 21 days."))
    said.append(
        ngettext(
            "What you wrote is erased one day after your last right has ended.",
            "What you wrote is erased %(n)d days after your last right has ended.",
            rules["erase_days"],
        )
        % {"n": rules["erase_days"]}
    )
    return said


def _voting(rules: dict) -> str:
    facts = {"n": rules["approvals_needed"], "days": rules["decide_days"]}
    return (
        ngettext(
            "One vetter must approve within %(days)d days.",
            "%(n)d vetters must approve within %(days)d days.",
            facts["n"],
        )
        % facts
        + " "
        + ngettext(
            "One refusal is enough to stop.",
            "%(n)d refusals are enough to stop.",
            rules["declines_to_stop"],
        )
        % {"n": rules["declines_to_stop"]}
    )


def weeks(rules: dict) -> int:
    """How long an admission takes at most when all goes its usual way, in weeks rounded up."""
    waiting = USUAL_WAIT if rules["required_referees"] else 0
    return -(-(waiting + rules["decide_days"] + rules["objection_days"]) // 7)
