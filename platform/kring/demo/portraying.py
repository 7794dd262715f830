"""The person behind the job, in the demo: what they say of themselves, and what was checked."""

from datetime import timedelta

from django.utils import timezone

from circles.models import Circle, Fact, Membership, Portrait
from kring.demo.admitting import ago
from members.models import Member


def draw(membership: Membership, told: dict | None) -> None:
    """What somebody says of themselves in this circle."""
    if told:
        said = {k: v for k, v in told.items() if k != "away_days"}
        days = told.get("away_days")
        away = timezone.localdate() + timedelta(days=days) if days else None
        of = {"circle_id": membership.circle_id, "membership": membership}
        Portrait.objects.create(**of, **said, away_until=away, changed_at=membership.since)


def look_at(circle: Circle, told: list[dict], people: dict[str, Member]) -> None:
    """Who somebody is, looked at when they came in; and their right to practise, within the year."""
    for person in told:
        if looked := person.get("checked"):
            membership = Membership.objects.get(circle=circle, member_id=people[person["key"]].pk)
            practised_at = ago(looked["days_ago"], hour=10)
            facts = {
                "circle": circle,
                "membership": membership,
                "by_id": people[looked["by"]].pk,
            }
            Fact.objects.create(**facts, fact="identity", how=looked["how"], at=membership.since)
            Fact.objects.create(**facts, fact="practice", source=looked["source"], at=practised_at)
            Membership.objects.filter(pk=membership.pk).update(verified_at=practised_at)
