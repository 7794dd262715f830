"""Showing once more that it is you, before what touches access.

`@fresh_sign_in` stands above the view. Its page is asked for within five minutes of a sign-in (or
of having shown it again), so nothing is lost on the way: the question comes before the form, not
after it. For typing there is an hour; a form that took longer waits, sealed, in the session.
"""

from functools import wraps
from time import time

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest

FRESH, TYPING = 5 * 60, 60 * 60  # seconds


def is_fresh(request: HttpRequest, seconds: int = FRESH) -> bool:
    """Say whether this session signed in, or showed it again, within so many seconds.

    Somebody who has nothing to show it with (a person of the demo) is asked for nothing.
    """
    records = get_authentication_records(request, request.user)
    if records and time() - records[-1]["at"] < seconds:
        return True
    return not get_reauthentication_flows(request.user)


def ask(request: HttpRequest) -> None:
    """Go on when this session is fresh; otherwise lead to showing it again, and back here."""
    reading = request.method in {"GET", "HEAD"}
    if not is_fresh(request, FRESH if reading else TYPING):
        raise ReauthenticationRequired


def shown(request: HttpRequest, kind: str) -> None:
    """Remember that somebody just showed it, with the factor of this kind that they added."""
    record_authentication(request, request.user, "mfa", type=kind, reauthenticated=True)


def fresh_sign_in(view):
    """Ask before a view that has no door but the sign-in; others call `ask` behind theirs."""

    @wraps(view)
    def asking(request, *args, **kwargs):
        ask(request)
        return view(request, *args, **kwargs)

    return asking
