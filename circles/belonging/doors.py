"""The doors of belonging: one's own membership, in whatever state it is, and the people an admin
looks after. Reads; 404 for whoever may not know."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from circles import access
from circles.models import Endorsement, Fact, Membership, Reference, Sanction
from members import links
from members.models import Member

PERSON = "person"  # what the name in an address is signed for
ENDED_SHOWN = timedelta(days=90)
S = Membership.State


def own_membership(member: Member, own_id: str) -> Membership:
    """Hand over one's own membership of a circle, also when it gives no right any more."""
    rows = Membership.objects.select_related("circle").filter(circle__confirmed_at__isnull=False)
    return get_object_or_404(rows, member_id=member.pk, circle__public_id=own_id)


def memberships_aside(member: Member) -> list[Membership]:
    """Hand over the memberships that open nothing: paused, suspended, or ended a while ago."""
    rows = Membership.objects.select_related("circle").filter(
        member_id=member.pk, circle__confirmed_at__isnull=False
    )
    rows = rows.exclude(state__in=Membership.READS).order_by("circle__name", "id")
    since = timezone.now() - ENDED_SHOWN
    return [row for row in rows[: access.MOST_LISTED] if not row.is_ended or row.ended_at > since]


def people_for(member: Member, circle_id: str) -> tuple[Membership, list[Membership]]:
    """Hand over the people of a circle to an admin, by name, each with `waits`: its suspension
    waits for a second admin, who may not be the first."""
    membership = access.administering(member, circle_id)
    waiting = Sanction.objects.open().filter(circle_id=membership.circle_id, second_at=None)
    whose = dict(waiting.values_list("membership_id", "by_id"))
    people = access.people_of(membership)
    for person in people:
        person.circle = membership.circle
        person.waits = person.pk in whose and whose[person.pk] != member.pk
    return membership, people


def person_for(member: Member, circle_id: str, person_id: str) -> tuple[Membership, Membership]:
    """Hand over to an admin their own membership and that of somebody in the circle."""
    membership = access.administering(member, circle_id)
    named = links.read(PERSON, person_id)
    if named is None:
        raise Http404
    rows = Membership.objects.seated().select_related("member")
    person = get_object_or_404(rows, circle_id=membership.circle_id, pk=named[0])
    person.circle = membership.circle
    return membership, person


def other_for(member: Member, circle_id: str, person_id: str) -> tuple[Membership, Membership]:
    """The same, of somebody else: nobody acts on themselves."""
    membership, person = person_for(member, circle_id, person_id)
    if person.member_id == member.pk:
        raise Http404
    return membership, person


def name_in_address(person: Membership) -> str:
    return links.token(PERSON, person.pk)


def suspension_of(membership: Membership) -> Sanction | None:
    """Hand over the suspension that holds, to its member and to admins. Without the admins' names:
    a join over people its member sees no more would leave it out."""
    rows = Sanction.objects.open()
    return rows.filter(circle_id=membership.circle_id, membership_id=membership.pk).first()


def removal_of(membership: Membership) -> Sanction | None:
    """Hand over why a membership was ended, to its member."""
    rows = Sanction.objects.filter(
        circle_id=membership.circle_id,
        membership_id=membership.pk,
        kind=Sanction.Kind.REMOVAL,
    )
    return rows.order_by("-id").first()


def facts_of(membership: Membership) -> dict[str, Fact]:
    """Hand over the latest word on each of the two facts, to its member and to who vets."""
    rows = Fact.objects.filter(circle_id=membership.circle_id, membership_id=membership.pk)
    found = {}
    for row in rows.select_related("by").order_by("-id")[:40]:
        found.setdefault(row.fact, row)
    return found


def vouchers_of(membership: Membership) -> list[str]:
    """Hand over to an admin who vouched for a member when they were admitted, by name: an
    invitation with words, or a referee of the circle. Remembered for ever."""
    of_it = {
        "circle_id": membership.circle_id,
        "application__member_id": membership.member_id,
    }
    invited = Endorsement.objects.filter(**of_it, withdrawn_at=None)
    vouched = Reference.objects.filter(**of_it, vouches=True, member_id__isnull=False)
    names = {
        *invited.values_list("by__name", flat=True)[:20],
        *vouched.values_list("member__name", flat=True)[:20],
    }
    return sorted(names)


def vouched_by(membership: Membership) -> list[tuple[str, str]]:
    """Hand over to an admin for whom a member vouched, and what became of them in the circle."""
    of_them = {"circle_id": membership.circle_id}
    invited = Endorsement.objects.filter(
        **of_them, by_id=membership.member_id, withdrawn_at=None
    ).values_list("application__member_id", flat=True)
    vouched = Reference.objects.filter(
        **of_them, member_id=membership.member_id, vouches=True
    ).values_list("application__member_id", flat=True)
    ids = {member_id for member_id in (*invited[:100], *vouched[:100]) if member_id}
    rows = Membership.objects.select_related("member").filter(**of_them, member_id__in=ids)
    return [(row.member.name, row.get_state_display()) for row in rows.order_by("member__name")]
