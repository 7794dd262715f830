"""'Never write to me again': said with one click by somebody without an account, kept for ever.

Only a keyed hash of the address is kept, and the link in a mail carries that hash, signed: it works
for as long as the mail lies there, also when every row about its reader is gone. Kinds of letters
that are `unasked` (invitations, requests to a referee) are held back by the hand-over itself.
"""

import base64
import hashlib
import hmac
import re

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from members import audit, erasing
from members.models import Silence

_MAC_BYTES = 16
_PLUS = re.compile(r"[+][^@]*@")


def plain(address: str) -> str:
    """The address as one mailbox: small letters, without what stands after a plus. The same as
    kring_plain() in the database."""
    return _PLUS.sub("@", address.strip().lower())


def key_of(address: str) -> str:
    """Return the keyed hash by which an address is known again: 43 characters."""
    return _text(hmac.digest(_secret(b"address"), plain(address).encode(), "sha256"))


def is_asked(address: str) -> bool:
    """Say whether whoever reads this address asked never to be written to unasked."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_silent(%s)", [key_of(address)])
        return cursor.fetchone()[0]


def url_for(address: str) -> str:
    """Return where its reader says 'never again': the whole address of the page, for a mail."""
    raw = _raw(key_of(address))
    return settings.URL + reverse("silence_page", args=[_text(raw + _mac(raw))])


def headers_for(address: str) -> dict[str, str]:
    """The headers with which a mail program offers the same in one click (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{url_for(address)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def key_in(token: str) -> str | None:
    """Return the hash a genuine token carries, or None. Reads no row."""
    try:
        raw = _raw(token)
    except ValueError:
        return None
    key, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(key) != hashlib.sha256().digest_size or not hmac.compare_digest(mac, _mac(key)):
        return None
    return _text(key)


@transaction.atomic
def ask(key: str) -> None:
    """Never write to this address unasked again. Twice is once; open invitations end with it."""
    Silence.objects.bulk_create([Silence(address_key=key)], ignore_conflicts=True)
    audit.record("silence.asked", by=None)


@erasing.erasure("silence")
def promise_again(line: erasing.Line) -> bool:
    """Keep a promise that was made after a backup."""
    if not line.key or Silence.objects.filter(address_key=line.key).exists():
        return False
    Silence.objects.create(address_key=line.key)
    return True


def _secret(purpose: bytes) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"kring.silence." + purpose, "sha256")


def _mac(raw: bytes) -> bytes:
    return hmac.digest(_secret(b"link"), raw, "sha256")[:_MAC_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
