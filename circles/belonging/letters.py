"""Letters about a membership: to its member, its vouchers, its admins. Composed as their reader.

Sent at least once, and none can be switched off. Of a sensitive circle that is not listed a mail
says the alias only: no reason and no name.
"""

import time
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext_lazy as _

from circles.belonging import year
from circles.letters import name_in_mail
from circles.models import Circle, Membership, Sanction
from kring.lib.acting import acting_as
from members import letters as outbox
from members import mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member

S = Membership.State


class News(NamedTuple):
    """What happened to a membership: a title, a sentence, the button, and in which states of the
    membership it is still true (none: always)."""

    title: str
    said: str
    button: str
    states: tuple[str, ...] = ()


_OWN, _IN, _RENEW = _("Your membership"), _("To the circle"), _("Stay, pause or leave")
_PAGES = {_IN: "question_list", _RENEW: "membership_renew"}

NEWS = {
    "probation_over": News(
        _("Your probation in %(circle)s is over"),
        _("From today you may also invite, vouch for others and be asked to vet."),
        _IN,
        (S.ACTIVE,),
    ),
    "membership_active": News(
        _("You are back in %(circle)s"),
        _("Reading, asking, answering: everything is open to you again."),
        _IN,
        (S.ACTIVE, S.REVERIFY_DUE, S.PROBATION),
    ),
    "membership_verified": News(
        _("Your membership of %(circle)s is confirmed for another year"),
        _(
            "Who you are and that you may practise: both were looked at again. You need do nothing."
        ),
        _IN,
        (S.ACTIVE,),
    ),
    "membership_paused": News(
        _("Your membership of %(circle)s is paused"),
        _(
            "Up to and including %(day)s you read nothing there and get no mail from it. Your seat "
            "and what you wrote stay yours, and you may come back at any moment."
        ),
        _OWN,
        (S.PAUSED,),
    ),
    "pause_ends": News(
        _("Your pause in %(circle)s ends soon"),
        _(
            "It lasts up to and including %(day)s. Come back before then, and everything is as it "
            "was. If we hear nothing, you may read and take along for thirty days more; then your "
            "seat goes to somebody who waits. What you wrote stays yours."
        ),
        _OWN,
        (S.PAUSED,),
    ),
    "membership_left": News(
        _("You have left %(circle)s"),
        _(
            "From this moment you see nothing of it any more. What you wrote still stands under "
            "your name; you can take it along or withdraw it."
        ),
        _OWN,
        (S.LEFT,),
    ),
    "membership_suspended": News(
        _("Your membership of %(circle)s is suspended"),
        _(
            "An admin suspended it, and you see nothing of the circle for now. A second admin "
            "looks at it within seven days. You read the reason on the page below, and can answer "
            "it there."
        ),
        _("Read the reason and answer"),
        (S.SUSPENDED,),
    ),
    "suspension_confirmed": News(
        _("Your suspension in %(circle)s is confirmed"),
        _("A second admin looked at it and confirmed it. You can read the reason, and answer."),
        _("Read the reason and answer"),
        (S.SUSPENDED,),
    ),
    "suspension_over": News(
        _("Your suspension in %(circle)s is over"),
        _("Reading, asking, answering: everything is open to you again."),
        _IN,
        (S.ACTIVE, S.PROBATION, S.REVERIFY_DUE),
    ),
    "membership_removed": News(
        _("You are no longer a member of %(circle)s"),
        _(
            "An admin ended your membership, and you see nothing of the circle any more. The page "
            "below says why. What you wrote stays yours, to take along or to withdraw."
        ),
        _("Read the reason"),
        (S.REMOVED,),
    ),
    "verification_asked": News(
        _("%(circle)s looks at your membership once a year"),
        _(
            "Two facts are confirmed anew: who you are, and that you may practise. Say that you "
            "still practise; an admin does the rest before %(day)s. Nothing changes meanwhile."
        ),
        _OWN,
        (S.ACTIVE,),
    ),
    "verification_due": News(
        _("Your membership of %(circle)s waits to be confirmed"),
        _(
            "The yearly look has not taken place. You read and write as before until %(day)s; "
            "from then on you may only read. Ask an admin to confirm both facts."
        ),
        _OWN,
        (S.REVERIFY_DUE,),
    ),
    "membership_grace": News(
        _("In %(circle)s you may now only read"),
        _(
            "Until %(day)s you can read, and take along what is yours. Then your seat goes to "
            "somebody who waits. You can still stay: the page below says how."
        ),
        _OWN,
        (S.GRACE,),
    ),
    "membership_lapsed": News(
        _("Your membership of %(circle)s has lapsed"),
        _(
            "You see nothing of the circle any more. What you wrote stays yours, to take along or "
            "to withdraw, and you may apply again at any moment."
        ),
        _OWN,
        (S.LAPSED,),
    ),
    "renewal_asked": News(
        _("Do you stay in %(circle)s?"),
        _(
            "Your term ends on %(term)s. Say whether you stay, pause or leave; it takes a minute, "
            "with your own year beside it, which nobody else sees."
        ),
        _RENEW,
        (S.ACTIVE,),
    ),
    "renewal_waits": News(
        _("%(circle)s would like to know whether you stay"),
        _(
            "Your term ended on %(term)s. If we hear nothing within thirty days, your membership "
            "goes on pause. Nothing is lost by that, and you come back with one click."
        ),
        _RENEW,
        (S.ACTIVE,),
    ),
    "renewal_paused": News(
        _("Your membership of %(circle)s is on pause now"),
        _(
            "We heard nothing at the end of your term. Your seat and all you wrote stay yours; "
            "come back with one click, up to and including %(day)s."
        ),
        _OWN,
        (S.PAUSED,),
    ),
    "role_changed": News(
        _("Your role in %(circle)s has changed"),
        _("From now on you are %(role)s there."),
        _OWN,
    ),
}
# To others than the member it is about.
SUSPENSION_WAITS, VOUCHER_TOLD, STEWARD_CIRCLE = (
    "suspension_waits",
    "voucher_told",
    "steward_circle",
)
TO_OTHERS = {
    SUSPENSION_WAITS: News(
        _("A suspension in %(circle)s waits for a second admin"),
        _(
            "Another admin suspended a member, who sees nothing of the circle for now. Look at the "
            "reason and the answer, and confirm or end it within seven days."
        ),
        _("Look at it"),
    ),
    VOUCHER_TOLD: News(
        _("Somebody you vouched for was removed from %(circle)s"),
        _(
            "The reason is a breach of what was pledged. Nothing is asked of you; whoever vouches "
            "hears of it, and that is all."
        ),
        _("Whom you vouched for"),
    ),
    STEWARD_CIRCLE: News(
        _("A circle cannot go on without an admin"),
        _(
            "%(circle)s has too few admins for what waits there. On your page you can ask one of "
            "its members to become admin."
        ),
        _("To the page"),
    ),
}


def tell(kind: str, membership: Membership, *, seq: int | None = None) -> None:
    """Write a letter to the member of a membership. The same news twice within ten seconds, or
    under the same number, is one letter."""
    outbox.post(
        kind,
        member=membership.member_id,
        circle_id=membership.circle_id,
        subject_id=membership.pk,
        seq=now_as_number() if seq is None else seq,
    )


def tell_admins(sanction: Sanction) -> None:
    """Ask every other admin to look at a suspension."""
    admins = Membership.objects.deciding().filter(
        circle_id=sanction.circle_id, role=Membership.Role.ADMIN
    )
    others = admins.exclude(member_id=sanction.by_id)
    for member_id in others.values_list("member_id", flat=True):
        outbox.post(
            SUSPENSION_WAITS,
            member=member_id,
            circle_id=sanction.circle_id,
            subject_id=sanction.pk,
        )


def tell_voucher(member_id: int, membership: Membership) -> None:
    outbox.post(
        VOUCHER_TOLD,
        member=member_id,
        circle_id=membership.circle_id,
        subject_id=membership.pk,
    )


def tell_steward(steward: Member, circle_id: int) -> None:
    outbox.post(
        STEWARD_CIRCLE,
        member=steward,
        subject_id=circle_id,
        seq=timezone.localdate().toordinal(),
    )


def now_as_number() -> int:
    return int(time.time()) // 10


# --- composing ----------------------------------------------------------------------------
def membership_news(letter: Letter) -> Mail:
    """What happened to one's own membership. Raises Skip once that is not true any more."""
    member = _reader(letter)
    with acting_as(member.pk):
        membership = (
            Membership.objects.select_related("circle")
            .filter(pk=letter.subject_id, member_id=member.pk)
            .first()
        )
    news = NEWS[letter.kind]
    if membership is None or (news.states and membership.state not in news.states):
        raise Skip("moved on")
    with translation.override(member.language):
        facts = {
            "day": _day(membership),
            "term": _in_words(year.term_ends(membership)),
            "role": membership.get_role_display(),
        }
    page = _PAGES.get(news.button, "own_membership")
    path = reverse(page, args=[membership.circle.public_id])
    return _compose(letter.kind, news, member, membership.circle, path, facts)


for _kind in NEWS:
    letter_kind(_kind, at_least_once=True)(membership_news)


@letter_kind(SUSPENSION_WAITS, at_least_once=True)
def suspension_waits(letter: Letter) -> Mail:
    member = _reader(letter)
    with acting_as(member.pk):
        sanction = (
            Sanction.objects.open()
            .select_related("circle")
            .filter(pk=letter.subject_id, second_at=None)
            .first()
        )
    if sanction is None:
        raise Skip("nothing waits")
    path = reverse("person_list", args=[sanction.circle.public_id])
    return _compose(letter.kind, TO_OTHERS[letter.kind], member, sanction.circle, path, {})


@letter_kind(VOUCHER_TOLD, at_least_once=True)
def voucher_told(letter: Letter) -> Mail:
    member = _reader(letter)
    with acting_as(member.pk):
        circle = Circle.objects.filter(pk=letter.circle_id).first()
        reads = Membership.objects.reading().filter(
            circle_id=letter.circle_id, member_id=member.pk
        )
        if circle is None or not reads.exists():
            raise Skip("no member any more")
    path = reverse("reference_list", args=[circle.public_id])
    return _compose(letter.kind, TO_OTHERS[letter.kind], member, circle, path, {})


@letter_kind(STEWARD_CIRCLE, at_least_once=True)
def steward_circle(letter: Letter) -> Mail:
    """To a steward: as the house, who knows the names of circles and nothing of what is said."""
    member = _reader(letter)
    circle = Circle.objects.filter(pk=letter.subject_id).first()
    if circle is None or not member.is_steward:
        raise Skip("no steward any more")
    news = TO_OTHERS[letter.kind]
    return _compose(letter.kind, news, member, circle, reverse("steward_page"), {})


def _reader(letter: Letter) -> Member:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    if member is None:
        raise Skip("account closed")
    return member


def _day(membership: Membership) -> str:
    """The day the sentence of this letter speaks of."""
    match membership.state:
        case S.PAUSED:
            moment = membership.back_on
        case S.ACTIVE:
            moment = year.verified_until(membership)
        case S.REVERIFY_DUE:
            moment = membership.moved_at + year.TO_GRACE
        case S.GRACE:
            moment = membership.moved_at + year.TO_LAPSE
        case _:
            return ""
    return _in_words(moment)


def _in_words(moment: date) -> str:
    return formats.date_format(moment, "j F Y")


def _compose(kind: str, news: News, member: Member, circle: Circle, path: str, facts) -> Mail:
    with translation.override(member.language):
        facts = {**facts, "circle": name_in_mail(circle)}
        return mailing.compose(
            "membership_news",
            to=member.email,
            language=member.language,
            title=news.title % facts,
            said=news.said % facts,
            label=news.button,
            path=path,
        )
