"""Bringing letters: hold, compose as the reader, hand over, settle. One commit a letter.

A letter is `sending` only between the last check and the word of the mail server, so a killed
worker leaves at most one letter unknown. Exactly once does not exist over SMTP: each kind says
on which side it errs.
"""

import logging
import smtplib
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from psycopg.types.json import Jsonb

from members import bounces, replies, silence
from members.letters import KINDS, Later, Mail, Skip
from members.models import Letter
from members.restored import when_restored

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
BATCH = 50
# Minutes until the next try: five more over twelve and a half hours, then it is given up. A mail
# server that is away for twelve hours costs no letter.
BACK_OFF = (5, 30, 120, 240, 360)
State = Letter.State


class Unreachable(Exception):
    """The mail server does not answer; nothing was handed over, nor will be for now."""


def deliver_waiting() -> int:
    """Bring every letter whose moment has come; return how many were handed over.

    Letters that find no mail server are tried later; those behind them wait for the next sweep.
    """
    _pick_up_dropped()
    sent = 0
    while held := _hold_batch():
        connection = get_connection()
        try:
            while held:
                sent += _bring_alone(held[0], connection)
                held.pop(0)
        except Unreachable as error:
            log.warning("mail server not reached (%s)", error)
            for letter in held:
                _fail(letter, str(error), was=letter.state)
            break
        finally:
            hang_up(connection)
    return sent


@transaction.atomic
def _hold_batch() -> list[Letter]:
    batch = list(
        Letter.objects.waiting()
        .with_mailbox()
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("due_at", "id")[:BATCH]
    )
    Letter.objects.filter(pk__in=[letter.pk for letter in batch]).update(
        held_until=timezone.now() + LEASE
    )
    return batch


def _pick_up_dropped() -> None:
    """Letters of a worker that died in the middle: again, or unknown, as their kind wants."""
    for letter in list(Letter.objects.dropped()):
        try:
            if _goes_again(letter):
                _fail(letter, "dropped", at_once=True)
            else:
                _settle(letter, State.UNKNOWN, "dropped")
        except Exception:
            log.exception("letter %s (%s) could not be picked up", letter.pk, letter.kind)


def _bring_alone(letter: Letter, connection) -> bool:
    """Bring one letter; a fault with it leaves the letters behind it."""
    try:
        return _bring(letter, connection)
    except Unreachable:
        raise
    except Exception:
        log.exception("letter %s (%s) could not be settled", letter.pk, letter.kind)
        return False


def _bring(letter: Letter, connection) -> bool:
    """Hand one letter over; True when the mail server took it. Raises Unreachable."""
    try:
        bounces.hold_back(letter)
        mail = _composed(letter)
        message = message_of(letter, mail)
    except Skip as skip:
        _settle(letter, State.SKIPPED, str(skip), was=letter.state)
        return False
    except Later as later:
        _put_off(letter, later.until)
        return False
    except Exception:
        log.exception("letter %s (%s) could not be composed", letter.pk, letter.kind)
        _fail(letter, "compose", was=letter.state)
        return False
    try:
        connection.open()  # apart from the hand-over: until now nothing can have arrived
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from error
    if not _start_sending(letter, mail):
        return False  # somebody else holds it by now
    letter.tells = mail.tells
    try:
        connection.send_messages([message])
    except Exception as error:
        said = replies.read(error)
        _not_taken(letter, said, may_have_arrived=_may_have_arrived(connection))
        bounces.note(letter, mail.to, said.fate)
        hang_up(connection)
        return False
    handed_as = _handed_as(message)
    _settle(letter, State.SENT, handed_as=handed_as)
    if letter.soft_weeks and not handed_as:  # a provider has yet to bring it, and tells
        bounces.note(letter, mail.to, replies.ARRIVED)
    return True


def _composed(letter: Letter) -> Mail:
    """Compose a letter. Raises Skip, also when its reader asked never to be written to."""
    kind = KINDS[letter.kind]
    mail = kind.compose(letter)
    if not kind.unasked:
        return mail
    if silence.is_asked(mail.to):
        raise Skip("never again")
    return replace(mail, headers={**mail.headers, **silence.headers_for(mail.to)})


def _put_off(letter: Letter, until: datetime) -> None:
    """Let it wait for its moment, which is never now: the sweep would turn on it for ever."""
    Letter.objects.filter(pk=letter.pk, state=letter.state).update(
        due_at=max(until, timezone.now() + timedelta(minutes=1)), held_until=None
    )


def _start_sending(letter: Letter, mail: Mail) -> bool:
    until = timezone.now() + LEASE
    found = [letter.pk, letter.state, letter.attempts]
    return _changed(_SENDING, [State.SENDING, until, Jsonb(mail.tells), *found])


_SENDING = """
    update members_letter set state = %s, held_until = %s, tells = %s, attempts = attempts + 1
    where id = %s and state = %s and attempts = %s"""


def _changed(statement: str, given: list) -> bool:
    with database.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.rowcount > 0


def _may_have_arrived(connection) -> bool:
    """Whether the break came after DATA; a backend that cannot tell says yes."""
    return getattr(getattr(connection, "connection", None), "began", True)


def _not_taken(letter: Letter, said: replies.Said, *, may_have_arrived: bool) -> None:
    """Settle by what the mail server said, if anything: a final no is the end, another is tried
    again, silence after DATA leaves the letter unknown unless its kind goes again."""
    if said.is_final:
        _settle(letter, State.DEAD, said.word)
    elif said.is_final is False or not may_have_arrived or _goes_again(letter):
        _fail(letter, said.word)
    else:
        _settle(letter, State.UNKNOWN, "broken off")


def _handed_as(message: EmailMultiAlternatives) -> str:
    """What the provider calls this mail, kept as a hash; '' where mail goes by SMTP."""
    known = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return bounces.mark(known) if isinstance(known, str) and known else ""


def _goes_again(letter: Letter) -> bool:
    kind = KINDS.get(letter.kind)
    return kind is not None and kind.at_least_once


def hang_up(connection) -> None:
    """Close a connection, whatever state it is in: the letters are settled without it."""
    try:
        connection.close()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("mail server left without a word (%s)", type(error).__name__)


def _fail(letter: Letter, reason: str, *, was: str = State.SENDING, at_once: bool = False) -> None:
    """Try again later, or give up after the last try. Composing and connecting count as tries."""
    tries = letter.attempts + (letter.state != State.SENDING)
    if tries > len(BACK_OFF):
        _settle(letter, State.DEAD, reason, was=was)
        return
    wait = timedelta(0) if at_once else timedelta(minutes=BACK_OFF[tries - 1])
    Letter.objects.filter(pk=letter.pk, state=was).update(
        state=State.FAILED,
        reason=reason[:40],
        attempts=tries,
        held_until=None,
        due_at=timezone.now() + wait,
    )


@transaction.atomic
def _settle(
    letter: Letter, state: str, reason: str = "", was: str = State.SENDING, handed_as: str = ""
) -> None:
    """Write the end of a letter, once, together with what its kind does then."""
    ended = [state, reason[:40], timezone.now(), handed_as, letter.pk, was]
    changed = _changed(_SETTLED, ended)
    kind = KINDS.get(letter.kind)
    if changed and kind and kind.settled:
        settled = copy(letter)  # the one in hand keeps the state it was held in
        settled.state, settled.reason = state, reason
        kind.settled(settled)


_SETTLED = """
    update members_letter
    set state = %s, reason = %s, settled_at = %s, handed_as = %s, held_until = null
    where id = %s and state = %s"""


@when_restored
def settle_restored() -> str:
    """Letters that had no end when the backup was made: most of them were brought since.

    A kind that goes at least once goes again, under the same Message-ID; of any other nobody
    gets a second copy, and one that was being handed over stays unknown.
    """
    open_ones = Letter.objects.filter(state__in=[State.QUEUED, State.FAILED, State.SENDING])
    again = ended = 0
    for letter in list(open_ones.order_by("id")):
        if _goes_again(letter):
            again += 1
            Letter.objects.filter(pk=letter.pk).update(
                state=State.FAILED, reason="restored", held_until=None
            )
        else:
            ended += 1
            end = State.UNKNOWN if letter.state == State.SENDING else State.SKIPPED
            _settle(letter, end, "restored", was=letter.state)
    if not again + ended:
        return ""
    return f"Letters that were waiting: {again} go again, {ended} do not."


def message_id(letter: Letter) -> str:
    """The same letter always has the same Message-ID: mail programs fold a second copy.

    Its id stays hidden, since that counts the letters of everybody.
    """
    known = salted_hmac("members.letter", str(letter.pk), algorithm="sha256").hexdigest()[:20]
    return f"<{letter.kind}-{known}@{settings.MAIL_DOMAIN}>".replace("_", "-")


class _Unfolded(EmailMultiAlternatives):
    """A mail whose headers stay on their lines: not every program joins a folded address."""

    def message(self):
        made = super().message()
        made.policy = made.policy.clone(max_line_length=998)
        return made


def message_of(letter: Letter, mail: Mail) -> EmailMultiAlternatives:
    """The mail as it is handed over. What is refused on the way comes back to KRING_BOUNCES."""
    sender = formataddr(parseaddr(settings.DEFAULT_FROM_EMAIL))
    message = _Unfolded(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.BOUNCES or sender,  # of the envelope
        to=[mail.to],
        headers={
            **({"From": sender} if settings.BOUNCES else {}),
            "Message-ID": message_id(letter),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **mail.headers,
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message
