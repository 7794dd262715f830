"""For whom a digest is made: what they may read, write and vet at this moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from circles.models import Circle, Membership
from kring.lib.kept import kept
from members.models import Member
from questions.at_once.told import AtOnce
from questions.digests.items import micros


@dataclass(frozen=True)
class Reader:
    """One member with the memberships that count now, by circle."""

    member: Member
    memberships: dict[int, Membership]
    now: datetime

    @classmethod
    def of(cls, member: Member) -> "Reader":
        """Read the memberships of this moment. The caller acts as this member, or as the house."""
        rows = _memberships(member.pk)
        return cls(member, {row.circle_id: row for row in rows}, timezone.now())

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
    rows = Membership.objects.reading().unlocked().filter(member_id=member_id)
    rows = rows.select_related("circle", "member").order_by("circle_id")
    return rows.only(*_OF_MEMBERSHIP)


_OF_MEMBERSHIP = (
    *("circle_id", "member_id", "role", "state", "since", "member__name"),
    *("circle__" + name for name in ("public_id", "name", "language", "sensitivity")),
    *("circle__" + name for name in ("mail_alias", "mail_ceiling")),
)
