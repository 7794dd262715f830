"""Bringing letters: hold, compose as the reader, hand over, settle. One commit a letter.

A letter is `sending` only between the last check and the word of the mail server, so a killed
worker leaves at most one letter unknown. Exactly once does not exist over SMTP: each kind says
on which side it errs.
"""

import logging
import smtplib
from datetime import timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone

from members.letters import KINDS, Mail, Skip
from members.models import Letter

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
BATCH = 50
# Minutes until the next try: five tries over twelve hours, then it is given up.
BACK_OFF = (5, 30, 120, 540)
State = Letter.State


def deliver_waiting() -> int:
    """Bring every letter whose moment has come; return how many were handed over."""
    _pick_up_dropped()
    sent = 0
    while held := _hold_batch():
        connection = get_connection()
        try:
            for letter in held:
                sent += _bring(letter, connection)
        finally:
            connection.close()
    return sent


@transaction.atomic
def _hold_batch() -> list[Letter]:
    batch = list(
        Letter.objects.waiting()
        .select_for_update(skip_locked=True)
        .order_by("due_at", "id")[:BATCH]
    )
    Letter.objects.filter(pk__in=[letter.pk for letter in batch]).update(
        held_until=timezone.now() + LEASE
    )
    return batch


def _pick_up_dropped() -> None:
    """Letters of a worker that died in the middle: again, or unknown, as their kind wants."""
    for letter in list(Letter.objects.dropped()):
        if KINDS[letter.kind].at_least_once:
            Letter.objects.filter(pk=letter.pk, state=State.SENDING).update(
                state=State.QUEUED, held_until=None
            )
        else:
            _settle(letter, State.UNKNOWN, "dropped")


def _bring(letter: Letter, connection) -> bool:
    """Hand one letter over; True when the mail server took it."""
    try:
        mail = KINDS[letter.kind].compose(letter)
    except Skip as skip:
        _settle(letter, State.SKIPPED, str(skip), was=letter.state)
        return False
    except Exception:
        log.exception("letter %s (%s) could not be composed", letter.pk, letter.kind)
        _fail(letter, "compose", was=letter.state)
        return False
    if not _start_sending(letter):
        return False  # somebody else holds it by now
    try:
        connection.send_messages([_message(letter, mail)])
    except smtplib.SMTPException as error:
        connection.close()
        _refused(letter, error)
    except OSError as error:
        # Before the connection stood nothing was handed over; afterwards nobody can tell.
        reached = getattr(connection, "connection", None) is not None
        connection.close()
        if reached and not KINDS[letter.kind].at_least_once:
            _settle(letter, State.UNKNOWN, "broken off")
        else:
            _fail(letter, type(error).__name__)
    else:
        _settle(letter, State.SENT)
        return True
    return False


def _start_sending(letter: Letter) -> bool:
    return bool(
        Letter.objects.filter(pk=letter.pk, state=letter.state).update(
            state=State.SENDING,
            attempts=letter.attempts + 1,
            held_until=timezone.now() + LEASE,
        )
    )


def _refused(letter: Letter, error: smtplib.SMTPException) -> None:
    """Read the reply code: 4xx is tried again, 5xx is final. 451 and 550 raise the same class."""
    code = getattr(error, "smtp_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPServerDisconnected) and code is None:
        if KINDS[letter.kind].at_least_once:
            _fail(letter, "disconnected")
        else:
            _settle(letter, State.UNKNOWN, "disconnected")
    elif code is not None and 500 <= code < 600:
        _settle(letter, State.DEAD, str(code))
    else:
        _fail(letter, str(code or type(error).__name__))


def _fail(letter: Letter, reason: str, was: str = State.SENDING) -> None:
    """Try again later, or give up after the last try."""
    tries = letter.attempts + (was == State.SENDING)
    if was != State.SENDING:
        tries += 1  # a letter that cannot be composed must not be tried for ever
    if tries > len(BACK_OFF):
        _settle(letter, State.DEAD, reason, was=was)
        return
    Letter.objects.filter(pk=letter.pk, state=was).update(
        state=State.FAILED,
        reason=reason[:40],
        attempts=tries,
        held_until=None,
        due_at=timezone.now() + timedelta(minutes=BACK_OFF[tries - 1]),
    )


@transaction.atomic
def _settle(letter: Letter, state: str, reason: str = "", was: str = State.SENDING) -> None:
    """Write the end of a letter, once, together with what its kind does then."""
    changed = Letter.objects.filter(pk=letter.pk, state=was).update(
        state=state, reason=reason[:40], settled_at=timezone.now(), held_until=None
    )
    kind = KINDS[letter.kind]
    if changed and kind.settled:
        letter.state, letter.reason = state, reason
        kind.settled(letter)


def message_id(letter: Letter) -> str:
    """The same letter always has the same Message-ID: mail programs fold a second copy."""
    return f"<{letter.kind}-{letter.pk}@{settings.MAIL_DOMAIN}>".replace("_", "-")


def _message(letter: Letter, mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=formataddr(parseaddr(settings.DEFAULT_FROM_EMAIL)),
        to=[mail.to],
        headers={
            "Message-ID": message_id(letter),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **mail.headers,
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message
