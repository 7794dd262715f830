"""Sessions in PostgreSQL, under a print of their key: a stolen database opens none of them.

Kring serves no asynchronous views, so the asynchronous twins of these methods are never called.
"""

import hashlib

from django.contrib.sessions.backends import db
from django.utils import timezone

LENGTH = 40  # of the column; 160 bits of the print


class SessionStore(db.SessionStore):
    """Django's own, except that the row's key is a print of the key in the cookie."""

    def _get_session_from_db(self):
        try:
            return self.model.objects.get(
                session_key=_print(self.session_key), expire_date__gt=timezone.now()
            )
        except self.model.DoesNotExist:
            self._session_key = None

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


def _print(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:LENGTH]
