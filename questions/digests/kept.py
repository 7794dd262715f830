"""The digests a member got, to read again: by today's rights, behind their own sign-in."""

from django.http import Http404
from django.urls import reverse

from circles.access import knock
from members import links
from members.models import Member
from questions.digests.items import SECTIONS, Item
from questions.digests.lines import Line, in_full
from questions.digests.reader import Reader
from questions.digests.today import Today
from questions.models import DigestIssue

PLACE = "digest item"  # what the opaque links of a digest are signed for
State = DigestIssue.State
# Which list of a circle holds what a line of this kind counts.
LISTS = {"answers": "mine", "remarks": "", "outcome": "mine", "help": "unanswered"}


def issues_of(member: Member):
    """The member's own issues that went out or may have."""
    return DigestIssue.objects.filter(
        member_id=member.pk, state__in=[State.SENT, State.UNKNOWN]
    ).defer("items")


def name_circles(issues: list[DigestIssue], member: Member) -> None:
    """Add to issues of one circle that `circle`, as far as the member is in it today."""
    reader = Reader.of(member)
    for issue in issues:
        issue.circle = reader.circle(issue.scope) if issue.scope in reader.memberships else None


def issue_for(member: Member, week: str, asked: int = 0, scope: int = 0) -> DigestIssue:
    """Hand over one of the member's own issues; 404 for anybody else's."""
    issue = DigestIssue.objects.filter(
        member_id=member.pk,
        week=week,
        asked=asked,
        scope=scope,
        state__in=[State.SENT, State.UNKNOWN],
    ).first()
    if issue is None:
        raise Http404
    return issue


def lines_of(issue: DigestIssue, member: Member) -> dict[str, list[Line]]:
    """Return what an issue said, in full and by section, without what may not be seen now."""
    today = Today.of(issue.items, Reader.of(member))
    lines = in_full(issue.items, today)
    return {
        section: [line for line in lines if line.section == section]
        for section in dict.fromkeys(SECTIONS.values())
    }


def address_behind(member: Member, token: str) -> str:
    """Return the address to which a digest's opaque link leads its own reader; else 404."""
    found = links.read(PLACE, token)
    if found is None:
        raise Http404
    issue_id, place = found
    issue = DigestIssue.objects.filter(pk=issue_id, member_id=member.pk).first()
    index = place if place >= 0 else -1 - place
    if issue is None or index >= len(issue.items):
        raise Http404
    return _address(issue.items[index], Reader.of(member), single=place >= 0)


def _address(item: Item, reader: Reader, *, single: bool) -> str:
    """Say where an item is found: its question, or the list or desk that holds more like it."""
    if item["circle"] not in reader.memberships:
        knock(reader.member, item["circle"])
        raise Http404
    circle = reader.circle(item["circle"])
    if item["kind"] == "desk":
        return reverse("vetting_desk", args=[circle.public_id])
    if item["kind"] == "newcomers":
        return reverse("newcomer_list", args=[circle.public_id])
    if not single or "question" not in item:
        state = LISTS.get(item["kind"], "solved")
        return reverse("question_list", args=[circle.public_id]) + f"?state={state}"
    today = Today.of([item], reader)
    if today.visible(item) is None:
        raise Http404
    question = today.questions[item["question"]]
    return reverse("question_page", args=[circle.public_id, question.public_id])
