"""Checks of an applicant: those done by themselves, and the facts people answer for.

A check is a row that waits; the worker claims it, does it in a task of its own with a time limit, and
tries again later when it cannot.
Another circle of professionals may need another check: `@checker("kind")`, see docs/checks.md.
None of them decides anything.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import registers
from circles.models import (
    Application,
    Check,
    Circle,
    Confirmation,
    RegisterEntry,
    RegisterExtract,
)
from kring.lib.refused import Refused
from members import audit, poke
from members.due import when_due
from members.models import Due, Member

log = logging.getLogger(__name__)
S = Check.State
LEASE = timedelta(minutes=5)
SECONDS = 10  # for one check; then it counts as out of reach, and the others go on
MOST_AT_ONCE = 8  # then letters and timers have their turn
NOT_REACHED = "not reached"
ENDED = (*Application.ENDED, "draft", "email_pending")


@dataclass(frozen=True)
class Finding:
    """What a check found: its state, a word for it, and what else a vetter reads."""

    state: str
    code: str
    source: str = ""
    detail: dict[str, str] = field(default_factory=dict)


_CHECKERS: dict[str, Callable[[Application], Finding]] = {}


def checker(kind: str) -> Callable:
    """Register a check. It runs as the house, reads what it needs, and raises when it cannot be
    done now: then it is tried again, five times over an hour and a half."""

    def register(check: Callable[[Application], Finding]) -> Callable[[Application], Finding]:
        _CHECKERS[kind] = check
        return check

    return register


# --- doing them ---------------------------------------------------------------------------
@when_due("application_checks")
def begin(row: Due) -> None:
    """Write down what is to be checked, and tell the worker."""
    application = Application.objects.filter(pk=row.subject_id).exclude(state__in=ENDED).first()
    if application is None:
        return
    Check.objects.bulk_create(
        [
            Check(circle_id=application.circle_id, application=application, kind=kind)
            for kind in _CHECKERS
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: poke.ask_for("circles.tasks.run_checks"))


def claim() -> list[int]:
    """Take every check whose moment has come, so that nobody else does. One that is lost with its
    worker comes back."""
    now = timezone.now()
    with transaction.atomic():
        ids = list(
            Check.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(state=S.WAITING, try_at__lte=now)
            .order_by("try_at", "id")
            .values_list("id", flat=True)[:MOST_AT_ONCE]
        )
        Check.objects.filter(pk__in=ids).update(tries=F("tries") + 1, try_at=now + LEASE)
    return ids


def run(check_id: int) -> None:
    """Do one check that was claimed. When it cannot be done now it is tried again later, and given
    up after five times; a slow one is ended by the time limit of its task."""
    row = Check.objects.select_related("application").filter(pk=check_id, state=S.WAITING).first()
    if row is None:
        return
    now = timezone.now()
    try:
        if row.tries > Check.MOST_TRIES:
            raise TimeoutError
        with transaction.atomic():
            found = _CHECKERS[row.kind](row.application)
    except Exception as error:
        log.warning("check %s of kind %s failed (%s)", row.pk, row.kind, type(error).__name__)
        over = row.tries >= Check.MOST_TRIES
        facts = {"state": S.FAILED if over else S.WAITING, "checked_at": now if over else None}
        facts |= {"code": NOT_REACHED, "try_at": now + timedelta(minutes=3 * 2**row.tries)}
    else:
        facts = {
            "state": found.state,
            "code": found.code,
            "source": found.source,
            "detail": found.detail,
            "checked_at": now,
        }
    Check.objects.filter(circle_id=row.circle_id, pk=row.pk, state=S.WAITING).update(**facts)


def run_waiting() -> int:
    """Do every check whose moment has come, one after the other; return how many."""
    done = 0
    while ids := claim():
        for check_id in ids:
            run(check_id)
        done += len(ids)
    return done


# --- the checks we bring ------------------------------------------------------------------
@checker("duplicate")
def earlier(application: Application) -> Finding:
    """Somebody with this address or this number applied before, also when it was erased."""
    others = Application.objects.filter(circle_id=application.circle_id).exclude(pk=application.pk)
    others = others.exclude(state__in=["draft", "email_pending"])
    keys = {"address_key": application.address_key, "register_key": application.register_key}
    same = others.none()
    for name, key in keys.items():
        if key:
            same = same | others.filter(**{name: key})
    last = same.order_by("-moved_at").first()
    if last is None:
        return Finding(S.GOOD, "first")
    detail = {"state": last.state, "day": last.moved_at.date().isoformat()}
    if last.state in Application.RUNNING:
        return Finding(S.LOOK, "running", detail=detail)
    calm = last.state in ("withdrawn", "expired")
    return Finding(S.UNKNOWN if calm else S.LOOK, "before", detail=detail)


@checker("mailbox")
def mailbox(application: Application) -> Finding:
    """The address is at a domain of which only an institution gives mailboxes."""
    circle = Circle.objects.get(pk=application.circle_id)
    domain = application.email.rpartition("@")[2].lower()
    if not circle.mailbox_domains:
        return Finding(S.UNKNOWN, "no list")
    for known in circle.mailbox_domains:
        if domain == known or domain.endswith(f".{known}"):
            return Finding(S.GOOD, "institution", source=known)
    return Finding(S.UNKNOWN, "elsewhere", detail={"domain": domain})


@checker("number")
def number(application: Application) -> Finding:
    """The register number has the form of its register."""
    if not application.register_number:
        return Finding(S.UNKNOWN, "none given")
    wanted = "BIG" if application.policy.get("registry") == "big" else ""
    register = registers.fits(application.register_number, register=wanted)
    if register:
        return Finding(S.GOOD, "fits", source=register)
    return Finding(S.LOOK if wanted else S.UNKNOWN, "fits none")


@checker("register")
def register(application: Application) -> Finding:
    """Name and number stand together in the extract the circle's admins brought."""
    extract = RegisterExtract.objects.filter(circle_id=application.circle_id).first()
    if extract is None:
        return Finding(S.UNKNOWN, "no extract")
    source = f"{extract.name}, {extract.dated.isoformat()}"
    wanted = registers.plain(application.register_number)
    entry = (
        RegisterEntry.objects.filter(
            circle_id=application.circle_id, extract=extract, number=wanted
        ).first()
        if wanted
        else None
    )
    if entry is None:
        return Finding(S.LOOK, "not found", source)
    detail = {"name": entry.name, "status": entry.status}
    if entry.measures:
        return Finding(S.LOOK, "measures", source, detail)
    if not registers.same_person(application.name, entry.name):
        return Finding(S.LOOK, "another name", source, detail)
    return Finding(S.GOOD, "found", source, detail)


# --- the facts people answer for ----------------------------------------------------------
@transaction.atomic
def confirm(application: Application, *, by: Member, fact: str, **texts) -> None:
    """Write down a fact with who, how, when and from which source. The latest of each counts."""
    made = Confirmation.objects.create(
        circle_id=application.circle_id,
        application=application,
        fact=fact,
        by_id=by.pk,
        **texts,
    )
    _record("application.confirmed", made, by)


@transaction.atomic
def sign(application: Application, confirmation_id: int, *, by: Member) -> None:
    """Sign a fact as the second person. Raises Refused for one's own, or one signed before."""
    rows = Confirmation.objects.filter(
        circle_id=application.circle_id, application_id=application.pk, pk=confirmation_id
    )
    row = rows.first()
    if row is None or not row.waits_for_second:
        raise Refused(_("This was signed already."))
    if row.by_id == by.pk:
        raise Refused(_("Somebody else signs this: a name that differs is not for one to judge."))
    if not rows.filter(second_by=None).update(second_by_id=by.pk, second_at=timezone.now()):
        raise Refused(_("This was signed already."))
    _record("application.confirmation_signed", row, by)


def refuse_unsigned(application: Application) -> None:
    """Raise Refused when a fact waits for its second signature; the database refuses as well."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_unsigned(%s)", [application.pk])
        if cursor.fetchone()[0]:
            raise Refused(
                _(
                    "The register shows another name or a measure. A second person must sign that "
                    "before the circle admits."
                )
            )


def _record(act: str, row: Confirmation, by: Member) -> None:
    audit.record(
        act,
        by=by,
        circle_id=row.circle_id,
        subject="application",
        subject_id=row.application_id,
        fact=row.fact,
    )
