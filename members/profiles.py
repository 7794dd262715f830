"""The person behind the job: what others in one's circles see, and changing it."""

from django.db import transaction

from members import audit
from members.models import Member, Profile


def profile_of(member: Member) -> Profile:
    """Return the member's own profile."""
    return Profile.objects.get(pk=member.pk)


@transaction.atomic
def change_profile(*, by: Member, name: str, title: str, about: str) -> None:
    """Say who one is. The audit keeps which lines were changed, not what they said."""
    before = Profile.objects.select_for_update().get(pk=by.pk)
    given = {"name": " ".join(name.split()), "title": " ".join(title.split()), "about": about}
    changed = [line for line, text in given.items() if getattr(before, line) != text]
    if changed:
        Profile.objects.filter(pk=by.pk).update(**given)
        audit.record("profile.changed", by=by, about=by.pk, lines=changed)
