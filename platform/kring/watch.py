"""Looks at every request from outside: one log line each, one number each, counted for metrics.

The route stands for the address, and member or anonymous for the visitor.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from kring import logs, metrics
from kring.lib.ids import public_id

log = logging.getLogger(__name__)
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


def watched(get_response: Callable[[HttpRequest], HttpResponse]):
    """The outermost middleware. The number is the reply's too, so that a visitor can name it."""

    def reply(request: HttpRequest) -> HttpResponse:
        queries = _Queries()
        began = time.perf_counter()
        token = logs.request_id.set(public_id())
        try:
            with connection.execute_wrapper(queries):
                response = get_response(request)
            response.headers["X-Request-ID"] = logs.request_id.get()
            _tell(request, response, time.perf_counter() - began, queries.count)
        finally:
            logs.request_id.reset(token)
        return response

    return reply


class _Queries:
    """Counts what a request asks the database."""

    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


def route_of(request: HttpRequest) -> str:
    """Return the name of the address, the same for all who come by it; `-` when there is none."""
    if request.resolver_match:
        return request.resolver_match.view_name or "?"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "-"


def _tell(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    route = route_of(request)
    method = request.method if request.method in METHODS else "other"
    user = getattr(request, "_cached_user", None)
    measured = {
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "queries": queries,
        "size": _size(response),
        "visitor": "member" if user and user.is_authenticated else "anonymous",
    }
    log.info("answered", extra=measured)
    metrics.count(method, route, response.status_code, seconds)


def _size(response: HttpResponse) -> int | None:
    """Return the bytes of the body, as far as they are known before it is sent."""
    if length := response.headers.get("Content-Length"):
        return int(length)
    return None if response.streaming else len(response.content)
