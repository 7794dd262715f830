"""What was said about a hand-over: by a mail server in its reply, by a provider's interface, by a
provider afterwards. Reads only; what follows from it is done by delivery and bounces.

The question is always whose fault it is. An address that is not there is its reader's; a mail that
is refused for what it is, or for who brings it, is ours, and costs no member their mail.
"""

import re
import smtplib
from dataclasses import dataclass

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from requests import ConnectTimeout
from urllib3.exceptions import NewConnectionError

# The fate of a mail as far as its reader is concerned.
HARD, SOFT, COMPLAINT, ARRIVED, OURS = "hard", "soft", "complaint", "arrived", ""

# RFC 3463, class.subject.detail: 5.1.1 is 'no such mailbox'. Not a part of an internet address.
_STATUS = re.compile(r"(?<![\d.])([45])\.([0-7])\.(\d{1,3})(?!\d|\.\d)")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?!\d|\.\d)")
# Said for ever, these speak of an address that is not there; 5.4.1 is how Microsoft puts it.
_NOT_THERE = {(1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 10), (2, 1), (4, 1), (4, 4)}
_FULL_OR_AWAY = {(2, 0), (2, 2), (4, 2), (4, 7)}
# Said with 550 and the like by servers that give no status of RFC 3463.
_POLICY = re.compile(
    r"spam|block|black ?list|denied|polic|reputation|relay|dmarc|\bspf\b|dkim|authenticat"
    r"|not permitted|not allowed",
    re.IGNORECASE,
)
_FULL = re.compile(r"quota|mailbox (is )?full|insufficient", re.IGNORECASE)
_NO_ADDRESS = {550, 551, 553}  # RFC 5321: said to RCPT TO, they speak of the mailbox
# HTTP: the provider understood, and will not take this mail. Another day changes nothing.
_REFUSED = {400, 404, 406, 413, 422}
_TEMPORARY = ("soft", "transient", "temporary", "undetermined")


@dataclass(frozen=True)
class Said:
    """A refusal. `is_final`: True never again, False try again, None nobody can tell."""

    word: str  # the code, or the kind of error: what stands in the row, never words of the server
    is_final: bool | None
    fate: str = OURS


def read(error: Exception) -> Said:
    """Read a failed hand-over."""
    if isinstance(error, AnymailRecipientsRefused):
        return Said("refused", True, HARD)
    if isinstance(error, AnymailError):
        return _read_interface(error)
    code, words = reply(error)
    if code is None or not 400 <= code < 600:
        return Said(str(code or type(error).__name__), None if code is None else False)
    at_recipient = isinstance(error, smtplib.SMTPRecipientsRefused)
    return Said(str(code), code >= 500, fate_of(code, words, at_recipient=at_recipient))


def fate_of(code: int, words: str, *, at_recipient: bool) -> str:
    """Say what a reply means for its reader: HARD, SOFT, or OURS when it is not about them.

    Temporary refusals are SOFT; whoever counts them waits until the letter was given up.
    """
    if found := _STATUS.search(words):
        kind, *what = (int(part) for part in found.groups())
        if tuple(what) in _NOT_THERE:
            return HARD if kind == 5 else SOFT
        return SOFT if tuple(what) in _FULL_OR_AWAY else OURS
    if _POLICY.search(words):
        return OURS
    if not at_recipient or code == 421:
        return OURS  # about the content, or about the server
    if code < 500 or code == 552 or _FULL.search(words):
        return SOFT
    return HARD if code in _NO_ADDRESS else OURS


def fate_told(event: AnymailTrackingEvent) -> str | None:
    """Say what a provider's news means for the reader of a letter; None when it is no such news."""
    match event.event_type:
        case EventType.COMPLAINED | EventType.UNSUBSCRIBED:
            return COMPLAINT
        case EventType.DELIVERED:
            return ARRIVED
        case EventType.BOUNCED | EventType.REJECTED:
            return _fate_of_bounce(event)
        case _:
            return None


def _fate_of_bounce(event: AnymailTrackingEvent) -> str:
    match event.reject_reason:
        case RejectReason.SPAM | RejectReason.UNSUBSCRIBED:
            return COMPLAINT if event.event_type == EventType.REJECTED else OURS
        case RejectReason.BLOCKED | RejectReason.OTHER:
            return OURS
        case RejectReason.TIMED_OUT:
            return SOFT
    if event.event_type == EventType.BOUNCED and _is_temporary(event):
        return SOFT
    words = str(event.mta_response or "")
    found = _STATUS.search(words) or _CODE.search(words)
    if found is None:
        return HARD
    # The provider has judged it final; the words may still say that it was not the address.
    return fate_of(450 if found[1].startswith("4") else 550, words, at_recipient=True)


def _is_temporary(event: AnymailTrackingEvent) -> bool:
    """Providers name it in a word of their own: SoftBounce, soft_bounce, Transient."""
    told = event.esp_event if isinstance(event.esp_event, dict) else {}
    if told.get("hard_bounce") is False or str(told.get("bounce_class")) in _SPARKPOST_SOFT:
        return True
    words = [event.description, *_words_in(told)]
    return any(word.lower().startswith(_TEMPORARY) for word in words if isinstance(word, str))


_SPARKPOST_SOFT = {"20", "21", "22", "23", "24", "40", "70"}
_NAMES = {"Type", "type", "event", "bounceType"}


def _words_in(told: dict, depth: int = 3) -> list:
    found = [value for name, value in told.items() if name in _NAMES]
    if depth:
        for value in told.values():
            if isinstance(value, dict):
                found += _words_in(value, depth - 1)
    return found


def _read_interface(error: AnymailError) -> Said:
    code = error.status_code
    if code is not None:
        final = True if code in _REFUSED else False if code < 500 else None
        return Said(f"http {code}", final)
    return Said(type(error).__name__, False if _nothing_went(error) else None)


def _nothing_went(error: AnymailError) -> bool:
    """Whether the provider cannot have got it: the mail was not fit for it, or nobody answered."""
    cause = error.__cause__
    if cause is None or isinstance(error, ConnectTimeout):
        return True
    refused = cause.args[0] if cause.args else None
    return isinstance(getattr(refused, "reason", None), NewConnectionError)


def reply(error: Exception) -> tuple[int | None, str]:
    """The code and the words of the server's refusal. 451 and 550 raise the same class."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = max(error.recipients.values(), key=lambda reply: reply[0])
    else:
        code, words = getattr(error, "smtp_code", None), getattr(error, "smtp_error", "")
    return code, words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
