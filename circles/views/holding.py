"""Who holds an application: whoever came by the mailed link, or typed its address in this browser.

The link's token leaves the address at once: a short-lived entry in the session remembers which
link this browser holds, and whether it came in by the mail (`mailed`).
"""

from functools import wraps
from time import time

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect

from circles import access

HELD = "application"  # the entry in the session
HOURS = 24


def remember(request, link_id: int, *, mailed: bool) -> None:
    """Let this browser hold the application of a link for a day."""
    if mailed:
        request.session.cycle_key()
    until = time() + HOURS * 3600
    request.session[HELD] = {"link": link_id, "mailed": mailed, "until": until}


def held_by(request) -> dict | None:
    held = request.session.get(HELD)
    return held if held and held["until"] > time() else None


def came_by_mail(request) -> bool:
    """Whether this browser holds an application by the mail: of nobody else a file is taken."""
    held = held_by(request)
    return bool(held and held["mailed"])


def by_link(view):
    """Let in whoever holds a link; the view gets its application. Others may ask for the link."""

    @login_not_required
    @wraps(view)
    def enter(request):
        held = held_by(request)
        application = held and access.own_application(held["link"], mailed=held["mailed"])
        if not application:
            return redirect("application_link")
        application.came_by_mail = held["mailed"]
        return view(request, application)

    return enter


def by_mailed_link(view):
    """Let in only whoever came by the mail, which proves the address."""

    @by_link
    @wraps(view)
    def enter(request, application):
        if not application.came_by_mail:
            return redirect("application_page")
        return view(request, application)

    return enter
