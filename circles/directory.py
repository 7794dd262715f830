"""The directory of a circle: who is in it now, by name, and the person behind each. Reads; there is
no ranking, and nothing of anybody who is not in the circle."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from circles import access
from circles.belonging.doors import PERSON, name_in_address
from circles.models import Confirmation, Membership, Portrait
from kring.lib.kept import kept
from kring.lib.keyset import Page
from members import links
from members.models import Member

SIZE = 20
MOST_WORDS = 6


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at: identity, practice or vouched; how, and when."""

    fact: str
    how: str
    at: datetime

    @property
    def how_in_words(self) -> str:
        return Confirmation.How(self.how).label if self.how else ""


def member_for(member: Member, circle_id: str, person_id: str) -> tuple[Membership, Membership]:
    """Hand over one's own membership and that of somebody who is in the circle now."""
    membership = access.circle_for(member, circle_id)
    named = links.read(PERSON, person_id)
    if named is None:
        raise Http404
    rows = _people(membership.circle_id)
    return membership, get_object_or_404(rows, pk=named[0])


def page_of(
    membership: Membership, asked: QueryDict, *, words: str, field: str, has_room: bool
) -> Page:
    """One page of the people of a circle, by name; `asked` is the request's GET."""
    plain = not (words or field or has_room or "after" in asked or "before" in asked)
    if plain:
        return _page(_first(membership.circle_id), asked)
    rows = _people(membership.circle_id)
    for word in words.split()[:MOST_WORDS]:
        rows = rows.filter(_says(word))
    if field:
        rows = rows.filter(portrait__expertise__contains=[field])
    if has_room:
        today = timezone.localdate()
        away = Q(portrait__away_until__gte=today) | Q(state=Membership.State.PAUSED)
        rows = rows.filter(portrait__welcomes__gt=0).exclude(away)
    return _cut(rows, membership, asked)


@kept
def _first(circle_id: int):
    return _people(circle_id).order_by("by_name", "pk")[: SIZE + 1]


def _people(circle_id: int) -> QuerySet[Membership]:
    rows = Membership.objects.listed().filter(circle_id=circle_id)
    rows = rows.select_related("member", "portrait")
    return rows.annotate(
        by_name=Lower("member__name"), fields_said=Cast("portrait__expertise", TextField())
    )


def _says(word: str) -> Q:
    said = Q()
    for place in ("member__name", "member__title", "fields_said", "portrait__brings"):
        said |= Q(**{f"{place}__icontains": word})
    return said


def _cut(rows: QuerySet[Membership], membership: Membership, asked: QueryDict) -> Page:
    """By name and id; the key is the address of a person, so that no name stands in an address."""
    after, before = _key(membership, asked.get("after")), _key(membership, asked.get("before"))
    backwards = before is not None and after is None
    if key := after or before:
        way = "lt" if backwards else "gt"
        rows = rows.filter(
            Q(**{f"by_name__{way}": key.by_name})
            | Q(**{"by_name": key.by_name, f"pk__{way}": key.pk})
        )
    order = ("-by_name", "-pk") if backwards else ("by_name", "pk")
    found = list(rows.order_by(*order)[: SIZE + 1])
    return _page(found, asked, key=key, backwards=backwards)


def _page(found: list, asked: QueryDict, *, key=None, backwards: bool = False) -> Page:
    more, page = len(found) > SIZE, found[:SIZE]
    if backwards:
        page.reverse()
    further, back = (True, more) if backwards else (more, key is not None)
    return Page(
        rows=page,
        older_url=_url(asked, "after", page[-1]) if page and further else None,
        newer_url=_url(asked, "before", page[0]) if page and back else None,
    )


def _key(membership: Membership, text: str | None) -> Membership | None:
    """The person a page begins after; one that cannot be read gives the first page."""
    named = links.read(PERSON, text or "")
    rows = Membership.objects.filter(circle_id=membership.circle_id, pk=named and named[0])
    return rows.annotate(by_name=Lower("member__name")).first() if named else None


def _url(asked: QueryDict, way: str, person: Membership) -> str:
    kept = asked.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    kept[way] = name_in_address(person)
    return f"?{kept.urlencode()}"


def fields_in(membership: Membership) -> list[str]:
    """Hand over the fields that people of a circle name, in the order of the alphabet."""
    rows = Portrait.objects.filter(circle_id=membership.circle_id)
    rows = rows.filter(membership__state__in=Membership.LISTED)
    said = rows.annotate(field=Func(F("expertise"), function="unnest"))
    return sorted(set(said.values_list("field", flat=True)), key=str.casefold)


def checks_of(person: Membership) -> dict[str, Checked]:
    """Hand over to a colleague what was looked at about somebody, by its name. Who did, and what
    they wrote, is for those who vet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select fact, how, at from kring_checked(%s, %s)", [person.circle_id, person.member_id]
        )
        return {row[0]: Checked(*row) for row in cursor.fetchall()}
