"""Letters to applicants: composed as the holder of the link, at the moment they leave.

All are sent at least once and cannot be switched off. Of a sensitive circle that is not listed a
mail says the alias only, and no words.
"""

from django.urls import reverse

from circles.models import Application, Circle
from kring.lib.acting import acting_with
from members import links, mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter

S = Application.State


@letter_kind("application_address", at_least_once=True)
def address(letter: Letter) -> Mail:
    """The link: to go on with a draft, to prove the address, or to see where one stands."""
    return _compose(letter, *(state for state in S if state != S.APPROVED))


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


@letter_kind("application_declined", at_least_once=True)
def declined(letter: Letter) -> Mail:
    return _compose(letter, S.DECLINED)


@letter_kind("application_delayed", at_least_once=True)
def delayed(letter: Letter) -> Mail:
    return _compose(letter, S.REVIEW)


def _compose(letter: Letter, *states: str) -> Mail:
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
        may_say_more=not _is_hidden(circle),
        path=reverse("application_open", args=[links.token_of(application.link)]),
    )


def name_in_mail(circle: Circle) -> str:
    """The name of a circle as a mail may say it."""
    return circle.mail_alias if _is_hidden(circle) else circle.name


def _is_hidden(circle: Circle) -> bool:
    return circle.is_sensitive and not circle.listed
