"""The letter that brings a digest: composed at the hand-over, as its reader, by today's rights.

At most once: an issue whose hand-over broke off is never sent again; the next one tells the same.
"""

from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from kring.lib.acting import acting_as
from kring.lib.kept import kept
from members import links, mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member
from questions import stopping
from questions.digests import building, moments, planning, settling
from questions.digests.ceilings import NUMBERS
from questions.digests.kept import PLACE
from questions.digests.lines import Arranged, arrange
from questions.digests.reader import Reader
from questions.digests.today import Today
from questions.digests.wording import Said, name_in_mail, say
from questions.models import DigestIssue, DigestPlan


@dataclass(frozen=True)
class Entry:
    """One line as the templates show it."""

    said: Said
    number: int  # 0 where lines are not numbered
    href: str


@letter_kind(building.KIND, at_least_once=False, settled=settling.settle)
def weekly_digest(letter: Letter) -> Mail:
    """The digest as it stands at this moment. Raises Skip when it is not wanted, or is empty."""
    issue = _issue.first(letter.subject_id)
    member, plan = issue.member, issue.member.digest_plan
    if issue.state != DigestIssue.State.BUILT:
        raise Skip("ended")
    if reason := building.obstacle(plan, issue):
        raise Skip(reason)
    if not member.is_active:
        raise Skip("closed")
    zone = moments.zone_of(plan.zone)
    with acting_as(member.pk), translation.override(member.language), timezone.override(zone):
        arranged, content = _content(issue, member, plan)
        mail = mailing.compose(
            "weekly_digest",
            to=member.email,
            language=member.language,
            headers=stopping.headers_for(plan, issue.scope),
            unsubscribe=stopping.url_for(plan, issue.scope),
            plan=plan,
            asked=issue.asked,
            scope=issue.scope,
            away=0 if issue.asked else planning.weeks_away(plan),
            weekday=planning.weekday_name(plan),
            **content,
        )
    return replace(mail, tells=sorted(arranged.placed))


@kept
def _issue(issue_id: int):
    rows = DigestIssue.objects.filter(pk=issue_id)
    return rows.select_related("member__digest_plan__link").only(*_OF_ISSUE)


_OF_ISSUE = (
    *("member_id", "week", "scope", "asked", "state", "planned_at", "items"),
    *("member__" + name for name in ("email", "language", "is_active")),
    *("member__digest_plan__" + name for name in ("every", "weekday", "at", "zone")),
    *("member__digest_plan__" + name for name in ("paused_until", "link_id", "seen_at")),
    *("member__digest_plan__" + name for name in ("circles", "parts", "only_mine")),
    *("member__digest_plan__link__" + name for name in ("purpose", "version")),
)


def _content(issue: DigestIssue, member: Member, plan: DigestPlan) -> tuple[Arranged, dict]:
    """The lines of the issue as they stand, and everything the mail says of it. Raises Skip when
    nothing of it is left."""
    reader = Reader.of(member, plan, issue.scope)
    if reader.why_nothing:
        raise Skip(reader.why_nothing)
    today = Today.of(issue.items, reader)
    arranged = arrange(issue.items, today)
    things = arranged.of("you") + arranged.of("help")
    solved = arranged.of("solved")
    if not things and not solved:
        raise Skip("empty")
    circles = {line.circle.pk: line.circle for line in arranged.lines}.values()
    ceilings = [reader.ceiling_of(circle) for circle in circles]
    return arranged, {
        "count": len(things) or len(solved),
        "first_name": reader.first_name,
        "week": int(issue.week[-2:]),
        "circles": list(map(name_in_mail, circles, ceilings)),
        "numbers_only": all(ceiling == NUMBERS for ceiling in ceilings),
        "some_numbers_only": NUMBERS in ceilings,
        "more": arranged.more,
        **_entries(arranged, today, issue),
    }


def _entries(arranged: Arranged, today: Today, issue: DigestIssue) -> dict[str, list[Entry]]:
    several = len({line.circle.pk for line in arranged.lines}) > 1
    address = settings.URL + reverse("digest_item", args=[_STAND_IN])
    entries, number = {}, 0
    for section in ("you", "help", "solved", "circle"):
        entries[section] = []
        for line in arranged.of(section):
            said = say(line, today, several=several)
            number += section in ("you", "help")
            entries[section].append(
                Entry(
                    said,
                    number if section in ("you", "help") else 0,
                    _href(address, issue, said),
                )
            )
    return entries


_STAND_IN = "-"  # where an address has the token of each line


def _href(address: str, issue: DigestIssue, said: Said) -> str:
    if said.place is None:
        return ""
    return address.replace(f"/{_STAND_IN}/", f"/{links.token(PLACE, issue.pk, said.place)}/")
