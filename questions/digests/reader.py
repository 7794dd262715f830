"""For whom a digest is made: what they may read, write and vet at this moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from circles.models import Circle, Membership
from kring.lib.kept import kept
from members.models import Member
from questions.at_once.told import AtOnce
from questions.digests.ceilings import ceiling_of, is_left_out
from questions.digests.items import micros
from questions.models import DigestPlan


@dataclass(frozen=True)
class Reader:
    """One member with the memberships that count now, by circle, and what they want of them."""

    member: Member
    memberships: dict[int, Membership]
    now: datetime
    plan: DigestPlan | None = None
    scope: int = 0  # the one circle this digest is about; 0: all of them
    is_member: bool = True  # of anything, wanted in the digest or not

    @classmethod
    def of(cls, member: Member, plan: DigestPlan | None = None, scope: int = 0) -> "Reader":
        """Read the memberships of this moment: all, or those that the digest of this plan and
        scope is about. The caller acts as this member, or as the house."""
        rows = _memberships(member.pk)
        wanted = {
            row.circle_id: row
            for row in rows
            if scope in (0, row.circle_id) and not is_left_out(row.circle_id, plan)
        }
        return cls(member, wanted, timezone.now(), plan, scope, bool(rows))

    @property
    def why_nothing(self) -> str:
        """Say why no digest is for them now; '' when one is."""
        if self.memberships:
            return ""
        left_out = is_left_out(self.scope, self.plan) if self.scope else self.is_member
        return "unsubscribed" if left_out else "not_member"

    @property
    def only_mine(self) -> bool:
        return self.plan is not None and self.plan.only_mine

    def ceiling_of(self, circle: Circle) -> str:
        """Say how much of a question a mail to this reader may show."""
        return ceiling_of(circle, self.plan)

    @property
    def member_id(self) -> int:
        return self.member.pk

    @cached_property
    def told_at_once(self) -> AtOnce:
        """What letters said already. Acts as the reader."""
        return AtOnce.to(self.member_id)

    @property
    def first_name(self) -> str:
        """How colleagues call them. Only who is in a circle is asked for."""
        return next(iter(self.memberships.values())).member.first_name

    @property
    def reads(self) -> list[int]:
        return list(self.memberships)

    @property
    def writes(self) -> list[int]:
        return [circle_id for circle_id, row in self.memberships.items() if row.writes]

    @property
    def vets(self) -> list[int]:
        return [circle_id for circle_id, row in self.memberships.items() if row.vets]

    def circle(self, circle_id: int) -> Circle:
        return self.memberships[circle_id].circle

    @cached_property
    def since(self) -> dict[int, int]:
        """From when they are in each circle, as items keep moments."""
        return {circle_id: micros(row.since) for circle_id, row in self.memberships.items()}

    def has_joined_before(self, circle_id: int, moment: int) -> bool:
        """Whether this happened while they were in the circle."""
        return circle_id in self.memberships and moment >= self.since[circle_id]


@kept
def _memberships(member_id: int):
    rows = Membership.objects.living().unlocked().filter(member_id=member_id)
    rows = rows.select_related("circle", "member").order_by("circle_id")
    return rows.only(*_OF_MEMBERSHIP)


_OF_MEMBERSHIP = (
    *("circle_id", "member_id", "role", "state", "since", "member__name"),
    *("circle__" + name for name in ("public_id", "name", "language", "sensitivity")),
    *("circle__" + name for name in ("mail_alias", "mail_ceiling")),
)
