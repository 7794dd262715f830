"""The way back to the page whose form was sent, or on to where one wanted to go: only ever a page
of ours."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_of_ours(request: HttpRequest, address: str) -> str:
    """The address when it is one of a page here; nothing otherwise. A bare word is none: redirect()
    would take it for the name of a view."""
    ours = address.startswith(("/", f"{request.scheme}://")) and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else ""


def way_back(request: HttpRequest) -> str:
    """The page that was being read, when it is one of ours; the front door otherwise."""
    return page_of_ours(request, request.POST.get("next", "")) or "/"
