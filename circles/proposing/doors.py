"""The doors to a circle in the making: its lead, those who are asked to found it, nobody else."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.http import Http404
from django.shortcuts import get_object_or_404

from circles.models import Circle, Cofounder, Founding
from kring.lib.acting import acting_with
from members.models import Member


@dataclass(frozen=True)
class Founder:
    """Somebody who founds a circle, as the others know them."""

    public_id: str
    name: str
    title: str
    state: str
    is_lead: bool
    asked_at: datetime
    answered_at: datetime | None

    @property
    def agreed(self) -> bool:
        return self.state == Cofounder.State.AGREED


@dataclass(frozen=True)
class Companion:
    """Somebody in a circle of one's own."""

    member_id: int
    name: str
    title: str


def may_found(member: Member) -> bool:
    """Say whether one may begin a proposal: an active member of a circle, and no steward."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_may_found()")
        return cursor.fetchone()[0]


def no_steward(member: Member) -> Member:
    """A steward answers proposals, and writes none."""
    if member.is_steward:
        raise Http404
    return member


def own_founding(member: Member) -> Founding | None:
    """Hand over the proposal one is writing, or None."""
    return Founding.objects.filter(lead_id=member.pk, state=Founding.State.WRITING).first()


def founding_of(member: Member) -> Founding:
    """The same, or 404."""
    founding = own_founding(member)
    if founding is None:
        raise Http404
    return founding


def founders_of(founding: Founding) -> list[Founder]:
    """Hand over who founds it, the lead first: to all of them. Names, never an address."""
    with connection.cursor() as cursor:
        cursor.execute("select * from kring_founders(%s)", [founding.pk])
        return [Founder(*row) for row in cursor.fetchall()]


def cofounder_of(founding: Founding, cofounder_id: str) -> Cofounder:
    """Hand over somebody whom the lead asked, to the lead."""
    return get_object_or_404(Cofounder, founding=founding, public_id=cofounder_id)


def companions_of(member: Member) -> list[Companion]:
    """Hand over whom one may ask by name: active members of one's circles, at most 300."""
    with connection.cursor() as cursor:
        cursor.execute("select * from kring_companions()")
        return [Companion(*row) for row in cursor.fetchall()]


def asked_by_link(link_id: int) -> Cofounder | None:
    """Hand over to the holder of a mailed link what they are asked, or None."""
    with acting_with(link_id):
        asked = Cofounder.objects.select_related("link").filter(link_id=link_id).first()
        if asked is None or not asked.link.is_alive or not asked.address:
            return None
        return _with_founding(asked)


def asked_of(member: Member) -> list[Cofounder]:
    """Hand over what one is asked by name now, the oldest first."""
    rows = Cofounder.objects.filter(
        member_id=member.pk, is_chosen=True, state=Cofounder.State.ASKED
    )
    found = (_with_founding(row) for row in rows.order_by("id"))
    return [row for row in found if row is not None and row.founding.is_open]


def asked_for(member: Member, asked_id: str) -> Cofounder:
    """Hand over one of them, also when it was answered."""
    row = get_object_or_404(Cofounder, member_id=member.pk, is_chosen=True, public_id=asked_id)
    found = _with_founding(row)
    if found is None:
        raise Http404
    return found


def _with_founding(asked: Cofounder) -> Cofounder | None:
    """Add the proposal and its `founders`, as far as one may still see them."""
    asked.sees = Founding.objects.filter(pk=asked.founding_id).first()
    if asked.sees is None:
        asked.founders = []
        return asked if asked.answered_at else None
    asked.founding = asked.sees
    asked.founders = founders_of(asked.founding)
    return asked


def as_circle(founding: Founding) -> Circle:
    """The charter as it would be, to be drawn like any other; nothing is kept of it."""
    known = {field.name for field in Circle._meta.fields} - {"listed", "id"}
    made = Circle(**{name: value for name, value in founding.charter.items() if name in known})
    made.public_id = founding.public_id
    return made
