"""More circles for the guide of the demo: their charter, their seats, and how long they take to
decide. Nobody signs in there."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils.text import slugify

from circles.models import Application, Circle, Membership, Step
from kring.demo.admitting import ago
from members import links
from members.models import Member, Profile


def fill_guide(told: list[dict]) -> None:
    """Make these circles, and the decisions their guide entry measures: erased since."""
    for row in told:
        sensitive = row["circle"]["sensitivity"] == "sensitive"
        circle = Circle.objects.create(
            founded_at=ago(500),
            confirmed_at=ago(498),
            mail_ceiling="counts" if sensitive else "title",
            **row["circle"],
        )
        for number, name in enumerate(row["people"]):
            _member(circle, name, "admin" if number < 2 else "member")
        for number, days in enumerate(row["decided_in_days"]):
            _decided(circle, 60 + 30 * number, days)


def _member(circle: Circle, name: str, role: str) -> None:
    address = f"{slugify(name).replace('-', '.')}@{slugify(circle.mail_alias)}.example"
    member = Member.objects.create_user(address, language=circle.language, joined_at=ago(480))
    EmailAddress.objects.create(user=member, email=address, verified=True, primary=True)
    Profile.objects.create(member=member, name=name, title="")
    Membership.objects.create(
        circle=circle, member_id=member.pk, role=role, state="active", since=ago(200)
    )


def _decided(circle: Circle, days_ago: int, days: int) -> None:
    sent = ago(days_ago)
    application = Application.objects.create(
        circle=circle,
        link=links.draw("application"),
        state="declined",
        email="",
        language=circle.language,
        created_at=sent,
        submitted_at=sent,
        proven_at=sent,
        moved_at=sent + timedelta(days=days),
    )
    Step.objects.create(
        circle=circle,
        application=application,
        old="review",
        new="declined",
        at=application.moved_at,
    )
