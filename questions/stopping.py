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

AGAIN, MINE = "again", "mine"
DIGEST_WISHES = (DigestPlan.Every.WEEK, DigestPlan.Every.MONTH, MINE)
MOST_PARTS = 50  # circles of one member whose digests can be stopped by a link of their own
What = Kind | int  # a kind of letter at once; the digest of one circle; 0: all of the digest


@dataclass(frozen=True)
class Held:
    """A link in somebody's hands, and what it stops: a kind of letter, the digest of one circle
    (by its number among the parts of the plan), or with neither the whole digest."""

    link: Link
    kind: Kind | None = None
    part: int | None = None

    @property
    def is_whole_digest(self) -> bool:
        return self.kind is None and self.part is None


def url_for(plan: DigestPlan, what: What = 0) -> str:
    """Return the address where mail of this kind is stopped with one button."""
    return settings.URL + reverse("unsubscribe_page", args=[_token(plan, what)])


def headers_for(plan: DigestPlan, what: What = 0) -> dict[str, str]:
    """Return the headers by which a mail program sorts and stops this kind (RFC 2919, RFC 8058)."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mailto = f"mailto:{address}?subject=unsubscribe%20{_token(plan, what)}"
    name = what.name.replace("_", " ") if isinstance(what, Kind) else "weekly digest"
    return {
        "List-Unsubscribe": f"<{url_for(plan, what)}>, <{mailto}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"Kring {name} <{name.replace(' ', '-')}.{settings.MAIL_DOMAIN}>",
    }


def held(token: str) -> Held | None:
    """Return the link a token opens and what it stops; None for wrong and ended alike."""
    for part, what in _PARTS.items():
        link = links.alive(planning.LINK, token, part=part)
        if link is not None:
            return Held(link, **what)
    return None


def choose(held: Held, wish: str) -> str:
    """Stop what the link stops, unless `wish` is one of the gentler choices; return what holds now:
    '' stopped, 'again', 'mine', or a rhythm of the digest."""
    if held.kind is not None:
        wish = wish if wish == AGAIN else ""
        wishes_at_once.switch_by_link(held.link, held.kind, on=wish == AGAIN)
    elif held.part is not None:
        wish = wish if wish == AGAIN else ""
        wishes_of_digest.leave_out_by_link(held.link, held.part, out=wish != AGAIN)
    else:
        wish = wish if wish in DIGEST_WISHES else ""
        wishes_of_digest.choose_by_link(held.link, wish or DigestPlan.Every.NEVER)
    return wish


# What a link may be signed for.
_PARTS = {
    "": {},
    **{kind.name: {"kind": kind} for kind in KINDS.values()},
    **{f"circle {number}": {"part": number} for number in range(MOST_PARTS)},
}


def _token(plan: DigestPlan, what: What) -> str:
    if isinstance(what, Kind):
        return links.token_of(plan.link, part=what.name)
    if what in plan.parts[:MOST_PARTS]:
        return links.token_of(plan.link, part=f"circle {plan.parts.index(what)}")
    return links.token_of(plan.link)
