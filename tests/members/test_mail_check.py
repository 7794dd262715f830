"""`manage.py mail_check`: a test letter by the way all mail goes, and sentences when it fails."""

import email
import io
import socketserver
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command

from kring.local.mailsink import MailSink
from members import delivery, mail_check
from members.letters import Mail
from members.models import Letter

PASSWORD = "open-sesame-7"


@pytest.fixture
def way(settings):
    """Mail leaves by SMTP, from a domain that is set up as it should be."""
    settings.EMAIL_BACKEND = "members.smtp.Server"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 2
    settings.URL, settings.HTTPS = "https://kring.example.org", True
    settings.MAIL_DOMAIN = "example.org"
    settings.DEFAULT_FROM_EMAIL = "Kring <kring@example.org>"
    return settings


@pytest.fixture
def sink(way, tmp_path):
    with MailSink(tmp_path) as made:
        way.EMAIL_PORT = made.port
        yield made


@pytest.fixture
def check():
    """Run the command; return its words and, if any, its complaint."""

    def go(address="somebody@example.org") -> str:
        said = io.StringIO()
        try:
            call_command("mail_check", address, stdout=said, no_color=True)
        except CommandError as error:
            return f"{said.getvalue()}\n{error}"
        return said.getvalue()

    return go


class _Talk(socketserver.StreamRequestHandler):
    """Says yes to everything but what the test wants refused."""

    def handle(self):
        refusals = self.server.refusals
        self.say(refusals.get("hello", "220 here"))
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].split(":")[0].upper()
            if word in refusals:
                self.say(refusals[word])
            elif word == "EHLO":
                self.say("250-here\r\n250-AUTH PLAIN\r\n250 SIZE 1000000")
            elif word == "DATA":
                self.say("354 go on")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.say(refusals.get(".", "250 taken"))
            else:
                self.say("250 fine")

    def say(self, words: str):
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def refuse(way):
    """A mail server that refuses something."""
    servers = []

    def go(**refusals):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk)
        server.daemon_threads = True
        server.refusals = refusals
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        servers.append(server)
        way.EMAIL_PORT = server.server_address[1]

    yield go
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_letter_arrives_in_both_languages_and_its_headers_are_shown(sink, check):
    said = check()
    letter = email.message_from_bytes(
        next(sink.folder.glob("*.eml")).read_bytes(), policy=policy.default
    )
    text = letter.get_body(("plain",)).get_content()
    assert "see whether mail arrives" in text
    assert "om te zien of mail aankomt" in text
    for name in ("Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"):
        assert f"{name}: {letter[name]}" in said
    assert "Nothing that can be seen from here." in said
    assert "The letter was taken." in said


def test_what_was_said_is_shown_without_the_letter(sink, check):
    said = check()
    for line in ("> EHLO", "< 250 SIZE", "> RCPT TO:<somebody@example.org>", "< 250 2.0.0 Kept"):
        assert line in said
    assert "(not encrypted)" in said
    assert "de proefbrief" not in said


def test_the_records_to_look_up_are_those_of_the_sender_s_domain(sink, check):
    said = check()
    for record in ("dig +short TXT example.org", "_domainkey.example.org", "_dmarc.example.org"):
        assert record in said


@pytest.mark.parametrize(
    ("refusals", "sentence"),
    [
        ({"hello": "554 go away"}, "does not want to talk. It said: 554 go away"),
        (
            {"MAIL": "530 5.7.0 Must issue a STARTTLS command first"},
            "wants TLS or a sign-in first",
        ),
        ({"MAIL": "550 5.7.60 not as this sender"}, "does not take mail from kring@example.org"),
        ({"RCPT": "550 5.1.1 nobody here"}, "this address is not there"),
        ({"RCPT": "554 5.7.1 Relay access denied"}, "relays for nobody without a sign-in"),
        ({"RCPT": "452 4.2.2 mailbox full"}, "its mailbox is full or away"),
        ({".": "550 5.7.26 no SPF"}, "Mostly it misses SPF or DKIM"),
    ],
    ids=str,
)
def test_a_refusal_is_quoted_and_explained(refuse, check, refusals, sentence):
    refuse(**refusals)
    said = check()
    assert sentence in said
    assert next(iter(refusals.values())).split(" ", 1)[1] in said
    assert "The letter was not taken." in said


def test_a_wrong_password_is_named_and_never_shown(refuse, way, check):
    way.EMAIL_HOST_USER, way.EMAIL_HOST_PASSWORD = "kring", PASSWORD
    refuse(AUTH=f"535 5.7.8 {PASSWORD} is not it")
    said = check()
    assert "does not accept SMTP_USER with SMTP_PASSWORD" in said
    assert "> AUTH …" in said
    assert PASSWORD not in said
    assert "AG9wZW4" not in said  # nor as PLAIN sends it


def test_a_server_without_starttls_is_not_taken_for_a_safe_one(refuse, way, check):
    way.EMAIL_USE_TLS = True
    refuse()
    assert "offers no STARTTLS" in check()


def test_nobody_there(way, check):
    way.EMAIL_PORT = 1
    assert "Nothing listens at 127.0.0.1:1" in check()


def test_no_such_machine(way, check):
    way.EMAIL_HOST = "nowhere.invalid"
    assert "No machine is called 'nowhere.invalid'" in check()


def test_a_server_that_says_nothing(way, check):
    way.EMAIL_TIMEOUT = 0.1
    with socketserver.TCPServer(("127.0.0.1", 0), _Talk) as silent:
        way.EMAIL_PORT = silent.server_address[1]
        assert "said nothing or hung up. Port 465" in check()


def test_a_certificate_nobody_vouches_for(refuse, way, check, tmp_path):
    """The server speaks TLS, under a name it gave itself."""
    way.EMAIL_USE_SSL, way.EMAIL_USE_TLS = True, False
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "both.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(encoding)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.refusals, server.handle_error = {}, lambda *_: None
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        way.EMAIL_PORT = server.server_address[1]
        said = check()
        server.shutdown()
    assert "The certificate of 127.0.0.1" in said
    assert "must be the name that stands in it" in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"MAIL_DOMAIN": "localhost"}, "which is no name on the internet"),
        ({"MAIL_DOMAIN": "kring.example.net"}, "Set KRING_FROM and KRING_MAIL_DOMAIN to the same"),
        ({"URL": "http://kring.example.org", "HTTPS": False}, "for https only"),
        ({"EMAIL_HOST": "mail.invalid"}, "Letters travel to mail.invalid unencrypted"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_settings_that_will_go_wrong_are_named(sink, way, check, given, sentence):
    for name, value in given.items():
        setattr(way, name, value)
    assert sentence in check()


def test_a_provider_without_a_key_or_a_secret_is_named(way, check):
    way.EMAIL_BACKEND, way.MAIL_PROVIDER = "anymail.backends.postmark.EmailBackend", "postmark"
    said = check()
    assert "POSTMARK_SERVER_TOKEN" in said
    assert "https://kring.example.org/mail/webhook/postmark/" in said


def test_a_provider_that_cannot_be_reached(way, check):
    way.EMAIL_BACKEND, way.MAIL_PROVIDER = "anymail.backends.postmark.EmailBackend", "postmark"
    way.ANYMAIL = {"POSTMARK_SERVER_TOKEN": PASSWORD, "POSTMARK_API_URL": "http://127.0.0.1:1/"}
    said = check()
    assert "The provider was not reached" in said
    assert PASSWORD not in said


def test_what_is_no_address_is_refused_before_anything_is_sent(check):
    assert "is no email address" in check("somebody")


def test_refused_mail_comes_back_to_the_address_for_it(sink, way):
    way.BOUNCES = "bounces@example.org"
    message = delivery.message_of(Letter(pk=1, kind="x"), Mail("a@example.org", "S", "T", "<p>"))
    assert message.from_email == "bounces@example.org"
    assert message.message()["From"] == "Kring <kring@example.org>"
    mail_check.try_mail("a@example.org")
    assert len(list(sink.folder.glob("*.eml"))) == 1
