"""How often a stranger may ask, and a member try: counted in the cache of PostgreSQL.

Beyond the limit the answer to a stranger stays the same, but nothing is mailed any more; beyond
that of the sender nothing is kept either.
"""

import hashlib
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from members.models import Member

DAY = 24 * 3600
PER_ADDRESS, PER_SENDER, PER_INVITER = 5, 60, 30  # a day


def may_ask(request: HttpRequest) -> bool:
    """Count one request of this sender; False once it had enough today."""
    return _count("sender", get_adapter(request).get_client_ip(request), PER_SENDER)


def may_reach(email: str) -> bool:
    """Count one letter to this address; False once it had enough today."""
    return _count("address", email.lower(), PER_ADDRESS)


def may_mail(request: HttpRequest, email: str) -> bool:
    """Count one request for a letter; False once this sender or this address had enough today.

    Beyond the sender's limit no address is counted, so nobody uses up that of another.
    """
    return may_ask(request) and may_reach(email)


def may_try_inviting(member: Member) -> bool:
    """Count one address this member tried to invite; False once they had enough today."""
    return _count("inviter", str(member.pk), PER_INVITER)


def _count(kind: str, who: str, most: int) -> bool:
    known = hashlib.sha256(who.encode()).hexdigest()[:24]
    key = f"mail:{kind}:{known}:{int(time.time()) // DAY}"
    cache.add(key, 0, DAY)
    try:
        return cache.incr(key) <= most
    except ValueError:  # it was culled in between
        return True
