"""Stopping mail with the link at its foot: no sign-in, one press, and only mail of that kind.

One link row a member; each kind of mail has a token of its own, signed for that kind. It does not
expire while the account exists. What is about access, security and decisions has no such link.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse

from members import links
from members.models import Link
from questions.at_once import wishes as wishes_at_once
from questions.at_once.kinds import KINDS, Kind
from questions.digests import planning
from questions.digests import wishes as wishes_of_digest
from questions.models import DigestPlan

LESS_OFTEN = (DigestPlan.Every.WEEK, DigestPlan.Every.MONTH)
AGAIN = "again"


@dataclass(frozen=True)
class Held:
    """A link in somebody's hands, and which letters it stops; None: the digest."""

    link: Link
    kind: Kind | None


def url_for(plan: DigestPlan, kind: Kind | None = None) -> str:
    """Return the address where mail of this kind (None: the digest) is stopped with one button."""
    return settings.URL + reverse("unsubscribe_page", args=[_token(plan, kind)])


def headers_for(plan: DigestPlan, kind: Kind | None = None) -> dict[str, str]:
    """Return the headers by which a mail program sorts and stops this kind (RFC 2919, RFC 8058)."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mailto = f"mailto:{address}?subject=unsubscribe%20{_token(plan, kind)}"
    name = kind.name.replace("_", " ") if kind else "weekly digest"
    return {
        "List-Unsubscribe": f"<{url_for(plan, kind)}>, <{mailto}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"Kring {name} <{name.replace(' ', '-')}.{settings.MAIL_DOMAIN}>",
    }


def held(token: str) -> Held | None:
    """Return the link a token opens and what it stops; None for wrong and ended alike."""
    for kind in (None, *KINDS.values()):
        link = links.alive(planning.LINK, token, part=kind.name if kind else "")
        if link is not None:
            return Held(link, kind)
    return None


def choose(held: Held, wish: str) -> str:
    """Stop what the link stops, unless `wish` is one of the gentler choices; return what holds now:
    '' stopped, 'again', or a rhythm of the digest."""
    if held.kind is None:
        wish = wish if wish in LESS_OFTEN else ""
        wishes_of_digest.choose_by_link(held.link, wish or DigestPlan.Every.NEVER)
        return wish
    wish = wish if wish == AGAIN else ""
    wishes_at_once.switch_by_link(held.link, held.kind, on=wish == AGAIN)
    return wish


def _token(plan: DigestPlan, kind: Kind | None) -> str:
    return links.token_of(plan.link, part=kind.name if kind else "")
