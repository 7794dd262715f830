"""Digests that an operator asks for: for whom, and what became of each. As the house."""

from datetime import timedelta

from django.conf import settings

from circles.models import Membership
from members.models import Letter, Member
from questions.digests import building
from questions.models import DigestIssue

State = DigestIssue.State
DEMO_ADDRESSES = ".example"  # what every address of the demo ends with; reserved for that


def members_named(addresses: list[str], *, everyone: bool) -> list[Member]:
    """Find the members an operator means: those named, everyone who reads in a circle, or the
    people of the demo. Raises LookupError with what to do instead."""
    reading = Membership.objects.reading().values("member_id")
    members = Member.objects.filter(is_active=True).order_by("id")
    if everyone:
        found = list(members.filter(pk__in=reading))
    elif addresses:
        found = [members.filter(email__iexact=address).first() for address in addresses]
        if None in found:
            raise LookupError(f"Nobody has the address {addresses[found.index(None)]}.")
    elif settings.DEMO:
        found = list(members.filter(pk__in=reading, email__endswith=DEMO_ADDRESSES))
    else:
        raise LookupError("Name addresses, or --everyone.")
    if not found:
        raise LookupError("There is nobody to write to yet.")
    return found


def ask_for(members: list[Member]) -> list[DigestIssue]:
    """Make an issue for each, whenever they had one last."""
    return [building.ask(member, again_after=timedelta(0)) for member in members]


def under_way(issues: list[DigestIssue]) -> bool:
    """Whether a letter of these is waiting for its first try, or in a worker's hands."""
    waiting = [Letter.State.QUEUED, Letter.State.SENDING]
    return _letters(issues).filter(state__in=waiting).exists()


def what_became_of(issues: list[DigestIssue]) -> list[tuple[Member, str]]:
    """Say for each issue how it stands: sent, skipped and why, or waiting for the mail server."""
    letters = {letter.subject_id: letter for letter in _letters(issues)}
    rows = DigestIssue.objects.filter(pk__in=[issue.pk for issue in issues])
    rows = rows.select_related("member").order_by("member_id")
    return [(issue.member, _words(issue, letters.get(issue.pk))) for issue in rows]


def _words(issue: DigestIssue, letter: Letter | None) -> str:
    if issue.state == State.BUILT and letter is not None:
        return f"waits ({letter.reason or letter.state})"
    return f"{issue.state} ({issue.reason})" if issue.reason else issue.state


def _letters(issues: list[DigestIssue]):
    return Letter.objects.filter(kind=building.KIND, subject_id__in=[i.pk for i in issues])
