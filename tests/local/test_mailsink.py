"""The mail sink: one file for each message, in order, never another's name."""

import smtplib
from email.message import EmailMessage

import pytest

from kring.local.mailsink import MailSink


def letter(subject="Hello"):
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "kring@example.org"
    message["To"] = "anna@example.org"
    message.set_content("A word.\n.\nAnother.\n")
    return message


@pytest.fixture
def sink(tmp_path):
    with MailSink(tmp_path / "mailbox") as sink:
        yield sink


@pytest.fixture
def post(sink):
    with smtplib.SMTP("127.0.0.1", sink.port) as line:
        yield line.send_message


def kept(sink):
    return sorted(path for path in sink.folder.iterdir())


def test_a_message_is_kept_with_its_envelope_on_top(sink, post):
    post(letter(), to_addrs=["anna@example.org", "bram@example.org"])
    lines = kept(sink)[0].read_bytes().split(b"\r\n")
    assert lines[0] == b"X-Envelope-To: anna@example.org, bram@example.org"
    assert lines[-4:] == [b"A word.", b".", b"Another.", b""]


def test_names_sort_in_the_order_of_arrival(sink, post):
    for number in range(20):
        post(letter(f"Number {number}"))
    found = [path.read_text().split("Subject: ")[1].split("\n")[0] for path in kept(sink)]
    assert found == [f"Number {number}" for number in range(20)]


def test_a_refusing_hook_gives_451_and_no_file(sink, post):
    def refuse(envelope):
        raise OSError("the disk\nis full")

    sink.on_message = refuse
    with pytest.raises(smtplib.SMTPDataError) as refused:
        post(letter())
    assert refused.value.smtp_code == 451
    assert b"the disk is full" in refused.value.smtp_error
    assert kept(sink) == []


def test_the_hook_sees_whom_a_message_is_for(sink, post):
    seen = []
    sink.on_message = lambda envelope: seen.extend(envelope.rcpt_tos)
    post(letter())
    assert seen == ["anna@example.org"]


def test_a_stopped_sink_refuses_connections(sink):
    sink.stop()
    with pytest.raises(ConnectionError):
        smtplib.SMTP("127.0.0.1", sink.port)
