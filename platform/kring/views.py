"""Choices that belong to no house: the language and the theme of the pages."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from kring.context import THEMES
from kring.lib.back import way_back
from members import accounts

YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def language_choose(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(way_back(request))
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            accounts.choose_language(request.user, language)
    return response


@login_not_required
@require_POST
def theme_choose(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(way_back(request))
    theme = request.POST.get("theme")
    if theme in THEMES:
        _remember(response, "theme", theme)
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
