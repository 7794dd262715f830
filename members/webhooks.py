"""What the mail provider tells of our letters. Who tells it is proven first, by anymail: with the
secret of the address, and with the provider's own signature where it signs.
"""

import hashlib
import logging
import time
from collections.abc import Iterable

from allauth.account.adapter import get_adapter
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.http import HttpRequest
from django.urls import resolve

from kring.lib.forms import storable
from members import bounces, replies

log = logging.getLogger(__name__)
LARGEST = 1024 * 1024  # bytes; providers send some hundred news at once
HOUR, MOST_WRONG = 3600, 20
# What a body that is no provider's makes of anymail's readers.
_UNREADABLE = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AnymailError,
    ImproperlyConfigured,
    RecursionError,
)


def provider() -> str:
    """Name the provider that is heard, or '' where mail goes by SMTP or no secret is set."""
    return settings.MAIL_PROVIDER if settings.ANYMAIL.get("WEBHOOK_SECRET") else ""


def is_worn_out(request: HttpRequest) -> bool:
    """Whether this sender came without proof too often within the hour."""
    return cache.get(_key(request), 0) >= MOST_WRONG


def hear(request: HttpRequest) -> None:
    """Write down what the provider tells. Twice is once; letters of others are passed over.

    Raises SuspiciousOperation or BadRequest, both 400, for whoever is not the provider and for
    what cannot be read.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise BadRequest("too large")
    events = _proven(request)
    known = sum(_hear(event) for event in events)
    log.info("%s told %s things, %s of our letters", provider(), len(events), known)


def _proven(request: HttpRequest) -> list[AnymailTrackingEvent]:
    view = resolve(f"/{provider()}/tracking/", urlconf="anymail.urls").func.view_class()
    view.setup(request)
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        _count_wrong(request)
        raise
    except _UNREADABLE as error:
        _count_wrong(request)
        raise BadRequest("not signed") from error
    try:
        return list(_wanted(view.parse_events(request)))
    except _UNREADABLE as error:
        raise BadRequest("not a provider's news") from error


def _wanted(events: Iterable) -> Iterable[AnymailTrackingEvent]:
    for event in events:
        known, reader = event.message_id, event.recipient or ""
        if known and isinstance(known, str) and isinstance(reader, str):
            event.message_id, event.recipient = storable(known), storable(reader)
            yield event


def _hear(event: AnymailTrackingEvent) -> bool:
    fate = replies.fate_told(event)
    return bool(fate) and bounces.hear(event.message_id, event.recipient, fate)


def _key(request: HttpRequest) -> str:
    sender = get_adapter(request).get_client_ip(request) or ""
    known = hashlib.sha256(sender.encode()).hexdigest()[:24]
    return f"webhook:{known}:{int(time.time()) // HOUR}"


def _count_wrong(request: HttpRequest) -> None:
    cache.add(_key(request), 0, HOUR)
    try:
        cache.incr(_key(request))
    except ValueError:
        return  # it was culled in between
