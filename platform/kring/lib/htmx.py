"""One URL serves the page and its part."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def page_or_part(
    request: HttpRequest, page: str, part: str, context: dict, status: int = 200
) -> HttpResponse:
    """Render the part for htmx, else the page that includes it."""
    whole = not request.htmx or request.htmx.history_restore_request
    response = render(request, page if whole else part, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response
