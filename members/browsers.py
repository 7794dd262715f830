"""Where one is signed in: the browsers an account knows, and signing out there.

Kept are a print of a random token that the browser holds, what it calls itself, and when somebody
last signed in. No address on the network: it would tell where a member is, and the list is read
as well without. When a session was last used follows from its end; the hour is near enough.
"""

import hashlib
import secrets
from datetime import timedelta
from time import time

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from kring.lib.acting import acting_as
from members import account_letters, audit, letters
from members.models import Browser, Member
from members.sessions import SessionStore

MOST_LISTED = 50
HOUR = 3600
SEEN = "seen"  # the entry in the session
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def new_token() -> str:
    """Return what a browser holds to be known again."""
    return secrets.token_urlsafe(16)


@transaction.atomic
def come_in(member: Member, session: SessionStore, *, token: str, agent: str) -> None:
    """Tie a session to the browser in which somebody just signed in; one browser, one session.

    A browser that this account did not know is told in a letter, except the very first.
    """
    if session.session_key is None:
        session.create()
    with acting_as(member.pk):
        known = Browser.objects.filter(member_id=member.pk)
        is_first = not known.exists()
        browser, system = words_of(agent)
        row, is_new = known.get_or_create(
            print=_print(member, token),
            defaults={"member": member, "browser": browser, "system": system},
        )
        if row.session_id not in (None, session.row_key):
            _end(known.filter(pk=row.pk))
        known.filter(session_id=session.row_key).exclude(pk=row.pk).update(session=None)
        known.filter(pk=row.pk).update(
            session_id=session.row_key, browser=browser, system=system, used_at=timezone.now()
        )
        if is_new and not is_first:
            audit.record(
                "browser.new", by=member, about=member.pk, subject="browser", subject_id=row.pk
            )
            letters.post(account_letters.NEW_BROWSER, member=member, subject_id=row.pk)
    note_seen(session)


def note_seen(session: SessionStore) -> None:
    """Remember, at most once an hour, that a session is in use: its end moves, and tells when."""
    if time() - session.get(SEEN, 0) > HOUR:
        session[SEEN] = int(time())


def signed_in(member: Member, session: SessionStore) -> list[Browser]:
    """Hand over where this member is signed in: here first, then the latest used."""
    rows = list(Browser.objects.signed_in().filter(member_id=member.pk)[:MOST_LISTED])
    for row in rows:
        row.is_here = row.session_id == session.row_key
        row.seen_at = row.until - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return sorted(rows, key=lambda row: (row.is_here, row.until), reverse=True)


@transaction.atomic
def sign_out(browser: Browser, *, by: Member) -> None:
    """End the session in one browser of one's own, if there still is one."""
    if _end(Browser.objects.filter(pk=browser.pk, member_id=by.pk)):
        audit.record("session.ended", by=by, about=by.pk, subject="browser", subject_id=browser.pk)


@transaction.atomic
def sign_out_elsewhere(*, by: Member, session: SessionStore) -> None:
    """End every session of this member but this one, also one that starts at this moment.

    The round is part of what each session carries; this one goes on under a new key.
    """
    forget_elsewhere(by, session)
    _next_round(by)
    session[HASH_SESSION_KEY] = by.get_session_auth_hash()
    session.cycle_key()
    audit.record("session.ended_elsewhere", by=by, about=by.pk)


def end_all(member: Member) -> None:
    """End every session of a member."""
    _end(Browser.objects.filter(member_id=member.pk))
    _next_round(member)


def forget_elsewhere(member: Member, session: SessionStore) -> None:
    """Remove the rows of sessions that ended with a password."""
    _end(Browser.objects.filter(member_id=member.pk).exclude(session_id=session.row_key))


def forget_unused() -> int:
    """Forget browsers that nobody used for more than a year; return how many. As the house."""
    return Browser.objects.forgotten().delete()[0]


def words_of(agent: str) -> tuple[str, str]:
    """Name the browser and the system that a User-Agent claims to be; '' for what we do not know."""
    return tuple(
        next((name for mark, name in known.items() if mark in agent), "")
        for known in (BROWSERS, SYSTEMS)
    )


def _next_round(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(session_round=F("session_round") + 1)
    member.refresh_from_db(fields=["session_round"])


def _end(browsers: QuerySet[Browser]) -> int:
    keys = list(browsers.exclude(session=None).values_list("session_id", flat=True))
    return Session.objects.filter(pk__in=keys).delete()[0] if keys else 0


def _print(member: Member, token: str) -> str:
    # With the member in it, two accounts in one browser cannot be told to be one person's.
    return hashlib.sha256(f"{member.pk}:{token}".encode()).hexdigest()
