"""Sessions in PostgreSQL, under a print of their key and sealed: a stolen database opens none of
them, and tells nothing of what they carry (a form that waits, a factor that is being set up).

Kring serves no asynchronous views, so the asynchronous twins of these methods are never called.
"""

import hashlib
import json
from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from kring.lib.kept import kept
from members import encryption
from members.models import Browser
from members.restored import when_restored

LENGTH = 40  # of the column; 160 bits of the print
PURPOSE = "session"


class SessionStore(db.SessionStore):
    """Django's own, except that the row's key is a print of the key in the cookie, and its data
    are sealed. The browser it belongs to follows it to a new key."""

    @property
    def row_key(self) -> str | None:
        """The key of the row, by which a browser is tied to its session."""
        return _print(self.session_key) if self.session_key else None

    def encode(self, session_dict: dict) -> str:
        return encryption.seal(PURPOSE, json.dumps(session_dict, separators=(",", ":")))

    def decode(self, session_data: str) -> dict:
        try:
            return json.loads(encryption.unseal(PURPOSE, session_data))
        except encryption.InvalidToken:  # sealed under a key that is gone: sign in again
            return {}

    def cycle_key(self) -> None:
        data, old = self._session, self.row_key
        old_key = self.session_key
        self.create()
        self._session_cache = data
        if old:
            Browser.objects.filter(session_id=old).update(session_id=self.row_key)
            self.delete(old_key)

    def _get_session_from_db(self):
        row = _session.first(_print(self.session_key), timezone.now())
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(_print(session_key))

    def create_model_instance(self, data: dict):
        row = super().create_model_instance(data)
        row.session_key = _print(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(_print(key))


@kept
def _session(key: str, now: datetime):
    return Session.objects.filter(session_key=key, expire_date__gt=now)


def _print(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:LENGTH]


@when_restored
def end_all() -> str:
    """No session goes on after a restore; the browsers stay known, and sign in anew."""
    SessionStore.get_model_class().objects.all().delete()
    return ""
