"""Letters to applicants and to vetters: composed as their reader, at the moment they leave.

Those to applicants are sent at least once and cannot be switched off. Of a sensitive circle that
is not listed a mail says the alias only, and no words. Vetters read numbers, never names.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from circles import access, appealing, vetting
from circles.models import Application, Circle, Inquiry, Membership, Step
from kring.lib.acting import acting_as, acting_with
from members import links, mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member

S = Application.State


@letter_kind("application_address", at_least_once=True)
def address(letter: Letter) -> Mail:
    """The link: to go on with a draft, to prove the address, or to see where one stands.

    The first two go out with their moves and not later; one that was asked for always does.
    """
    due = {0: [S.DRAFT], 1: [S.EMAIL_PENDING]}
    return _compose(letter, *due.get(letter.seq, set(S) - {S.APPROVED}))


@letter_kind("application_referees", at_least_once=True)
def referees_asked(letter: Letter) -> Mail:
    return _compose(letter, S.REFEREES)


@letter_kind("application_referee_lost", at_least_once=True)
def referee_lost(letter: Letter) -> Mail:
    return _compose(letter, S.REFEREES)


@letter_kind("application_unconfirmed", at_least_once=True)
def unconfirmed(letter: Letter) -> Mail:
    return _compose(letter, S.EXPIRED)


@letter_kind("application_received", at_least_once=True)
def received(letter: Letter) -> Mail:
    return _compose(letter, S.REVIEW)


@letter_kind("application_waitlisted", at_least_once=True)
def waitlisted(letter: Letter) -> Mail:
    return _compose(letter, S.WAITLISTED)


@letter_kind("application_offered", at_least_once=True)
def offered(letter: Letter) -> Mail:
    return _compose(letter, S.OFFERED)


@letter_kind("application_offer_reminder", at_least_once=True)
def offer_reminder(letter: Letter) -> Mail:
    return _compose(letter, S.OFFERED)


@letter_kind("application_expired", at_least_once=True)
def expired(letter: Letter) -> Mail:
    return _compose(letter, S.EXPIRED)


@letter_kind("application_withdrawn", at_least_once=True)
def withdrawn(letter: Letter) -> Mail:
    """A short word that it is done, also to an address from which somebody else did it."""
    return _compose(letter, S.WITHDRAWN)


@letter_kind("application_ended", at_least_once=True)
def ended(letter: Letter) -> Mail:
    """Its time had passed before anybody decided: whose turn it was is the reason."""
    with acting_with(letter.link_id):
        last = Step.objects.filter(application_id=letter.subject_id).order_by("-id").first()
    return _compose(letter, S.EXPIRED, was_asked=last is not None and last.old == S.INFO_REQUESTED)


@letter_kind("application_question", at_least_once=True)
def question(letter: Letter) -> Mail:
    return _ask(letter)


@letter_kind("application_question_reminder", at_least_once=True)
def question_reminder(letter: Letter) -> Mail:
    return _ask(letter)


def _ask(letter: Letter) -> Mail:
    with acting_with(letter.link_id):
        asked = Inquiry.objects.filter(application_id=letter.subject_id, answered_at=None).first()
    return _compose(letter, S.INFO_REQUESTED, inquiry=asked)


@letter_kind("application_declined", at_least_once=True)
def declined(letter: Letter) -> Mail:
    return _compose(letter, S.DECLINED)


@letter_kind("application_appealed", at_least_once=True)
def appealed(letter: Letter) -> Mail:
    return _compose(letter, S.APPEALED)


@letter_kind("application_declined_final", at_least_once=True)
def declined_final(letter: Letter) -> Mail:
    return _compose(letter, S.DECLINED_FINAL)


@letter_kind("application_delayed", at_least_once=True)
def delayed(letter: Letter) -> Mail:
    return _compose(letter, *Application.DECIDING)


@letter_kind("decider_appointed", at_least_once=True)
def decider_appointed(letter: Letter) -> Mail:
    """A steward asks somebody to decide on an application. No name, and of a hidden circle none."""
    return _to_decider(letter)


@letter_kind("decider_reminder", at_least_once=False)
def decider_reminder(letter: Letter) -> Mail:
    """The promised day is near, and they have not voted. Once."""
    return _to_decider(letter)


def _to_decider(letter: Letter) -> Mail:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        application = (
            Application.objects.select_related("circle")
            .annotate(may_vote=access.MAY_VOTE)
            .filter(pk=letter.subject_id, may_vote=True)
            .first()
        )
    if member is None or application is None:
        raise Skip("nothing to decide any more")
    circle = application.circle
    return mailing.compose(
        letter.kind,
        to=member.email,
        language=member.language,
        application=application,
        circle=name_in_mail(circle),
        path=reverse("vetting_page", args=[circle.public_id, application.public_id]),
    )


@letter_kind("steward_case", at_least_once=True)
def steward_case(letter: Letter) -> Mail:
    """How many applications wait for a steward to appoint people, and how many are very late."""
    member = Member.objects.filter(pk=letter.member_id, is_active=True, is_steward=True).first()
    if member is None:
        raise Skip("no steward any more")
    with acting_as(letter.member_id):
        cases = appealing.cases_for(member)
    if not cases:
        raise Skip("nothing waits")
    waiting = sum(case.needs_people for case in cases)
    return mailing.compose(
        letter.kind,
        to=member.email,
        language=member.language,
        waiting=waiting,
        late=len(cases) - waiting,
        path=reverse("steward_page"),
    )


@letter_kind("vetting_queue", at_least_once=False)
def queue(letter: Letter) -> Mail:
    """How many wait for one's vote since yesterday. Nothing left to vote on: no letter."""
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        membership = (
            Membership.objects.deciding()
            .select_related("circle")
            .filter(circle_id=letter.subject_id, member_id=letter.member_id)
            .first()
        )
        if member is None or membership is None:
            raise Skip("no vetter any more")
        waiting = [row for row in _over_a_day(membership) if not vetting.tally_of(row).knows]
    if not waiting:
        raise Skip("nothing waits")
    circle = membership.circle
    return mailing.compose(
        letter.kind,
        to=member.email,
        language=member.language,
        count=len(waiting),
        before=min(row.decide_before for row in waiting),
        circle=circle.mail_alias if circle.is_sensitive else circle.name,
        path=reverse("vetting_desk", args=[circle.public_id]),
    )


@letter_kind("factor_demanded", at_least_once=True)
def factor_demanded(letter: Letter) -> Mail:
    """The circle asks for a second factor. Whoever has one need do nothing: no letter."""
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    with acting_as(letter.member_id):
        membership = (
            Membership.objects.reading()
            .with_lock()
            .select_related("circle")
            .filter(circle_id=letter.subject_id, member_id=letter.member_id)
            .first()
        )
    if member is None or membership is None:
        raise Skip("no member any more")
    if not membership.is_locked:
        raise Skip("not asked, or set up")
    circle = membership.circle
    return mailing.compose(
        letter.kind,
        to=member.email,
        language=member.language,
        circle=circle.mail_alias if circle.is_sensitive else circle.name,
        path=reverse("circle_factor", args=[circle.public_id]),
    )


def _over_a_day(membership: Membership):
    return (
        Application.objects.filter(
            circle_id=membership.circle_id,
            state__in=Application.DECIDING,
            review_since__lte=timezone.now() - timedelta(days=1),
        )
        .annotate(may_vote=access.MAY_VOTE)
        .filter(may_vote=True)
    )


def _compose(letter: Letter, *states: str, **more) -> Mail:
    """Compose a letter to an applicant. Raises Skip when the application has moved on."""
    with acting_with(letter.link_id):
        application = (
            Application.objects.select_related("circle", "link")
            .filter(pk=letter.subject_id)
            .exclude(email="")
            .first()
        )
    if application is None or not application.link.is_alive:
        raise Skip("erased")
    if application.state not in states:
        raise Skip("moved on")
    circle = application.circle
    return mailing.compose(
        letter.kind,
        to=application.email,
        language=application.language,
        application=application,
        circle=name_in_mail(circle),
        may_say_more=not is_hidden(circle),
        path=reverse("application_open", args=[links.token_of(application.link)]),
        **more,
    )


def name_in_mail(circle: Circle) -> str:
    """The name of a circle as a mail may say it."""
    return circle.mail_alias if is_hidden(circle) else circle.name


def is_hidden(circle: Circle) -> bool:
    """Whether a mail may say no more of a circle than its alias."""
    return circle.is_sensitive and not circle.listed
