"""Delivery in earnest: a real worker, broker and mail server, and the worker is killed.

The sweeps that beat would order are ordered by the test.
"""

import email
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone

from kring.local import valkey
from members import account_letters, delivery, letters
from members.models import Letter, Member
from questions.models import DigestIssue, DigestPlan
from tests import live, make
from tests.conftest import role
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = ["queued", "failed", "sending"]


class Broker:
    """A Valkey of this test, which may go away and come back."""

    def __init__(self, folder: Path):
        self.socket = folder / "broker.sock"
        self.url = f"unix://{self.socket}"
        self.celery = Celery(broker=f"redis+socket://{self.socket}")

    def start(self):
        program = str(next(valkey._places()))
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        live.wait_until(self.socket.exists, what="the broker")

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)

    def order(self, task: str):
        """Order a sweep, as beat does."""
        self.celery.send_task(task, ignore_result=True)


@pytest.fixture
def broker():
    folder = Path(tempfile.mkdtemp(prefix="kring-"))
    made = Broker(folder)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder)


class Gate:
    """A mail server that holds one letter in DATA until it is told what becomes of it."""

    def __init__(self, number: int, *, taken: bool = True):
        self.number, self.seen, self.taken = number, 0, taken
        self.held, self.told = threading.Event(), threading.Event()

    def __call__(self, envelope):
        self.seen += 1
        if self.seen == self.number:
            self.held.set()
            self.told.wait(60)
            if not self.taken:
                raise RuntimeError("never stored")


def arrived(folder: Path) -> list:
    return [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


def nothing_waits() -> bool:
    planned = DigestIssue.objects.filter(state="planned").exists()
    return not planned and not Letter.objects.filter(state__in=WAITING).exists()


def five_minutes_later():
    """The hold of a killed worker has run out."""
    Letter.objects.filter(state__in=WAITING).update(
        held_until=timezone.now() - timedelta(seconds=1)
    )


@pytest.fixture
def readers(circle, anna):
    """Eight members, each with a question of their own that anna has answered."""
    made = []
    for number in range(8):
        reader = make.member(f"reader{number}", language="en")
        make.membership(circle, reader)
        rows.answered(make.question(circle, by=reader, title="Mine?"), anna, xid=None)
        rows.plan(reader, cursor_xid=0)
        made.append(reader)
    rows.below_every_window()
    return made


def a_week_later(readers):
    """The issues there are were those of the week before, and the next are due."""
    DigestIssue.objects.update(week="before")
    DigestPlan.objects.filter(member__in=readers).update(
        next_due_at=timezone.now() - timedelta(minutes=1)
    )


@pytest.mark.parametrize("taken", [True, False], ids=["arrived", "not arrived"])
def test_d1_a_worker_killed_in_data_loses_and_doubles_no_digest(broker, readers, tmp_path, taken):
    gate = Gate(4, taken=taken)
    with live.sink(tmp_path, on_message=gate) as mails:
        with live.worker(mails.port, REDIS_URL=broker.url) as worker:
            broker.order("questions.tasks.plan_digests")
            assert gate.held.wait(30)
            live.stop(worker, signal.SIGKILL)
        gate.told.set()
        five_minutes_later()
        with live.worker(mails.port, REDIS_URL=broker.url):
            broker.order("members.tasks.deliver_letters")
            live.wait_until(nothing_waits, 30, what="the rest of the digests")
            unknown = DigestIssue.objects.get(state="unknown")
            others = [reader.email for reader in readers if reader != unknown.member]
            first = [mail["To"] for mail in arrived(tmp_path)]
            assert sorted(first) == sorted([*others, *([unknown.member.email] * taken)])

            a_week_later(readers)
            broker.order("questions.tasks.plan_digests")
            later = DigestIssue.objects.exclude(week="before").exclude(state="planned")
            live.wait_until(lambda: later.count() == 8, 30, what="the next week")
            live.wait_until(nothing_waits, 30, what="the digest of the next week")
    (again,) = arrived(tmp_path)[len(first) :]
    assert again["To"] == unknown.member.email
    assert "1 answer on your question" in again.get_body(("plain",)).get_content()
    rest = later.exclude(member=unknown.member)
    assert set(rest.values_list("state", "reason")) == {("skipped", "empty")}


def test_a_letter_that_must_arrive_comes_again_as_the_same(broker, bram, tmp_path):
    """A mail program folds the two: they carry one Message-ID."""
    gate = Gate(1)
    with role("kring_owner"):
        letters.post(account_letters.RESET, member=bram, subject_id=bram.pk)
    with live.sink(tmp_path, on_message=gate) as mails:
        with live.worker(mails.port, REDIS_URL=broker.url) as worker:
            broker.order("members.tasks.deliver_letters")
            assert gate.held.wait(30)
            live.stop(worker, signal.SIGKILL)
        gate.told.set()
        live.wait_until(lambda: len(arrived(tmp_path)) == 1)
        five_minutes_later()
        with live.worker(mails.port, REDIS_URL=broker.url):
            broker.order("members.tasks.deliver_letters")
            live.wait_until(lambda: len(arrived(tmp_path)) == 2, 30, what="the second copy")
            live.wait_until(nothing_waits)
    first, second = arrived(tmp_path)
    letter = Letter.objects.get()
    assert first["Message-ID"] == second["Message-ID"] == delivery.message_id(letter)
    assert (letter.state, letter.attempts) == ("sent", 2)


POSTING = """
import django, sys, time
django.setup()
from django.db import transaction
from kring.lib.acting import acting_as
from members import account_letters, letters
member, first = map(int, sys.argv[1:])
for number in range(first, first + 10):
    begun = time.monotonic()
    with acting_as(member):
        letters.post(account_letters.RESET, member=member, subject_id=member, seq=number)
    print(time.monotonic() - begun)
    time.sleep(0.05)
"""


def seconds_to_post(member: Member, first: int, broker: Broker) -> list[float]:
    """Post ten letters as the web does, in a process of its own; return what each took."""
    run = subprocess.run(
        [sys.executable, "-c", POSTING, str(member.pk), str(first)],
        env=live.environment("kring_web", REDIS_URL=broker.url),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [float(line) for line in run.stdout.split()]


def test_without_a_broker_posting_is_as_fast_and_nothing_is_lost(broker, bram, tmp_path):
    with (
        live.sink(tmp_path) as mails,
        live.worker(mails.port, REDIS_URL=broker.url),
    ):
        there = seconds_to_post(bram, 0, broker)
        live.wait_until(lambda: len(arrived(tmp_path)) == 10, 30, what="the first letters")
        broker.process.send_signal(signal.SIGSTOP)  # takes calls and answers none
        silent = seconds_to_post(bram, 10, broker)
        broker.stop()
        gone = seconds_to_post(bram, 20, broker)
        # The first of a process opens its connection to the database.
        assert max(silent[1:] + gone[1:]) < 10 * max(there[1:]) + 0.1
        assert Letter.objects.filter(state="queued").count() == 20
        broker.start()
        broker.order("members.tasks.deliver_letters")
        live.wait_until(lambda: len(arrived(tmp_path)) == 30, 60, what="all that waited")
        live.wait_until(nothing_waits)
    assert len({mail["Message-ID"] for mail in arrived(tmp_path)}) == 30
