"""Letters at once: composed at the hand-over, as their reader, by today's rights and wishes.

At most once each. A letter may find that it has to wait (quiet hours, one a day for each thread,
a digest that is about to come), or that nothing is left to tell.
"""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from kring.lib.acting import acting_as
from members import mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member
from questions import stopping
from questions.at_once import landing, leaving, news
from questions.at_once.kinds import ANSWERS, KINDS, OUTCOME_DUE, THANKS, wants
from questions.at_once.saying import say
from questions.digests import moments, planning
from questions.digests.wording import name_in_mail
from questions.models import DigestPlan


@letter_kind(ANSWERS.name, at_least_once=False, settled=leaving.settle)
def answer_on_mine(letter: Letter) -> Mail:
    return _compose(letter, news.answers)


@letter_kind(OUTCOME_DUE.name, at_least_once=False, settled=leaving.settle)
def outcome_due(letter: Letter) -> Mail:
    return _compose(letter, news.outcome_due)


@letter_kind(THANKS.name, at_least_once=False, settled=leaving.settle)
def outcome_thanks(letter: Letter) -> Mail:
    return _compose(letter, news.thanks)


def _compose(letter: Letter, news_for: Callable[[Letter, Member], news.News]) -> Mail:
    """Compose a letter whose day has come. Raises Skip, or Later.

    The day is taken before the news is read: whatever is written from then on makes a new letter.
    """
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    if member is None:
        raise Skip("closed")
    planning.plan_for(member.pk)
    plan = DigestPlan.objects.select_related("link").get(pk=member.pk)
    kind = KINDS[letter.kind]
    if not wants(plan, kind):
        raise Skip("unsubscribed")
    leaving.take_its_day(letter)
    zone = moments.zone_of(plan.zone)
    with acting_as(member.pk), translation.override(member.language), timezone.override(zone):
        told = replace(news_for(letter, member), plan=plan)
        mail = mailing.compose(
            "at_once",
            to=member.email,
            language=member.language,
            headers={**_thread(letter), **stopping.headers_for(plan, kind)},
            said=say(kind.name, told),
            shown=told.shown,
            circle=name_in_mail(told.circle, told.ceiling),
            why=kind.why,
            href=settings.URL + reverse("digest_item", args=[landing.token_of(letter)]),
            unsubscribe=stopping.url_for(plan, kind),
        )
    return replace(mail, tells=told.ids)


def _thread(letter: Letter) -> dict[str, str]:
    """Tie the letters about one question together in the programs of one reader, and of no other:
    the name of the thread is derived, and nobody has it in common."""
    of = f"{letter.member_id}:{letter.subject_id}"
    name = salted_hmac("questions.thread", of, algorithm="sha256").hexdigest()[:20]
    thread = f"<thread-{name}@{settings.MAIL_DOMAIN}>"
    return {"References": thread, "In-Reply-To": thread}
