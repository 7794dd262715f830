"""The page of whoever runs the installation: what asks for them, what waits, what is kept.

Counts and moments only; nothing here tells what anybody said, or where.
"""

import sys
from dataclasses import dataclass

import django
from django.contrib import messages
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from circles import access as circles
from circles import appealing
from circles.belonging import appointing
from circles.views import cases
from kring import VERSION, health
from kring.lib.refused import Refused
from members import access, condition, reauth, stewards
from members.condition import Condition


@dataclass(frozen=True)
class Queue:
    """One row of what waits: how much, how old, and when that becomes too old."""

    label: str
    waits: int
    oldest: float  # seconds
    limit: int

    @property
    def is_late(self) -> bool:
        return self.oldest > self.limit


@require_safe
def steward_page(request):
    """GET. Everything a steward needs to keep this running."""
    steward = access.steward_for(request.user)
    found, broker = condition.read(), health.read().broker
    backup, put_back = access.backups(steward)
    queues = _queues(found)
    context = {
        "place": "steward",
        "now": timezone.now(),
        "proposals": circles.proposals_for(steward),
        "cases": [(case, cases.address_of(case)) for case in appealing.cases_for(steward)],
        "short": [(one, cases.address_of_short(one)) for one in appointing.short_for(steward)],
        "queues": queues,
        "is_late": any(queue.is_late for queue in queues) or not broker,
        "broker": broker,
        "letters": found.letters,
        "troubled": access.troubled_letters(steward),
        "most_troubled": stewards.MOST_LETTERS,
        "backup": backup,
        "put_back": put_back,
        "versions": _versions(),
        "installation": circles.installation_for(steward),
    }
    return render(request, "kring/steward_page.html", context)


@require_POST
def steward_letter(request, letter_id: str):
    """POST. Let a letter that did not arrive go once more."""
    letter = access.troubled_letter(request.user, letter_id)
    reauth.ask(request)
    try:
        stewards.try_again(letter, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The letter goes again within a minute."))
    return redirect("steward_page")


LETTERS, TIMERS = gettext_lazy("Letters"), gettext_lazy("Timers")


def _queues(found: Condition) -> list[Queue]:
    waiting = sum(found.letters.get(state, 0) for state in ("queued", "failed", "sending"))
    return [
        Queue(LETTERS, waiting, found.oldest_letter, health.LATE_LETTER),
        Queue(TIMERS, found.due, found.oldest_due, health.LATE_DUE),
    ]


def _versions() -> dict[str, str]:
    server = connection.cursor().connection.info.server_version
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return {
        "Kring": VERSION,
        "Python": ".".join(map(str, sys.version_info[:3])),
        "Django": django.__version__,
        "PostgreSQL": f"{server // 10000}.{server % 10000}",
        _("Migrations"): str(len(applied)),
    }
