"""Mail that does not arrive: what a server or a provider said of a letter becomes a fact of the
letter, and of its reader's account as long as the address is the same.

A hard bounce or a complaint stops everything that may be stopped; so does the third week in a row
in which mail was given up. Letters about access, security and decisions are tried all the same.
The account keeps since when and why; another address begins anew (the database sees to that).
"""

import time

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from members import audit, letters, mailing
from members.letters import KINDS, Mail, Skip, letter_kind
from members.models import Letter, Member

TRY = "mail_try"
_TRY_AGAIN = 300  # seconds; pressing twice within them is asking once


def hold_back(letter: Letter) -> None:
    """Raise Skip for a letter that need not go to an address where nothing arrives.

    `letter` carries `mail_off`, as the outbox hands it over.
    """
    if letter.mail_off and KINDS[letter.kind].may_be_stopped:
        raise Skip("bouncing")


def note(letter: Letter, address: str, fate: str) -> None:
    """Write down what became of a settled letter at this address, as the house."""
    if fate:
        _ask("select kring_mail_fate(%s, %s, %s)", [letter.pk, address, fate])


def hear(handed_as: str, address: str, fate: str) -> bool:
    """Write down what a provider tells of a letter; False when it is none of ours. Twice is once.

    `handed_as` is the name the provider itself gave to the letter: whoever does not know it
    learns nothing here, and no account is looked up by an address.
    """
    known = _ask("select kring_mail_heard(%s, %s, %s)", [mark(handed_as), address, fate])
    return bool(known)


def mark(handed_as: str) -> str:
    """The form in which a provider's name for a letter is kept: nobody can give it back to them."""
    return salted_hmac("members.handed", handed_as, algorithm="sha256").hexdigest()[:40]


@transaction.atomic
def try_address(*, by: Member) -> None:
    """Send a test mail to one's own address, whether or not mail arrives there."""
    number = int(time.time()) // _TRY_AGAIN
    letters.post(TRY, member=by, subject_id=by.pk, seq=number)
    audit.record("mail.tried", by=by, about=by.pk)


@transaction.atomic
def works_again(*, by: Member) -> None:
    """Take somebody's word that mail arrives. What is told later of earlier letters is ignored."""
    changed = Member.objects.filter(pk=by.pk, mail_off_since__isnull=False).update(
        mail_off_since=None,
        mail_off_why="",
        soft_week=None,
        soft_weeks=0,
        mail_works_since=timezone.now(),
    )
    if changed:
        audit.record("mail.on", by=by, about=by.pk)


@letter_kind(TRY, at_least_once=False, may_be_stopped=False)
def mail_try(letter: Letter) -> Mail:
    """The test mail: whoever reads it says on Kring that it came."""
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    if member is None:
        raise Skip("account closed")
    return mailing.compose(
        "mail_try",
        to=member.email,
        language=member.language,
        link=settings.URL + reverse("settings_page"),
    )


def _ask(sql: str, values: list):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]
