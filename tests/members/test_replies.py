"""Whose fault a refusal is: the reader's address, or our mail."""

import smtplib

import pytest
import requests
from anymail.exceptions import (
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)
from anymail.signals import AnymailTrackingEvent
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from members import replies
from members.replies import COMPLAINT, HARD, OURS, SOFT, Said


@pytest.mark.parametrize(
    ("code", "words", "fate"),
    [
        (550, "5.1.1 The email account that you tried to reach does not exist", HARD),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound", HARD),
        (550, "5.2.1 The email account is disabled", HARD),
        (550, "5.4.1 Recipient address rejected: Access denied", HARD),
        (556, "5.1.10 null MX", HARD),
        (550, "No such user here", HARD),
        (553, "sorry, that mailbox is not here", HARD),
        (552, "5.2.2 The mailbox is full", SOFT),
        (550, "mailbox is full", SOFT),
        (450, "4.2.0 mailbox temporarily disabled", SOFT),
        (451, "try again later", SOFT),
        (550, "5.7.1 Unauthenticated mail is not accepted, see DMARC", OURS),
        (550, "5.7.26 This mail has been blocked", OURS),
        (451, "4.7.1 Greylisted", OURS),
        (421, "too many connections", OURS),
        (550, "rejected because 5.2.1.9 is in a blacklist", OURS),
        (554, "Relay access denied", OURS),
        (550, "5.3.4 message too big", OURS),
        (550, "5.1.8 sender's domain does not exist", OURS),
    ],
)
def test_a_reply_to_the_recipient_says_whose_fault_it_is(code, words, fate):
    assert replies.fate_of(code, words, at_recipient=True) == fate


def test_a_refusal_of_the_content_is_not_the_reader_s_fault():
    said = replies.read(smtplib.SMTPDataError(550, b"we do not like this"))
    assert said == Said("550", True, OURS)
    assert replies.read(smtplib.SMTPDataError(550, b"5.1.1 nobody")).fate == HARD


def test_the_last_word_of_several_recipients_counts():
    error = smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"5.1.1 nobody")})
    assert replies.read(error) == Said("550", True, HARD)


def test_a_broken_line_says_nothing():
    assert replies.read(smtplib.SMTPServerDisconnected("gone")) == Said(
        "SMTPServerDisconnected", None
    )


def _answer(status: int) -> AnymailRequestsAPIError:
    response = requests.Response()
    response.status_code = status
    return AnymailRequestsAPIError(response=response)


def _unanswered(cause: Exception) -> AnymailRequestsAPIError:
    error = AnymailRequestsAPIError("Error posting")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AnymailRecipientsRefused(), Said("refused", True, HARD)),
        (_answer(422), Said("http 422", True)),
        (_answer(401), Said("http 401", False)),
        (_answer(429), Said("http 429", False)),
        (_answer(502), Said("http 502", None)),
        (AnymailInvalidAddress("x"), Said("AnymailInvalidAddress", False)),
        (
            _unanswered(
                requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "no")))
            ),
            Said("AnymailRequestsAPIError", False),
        ),
        (
            _unanswered(requests.ReadTimeout(ReadTimeoutError(None, "/", "slow"))),
            Said("AnymailRequestsAPIError", None),
        ),
    ],
    ids=lambda value: value.word if isinstance(value, Said) else "",
)
def test_a_provider_s_interface_is_read_as_far_as_it_can_be(error, said):
    assert replies.read(error) == said


@pytest.mark.parametrize(
    ("facts", "fate"),
    [
        ({"event_type": "complained"}, COMPLAINT),
        ({"event_type": "unsubscribed"}, COMPLAINT),
        ({"event_type": "delivered"}, "arrived"),
        ({"event_type": "deferred"}, None),
        ({"event_type": "opened"}, None),
        ({"event_type": "bounced", "reject_reason": "bounced"}, HARD),
        (
            {"event_type": "bounced", "reject_reason": "bounced", "mta_response": "550 5.7.1 x"},
            OURS,
        ),
        ({"event_type": "bounced", "reject_reason": "bounced", "mta_response": "452 4.2.2"}, SOFT),
        ({"event_type": "bounced", "reject_reason": "timed_out"}, SOFT),
        ({"event_type": "bounced", "reject_reason": "blocked"}, OURS),
        ({"event_type": "bounced", "reject_reason": "spam"}, OURS),
        ({"event_type": "rejected", "reject_reason": "spam"}, COMPLAINT),
        ({"event_type": "rejected", "reject_reason": "invalid"}, HARD),
        ({"event_type": "bounced", "esp_event": {"Type": "SoftBounce"}}, SOFT),
        ({"event_type": "bounced", "esp_event": {"event": "soft_bounce"}}, SOFT),
        ({"event_type": "bounced", "esp_event": {"data": {"type": "soft_bounced"}}}, SOFT),
        ({"event_type": "bounced", "description": "Transient: MailboxFull"}, SOFT),
        ({"event_type": "bounced", "esp_event": {"hard_bounce": False}}, SOFT),
        ({"event_type": "bounced", "esp_event": {"bounce_class": "22"}}, SOFT),
        ({"event_type": "bounced", "esp_event": {"Type": "HardBounce"}}, HARD),
    ],
    ids=str,
)
def test_what_a_provider_tells_later_is_read_the_same_way(facts, fate):
    assert replies.fate_told(AnymailTrackingEvent(**facts)) == fate
