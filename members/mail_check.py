"""Trying the way mail leaves: one test letter through the very back end in use, all that was said on
the way, and in sentences what is wrong and what to do. No secret is ever shown.
"""

import secrets
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend as SMTP
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from members import delivery, mailing, replies
from members.letters import Mail
from members.models import Letter

# What may be shown of what we say; anything else may be a password.
_PLAIN = {"EHLO", "HELO", "STARTTLS", "MAIL", "RCPT", "DATA", "QUIT", "RSET", "NOOP"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass
class Found:
    """What a try brought to light."""

    taken: bool = False
    talk: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # each: what is wrong, and what to do
    notes: list[str] = field(default_factory=list)


def try_mail(address: str) -> Found:
    """Send a test letter to this address, and say what came of it."""
    found = Found(wrong=_wrong_settings(), notes=_notes())
    message = delivery.message_of(
        Letter(pk=secrets.randbits(62), kind="mail_check"), _test_letter(address)
    )
    found.headers = [(name, str(value)) for name, value in message.message().items()]
    try:
        connection = _listening(found.talk)
    except ImproperlyConfigured as error:
        found.wrong.insert(0, _hushed(str(error)))
        return found
    try:
        connection.open()
        _note_encryption(connection, found)
        connection.send_messages([message])
    except (smtplib.SMTPException, OSError, AnymailError) as error:
        found.wrong.insert(0, explain(error))
        return found
    finally:
        delivery.hang_up(connection)
    found.taken = True
    _note_provider(message, found)
    return found


def records(domain: str) -> list[tuple[str, str, str]]:
    """What to look up about a domain: what it is for, the question, how the answer should read."""
    return [
        (
            "SPF: who may send for this domain",
            f"dig +short TXT {domain}",
            '"v=spf1 include:YOUR-MAIL-SERVER -all", one such record, with your server in it',
        ),
        (
            "DKIM: the key that belongs to the signature",
            f"dig +short TXT SELECTOR._domainkey.{domain}",
            '"v=DKIM1; k=rsa; p=MIIB…"; SELECTOR is s= in the signature of the letter that came',
        ),
        (
            "DMARC: what others do with mail that fails both",
            f"dig +short TXT _dmarc.{domain}",
            f'"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}"',
        ),
        (
            "Reverse DNS: the name of the address your server sends from",
            "dig +short -x ITS-ADDRESS",
            "the name your server says in EHLO, and that name leads back to the same address",
        ),
    ]


def from_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()


def explain(error: Exception) -> str:
    """Say in a sentence what went wrong and what to do. The server's words are quoted."""
    if isinstance(error, AnymailError):
        return _explain_provider(error)
    at = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    match error:
        case smtplib.SMTPAuthenticationError():
            return _quoting(
                error,
                "The mail server does not accept SMTP_USER with SMTP_PASSWORD. Set them anew.",
            )
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            return (
                f"{at} offers no STARTTLS, and SMTP_TLS=1 asks for it. Use the port that does "
                "(often 587); unset SMTP_TLS only for a server on this very machine."
            )
        case smtplib.SMTPNotSupportedError():
            return (
                f"{at} offers no sign-in. Many servers do so only after STARTTLS: set SMTP_TLS=1. "
                "If it needs none, unset SMTP_USER and SMTP_PASSWORD."
            )
        case smtplib.SMTPServerDisconnected():
            return (
                f"{at} took the connection, and then said nothing or hung up. Port 465 waits for TLS "
                "from the first byte, which Kring does not speak: use 587 with SMTP_TLS=1."
            )
        case smtplib.SMTPSenderRefused():
            return _quoting(error, _explain_sender(error.smtp_code))
        case smtplib.SMTPRecipientsRefused():
            return _quoting(error, _explain_recipient(error))
        case smtplib.SMTPDataError():
            return _quoting(
                error,
                "The mail server read the letter and does not take it. Mostly it misses SPF or DKIM, "
                "or does not know the domain of KRING_FROM; its words say which.",
            )
        case smtplib.SMTPResponseException():
            return _quoting(error, f"{at} does not want to talk.")
        case ssl.SSLCertVerificationError():
            return (
                f"The certificate of {at} is not good ({error.verify_message}). SMTP_HOST must be "
                "the name that stands in it."
            )
        case ssl.SSLError():
            return f"{at} speaks no TLS that Kring understands ({error.reason}). Check SMTP_PORT."
        case socket.gaierror():
            return f"No machine is called {settings.EMAIL_HOST!r}. Check SMTP_HOST."
        case ConnectionRefusedError():
            return (
                f"Nothing listens at {at}. Check SMTP_HOST and SMTP_PORT, and that the mail server "
                "runs (on one machine: make run)."
            )
        case TimeoutError():
            return (
                f"{at} does not answer within {settings.EMAIL_TIMEOUT} seconds. Many hosting "
                "companies close port 25: use 587."
            )
        case _:
            return f"{at} cannot be reached ({type(error).__name__})."


def _explain_sender(code: int) -> str:
    if code == 530:
        return "The mail server wants TLS or a sign-in first. Set SMTP_TLS=1, SMTP_USER, SMTP_PASSWORD."
    return (
        f"The mail server does not take mail from {parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}. Set "
        "KRING_FROM to an address that SMTP_USER may send as."
    )


def _explain_recipient(error: smtplib.SMTPRecipientsRefused) -> str:
    match replies.read(error).fate:
        case replies.HARD:
            return (
                "The mail server says that this address is not there. A member at it would get no "
                "digest any more, and read on Kring why."
            )
        case replies.SOFT:
            return (
                "The mail server does not take mail for this address now: its mailbox is full or "
                "away. Kring would try again for twelve hours."
            )
        case _:
            return (
                "The mail server does not take mail from here for this address. It relays for "
                "nobody without a sign-in (set SMTP_USER, SMTP_PASSWORD, SMTP_TLS=1), or holds our "
                "address or domain to be a sender of spam; its words say which."
            )


def _explain_provider(error: AnymailError) -> str:
    said = replies.read(error)
    if said.fate == replies.HARD:
        return (
            "The provider does not send to this address: it bounced or complained before. Take it "
            "from the provider's suppression list, if it is good again."
        )
    match error.status_code:
        case 401 | 403:
            return (
                f"The provider does not accept the key ({said.word}). Set the ANYMAIL_… keys anew."
            )
        case None:
            return f"The provider was not reached ({said.word}). Check that this machine may call out."
        case _:
            return (
                f"The provider does not take the letter ({said.word}). Mostly the domain of "
                "KRING_FROM is not confirmed there; the provider's own log says which."
            )


def _wrong_settings() -> list[str]:
    """What can be seen to be wrong before anything is sent."""
    wrong, sender = [], from_domain()
    host = settings.EMAIL_HOST.lower()
    if "." not in settings.MAIL_DOMAIN or settings.MAIL_DOMAIN.replace(".", "").isdigit():
        wrong.append(
            f"Message-IDs end in @{settings.MAIL_DOMAIN}, which is no name on the internet. Set "
            "KRING_MAIL_DOMAIN (or KRING_URL) to your domain."
        )
    elif not _related(sender, settings.MAIL_DOMAIN.lower()):
        wrong.append(
            f"Mail is from {sender}, but its Message-ID and List-Id say {settings.MAIL_DOMAIN}. "
            "Set KRING_FROM and KRING_MAIL_DOMAIN to the same domain: filters compare them."
        )
    if not settings.HTTPS:
        wrong.append(
            f"List-Unsubscribe leads to {settings.URL}, and mail programs offer their button for "
            "https only. Set KRING_URL to an https address."
        )
    if not settings.MAIL_PROVIDER and host not in _LOOPBACK and not settings.EMAIL_USE_TLS:
        wrong.append(
            f"Letters travel to {host} unencrypted. Set SMTP_TLS=1 (and mostly SMTP_PORT=587)."
        )
    if settings.MAIL_PROVIDER and not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        wrong.append(
            "What the provider tells of bounces and complaints is not heard. Set "
            "ANYMAIL_WEBHOOK_SECRET, and at the provider the address "
            f"{settings.URL}{reverse('mail_webhook', args=[settings.MAIL_PROVIDER])}."
        )
    return wrong


def _notes() -> list[str]:
    if settings.MAIL_PROVIDER:
        return [
            "The provider signs (DKIM): that is why no signature stands above. See to it that the "
            "domain is confirmed there, and that following opens and clicks is switched off."
        ]
    return [
        "No DKIM-Signature stands above because signing is the task of the mail server. Look for it "
        "in the letter that came: d= is the domain of From, and h= names list-unsubscribe and "
        "list-unsubscribe-post.",
        "A refusal during the hand-over is heard. What comes back later by mail, to the address of "
        "Return-Path, Kring does not read.",
    ]


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _test_letter(address: str) -> Mail:
    link = settings.URL + reverse("unsubscribe_page", args=["test"])
    mail = mailing.compose(
        "mail_check",
        to=address,
        language=settings.LANGUAGE_CODE,
        headers={
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"Kring test <mail-check.{settings.MAIL_DOMAIN}>",
        },
        greetings=[_greeting(code) for code, _name in settings.LANGUAGES],
    )
    return mail


def _greeting(language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "language": language,
            "subject": _("Kring: a test letter"),
            "heading": _("A test letter"),
            "words": _(
                "Whoever runs Kring sent this letter to see whether mail arrives. "
                "You need do nothing."
            ),
        }


class _Noted:
    """An SMTP connection that writes down what is said, without passwords and the letter itself."""

    talk: list[str]

    def putcmd(self, cmd, args=""):
        word = cmd.upper()
        told = f"{word} {args}".strip() if word in _PLAIN else "AUTH …" if word == "AUTH" else "…"
        self.talk.append(f"> {told}")
        return super().putcmd(cmd, args)

    def getreply(self):
        code, words = super().getreply()
        for line in words.decode("utf-8", "replace").splitlines() or [""]:
            self.talk.append(_hushed(f"< {code} {line}".rstrip()))
        return code, words


def _listening(talk: list[str]):
    """The back end in use, on a line that is listened to where it is SMTP."""
    backend = import_string(settings.EMAIL_BACKEND)
    if not issubclass(backend, SMTP):
        return backend()

    class Listening(backend):
        @property
        def connection_class(self):
            return type("Connection", (_Noted, super().connection_class), {"talk": talk})

    return Listening()


def _note_encryption(connection, found: Found) -> None:
    server = getattr(connection, "connection", None)
    if not isinstance(server, smtplib.SMTP):
        found.talk.append(f"(by {settings.EMAIL_BACKEND})")
    elif isinstance(server.sock, ssl.SSLSocket):
        found.talk.append(f"({server.sock.version()}, {server.sock.cipher()[0]})")
    else:
        found.talk.append("(not encrypted)")


def _note_provider(message: EmailMultiAlternatives, found: Found) -> None:
    status = getattr(message, "anymail_status", None)
    if status is not None:
        found.talk.append(
            f"(the provider calls it {status.message_id}: {', '.join(status.status)})"
        )


def _quoting(error: smtplib.SMTPException, sentence: str) -> str:
    code, words = replies.reply(error)
    return _hushed(f"{sentence} It said: {code} {' '.join(words.split())[:300]}")


def _hushed(text: str) -> str:
    """The text without anything that is set as a secret."""
    hidden = [settings.EMAIL_HOST_PASSWORD, *settings.ANYMAIL.values()]
    for value in hidden:
        if isinstance(value, str) and value:
            text = text.replace(value, "…")
    return text
