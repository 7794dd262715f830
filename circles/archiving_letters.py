"""What is mailed when a circle is archived or opened again: to its members, its admins, and to
those whose application ends with it. Of a sensitive circle that is not listed the alias only.
"""

from django.urls import reverse

from circles.letters import name_in_mail
from circles.models import Application, Archiving, Circle, Membership
from kring.lib.acting import acting_as, acting_with
from members import mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member


@letter_kind("archiving_waits", at_least_once=True)
def waits(letter: Letter) -> Mail:
    """To another admin: somebody asked, and it waits for a second one."""
    member, circle = _reader(letter)
    with acting_as(letter.member_id):
        asked = Archiving.objects.open().filter(pk=letter.subject_id).first()
    if asked is None:
        raise Skip("moved on")
    path = reverse("circle_archive", args=[circle.public_id])
    return _compose(letter, member, circle, path, reopen=asked.kind == Archiving.Kind.REOPEN)


@letter_kind("circle_archived", at_least_once=True)
def archived(letter: Letter) -> Mail:
    """To a member: the circle is read-only, until when, and what they may take along."""
    member, circle = _reader(letter)
    if not circle.is_archived:
        raise Skip("moved on")
    return _compose(letter, member, circle, reverse("own_data_page"), until=circle.closes_at)


@letter_kind("circle_reopened", at_least_once=True)
def reopened(letter: Letter) -> Mail:
    """To a member: it is open again."""
    member, circle = _reader(letter)
    if circle.is_archived:
        raise Skip("moved on")
    return _compose(letter, member, circle, reverse("question_list", args=[circle.public_id]))


@letter_kind("application_archived", at_least_once=True)
def application_archived(letter: Letter) -> Mail:
    """To an applicant: the circle is archived, so nobody decides any more."""
    with acting_with(letter.link_id):
        found = (
            Application.objects.select_related("circle")
            .filter(link_id=letter.link_id, state=Application.State.EXPIRED)
            .exclude(email="")
            .first()
        )
    if found is None:
        raise Skip("moved on")
    return mailing.compose(
        "application_archived",
        to=found.email,
        language=found.language,
        circle=name_in_mail(found.circle),
        erased=found.erased_on,
        path=reverse("guide_page"),
    )


def _reader(letter: Letter) -> tuple[Member, Circle]:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        mine = Membership.objects.select_related("circle").filter(
            circle_id=letter.circle_id, member_id=letter.member_id
        )
        found = mine.exclude(state__in=Membership.ENDED).first()
    if member is None or found is None:
        raise Skip("no member any more")
    return member, found.circle


def _compose(letter: Letter, member: Member, circle: Circle, path: str, **facts) -> Mail:
    return mailing.compose(
        letter.kind,
        to=member.email,
        language=member.language,
        circle=name_in_mail(circle),
        path=path,
        **facts,
    )
