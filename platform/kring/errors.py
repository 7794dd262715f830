"""What a page says when there is none: refused, not found, our own mistake.

These pages make no query and use the plain masthead, so they work for anybody at any moment. The
page of our own mistake is drawn without the request: whatever broke may have been part of it.
(allauth draws 429.html itself.)
"""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.translation import get_language

from kring import logs
from kring.context import here
from kring.lib.forms import typed_texts
from kring.lib.ids import public_id

log = logging.getLogger(__name__)
# The last resort, when even a template cannot be drawn.
BARE = "<!doctype html><title>500 · Kring</title><h1>500</h1><p>Kring: {}"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Give the incident a number that stands in the log, and tell the reader only that."""
    incident = (logs.request_id.get() or public_id())[:6]
    _report(request, incident)
    try:
        page = render_to_string(
            "500.html", {"language": get_language(), "incident": incident}, request=None
        )
    except Exception:
        log.critical("incident %s: the error page itself cannot be drawn", incident)
        page = BARE.format(incident)
    response = HttpResponse(page, status=500)
    # Django would log the address and the words of the exception; both can hold content.
    response._has_been_logged = True
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that came without its proof: cookies are off, or the session had ended.

    What was typed is given back to copy, if the form was on one of our own pages; never sent on
    from here, since that would do for a stranger's page what the proof forbids.
    """
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    context = {
        "no_cookie": reason == REASON_NO_CSRF_COOKIE,
        "typed": typed_texts(request) if ours else [],
        "back": here(request),
    }
    return render(request, "403_csrf.html", context, status=403)


def _report(request: HttpRequest, incident: str) -> None:
    """Log where it broke: the route, the kind of exception, the lines of code. No content."""
    try:
        route = resolve(request.path_info).view_name or "?"
    except Exception:
        route = "?"
    kind, error, _ = sys.exc_info()
    name = kind.__name__ if kind else "?"
    log.error("incident %s: %s at %s\n  %s", incident, name, route, logs.where(error))
