"""Mailed links: derived by HMAC from (purpose, row, version), verified before any row is read."""

import base64
import hmac
import struct
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db import connection
from django.utils import timezone

from kring.lib.acting import acting_with
from members.models import Link

_SHAPE = struct.Struct(">qh")  # row id, version
_MAC_BYTES = 16


@cache
def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"kring.link." + purpose.encode(), "sha256")


def _mac(purpose: str, body: bytes) -> bytes:
    key = _key(settings.SECRET_KEY, purpose)
    return hmac.digest(key, body, "sha256")[:_MAC_BYTES]


def token(purpose: str, row_id: int, version: int = 1) -> str:
    """Return the opaque, unguessable text for an address: 35 characters, safe in a URL."""
    body = _SHAPE.pack(row_id, version)
    return base64.urlsafe_b64encode(body + _mac(purpose, body)).decode().rstrip("=")


def read(purpose: str, text: str) -> tuple[int, int] | None:
    """Return (row id, version) of a genuine token, or None. Reads no row."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    body, mac = raw[: _SHAPE.size], raw[_SHAPE.size :]
    if len(body) != _SHAPE.size or not hmac.compare_digest(mac, _mac(purpose, body)):
        return None
    return _SHAPE.unpack(body)


def draw(purpose: str, *, expires_at: datetime | None = None) -> Link:
    """Make a new link row and return it. The caller goes on as its holder, within acting_with."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('members_link_id_seq')")
        link_id = cursor.fetchone()[0]
    with acting_with(link_id):
        return Link.objects.create(id=link_id, purpose=purpose, expires_at=expires_at)


def token_of(link: Link, *, part: str = "") -> str:
    """Return the token that opens this link as it stands, or one part only of what it is for."""
    return token(f"{link.purpose} {part}".rstrip(), link.pk, link.version)


def alive(purpose: str, text: str, *, part: str = "") -> Link | None:
    """Return the link a token opens, or None for wrong, ended and expired alike.

    `part`: the token was signed for one part only of what the link is for.
    """
    found = read(f"{purpose} {part}".rstrip(), text)
    if found is None:
        return None
    with acting_with(found[0]):
        link = Link.objects.filter(pk=found[0], purpose=purpose, version=found[1]).first()
    return link if link is not None and link.is_alive else None


def mark_used(link: Link) -> None:
    """Remember the first use."""
    Link.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now())


def end(link: Link) -> None:
    """Kill every mailed copy of this link."""
    Link.objects.filter(pk=link.pk).update(version=link.version + 1, revoked_at=timezone.now())
