"""What is read at all: text in UTF-8.

Other charsets, such as UTF-7, write halves of characters that no database and no page can hold.
"""

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


def only_utf8(get_response: Callable[[HttpRequest], HttpResponse]):
    """Refuse a request that says its text is in another charset, before anything reads it."""

    def reply(request: HttpRequest) -> HttpResponse:
        if not _is_utf8(request.content_params.get("charset", "utf-8")):
            raise BadRequest("text in another charset")
        return get_response(request)

    return reply


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset.strip("\"'")).name == "utf-8"
    except (LookupError, ValueError):
        return False
