"""What every page shows whatever its subject: theme, the other language, the way back.

A context processor that makes no query, since error pages use it too.
"""

from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

THEMES = ("auto", "light", "dark")


def face(request: HttpRequest) -> dict:
    """Return theme, other_language (code and name), here and demo for the templates."""
    return {
        "csrf_input": SimpleLazyObject(
            partial(csrf_input, request)
        ),  # one for all forms of a page
        "theme": theme_of(request),
        "other_language": other_language(),
        "here": here(request),
        "demo": settings.DEMO,
    }


def theme_of(request: HttpRequest) -> str:
    """Read the chosen theme from its cookie; anything unknown is left to the system."""
    chosen = request.COOKIES.get("theme")
    return chosen if chosen in THEMES else "auto"


def other_language() -> dict[str, str]:
    """Return the language this page is not in."""
    now = (get_language() or settings.LANGUAGE_CODE)[:2]
    return next({"code": code, "name": name} for code, name in settings.LANGUAGES if code != now)


def here(request: HttpRequest) -> str:
    """Return the address that shows this page again; after a post, the page of the form."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    if came_from.netloc != request.META.get("HTTP_HOST"):
        return "/"
    path = "/" + came_from.path.lstrip("/\\")  # two slashes would name another host
    return came_from._replace(scheme="", netloc="", path=path).geturl()
