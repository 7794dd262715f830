"""The hand-over: nothing lost, nothing doubled, whatever the mail server does."""

import re
import socketserver
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from members import delivery
from members.letters import KINDS, Kind, Later, Mail, Skip
from members.models import Letter
from tests.conftest import role

WORDS = {
    "refuse": "550 nobody here",
    "full": "452 4.2.2 the mailbox is full",
    "policy": "550 5.7.1 not from you",
}


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server
        server.calls += 1
        self.say("220 here")
        while line := self.rfile.readline().decode().strip().upper():
            word = line.split()[0].split(":")[0]
            if word == "RCPT" and server.manner in WORDS:
                self.say(WORDS[server.manner])
            elif word == "DATA":
                if server.manner == "break before DATA":
                    return
                self.say("354 go on")
                if not self.take():
                    return
            elif word == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 fine")

    def take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        if self.server.manner == "break after DATA":
            return False
        if self.server.manner == "defer":
            self.say("451 not now")
        else:
            self.server.taken.append(b"".join(lines).decode())
            self.say("250 taken")
        return True

    def say(self, words: str):
        self.wfile.write(f"{words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """A mail server with manners that a test can change."""

    daemon_threads = True
    allow_reuse_address = True
    manner = "ok"

    def __init__(self):
        self.taken, self.calls = [], 0
        super().__init__(("127.0.0.1", 0), _Talk)
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    def message_ids(self) -> list[str]:
        lines = "".join(self.taken).splitlines()
        return [line.split()[1] for line in lines if line.startswith("Message-ID:")]


@pytest.fixture
def server(settings):
    made = Server()
    settings.EMAIL_BACKEND = "members.smtp.Server"
    settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when it is told to."""

    class Clock:
        now = datetime(2026, 11, 24, 6, 30, tzinfo=timezone.get_default_timezone())

        def on(self, **by):
            self.now += timedelta(**by)

    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


def _mail(letter):
    return Mail("bram@example.org", "Subject", f"Letter {letter.subject_id}", "<p>Letter</p>")


@pytest.fixture
def kind(monkeypatch):
    """Register a kind of letter for this test."""

    def register(name, *, at_least_once=False, compose=_mail, settled=None):
        made = Kind(name, at_least_once, compose, settled, may_be_stopped=not at_least_once)
        monkeypatch.setitem(KINDS, name, made)

    register("once")
    register("again", at_least_once=True)
    return register


@pytest.fixture
def post(bram, kind, clock):
    """Let a letter wait for bram."""

    def go(name="once", number=1) -> Letter:
        return Letter.objects.create(kind=name, member=bram, subject_id=number, due_at=clock.now)

    return go


@pytest.fixture
def sweep(house):
    def go() -> int:
        with house():
            return delivery.deliver_waiting()

    return go


def state(letter: Letter) -> tuple[str, str]:
    letter.refresh_from_db()
    return letter.state, letter.reason


def test_a_letter_is_brought_once(server, post, sweep):
    letter = post()
    assert sweep() == 1
    assert sweep() == 0
    assert state(letter) == ("sent", "")
    assert len(server.taken) == 1


def test_many_letters_go_over_one_connection(server, post, sweep):
    for number in range(5):
        post(number=number)
    assert sweep() == 5
    assert server.calls == 1


def test_a_letter_not_due_yet_waits(server, post, sweep, clock):
    letter = post()
    Letter.objects.update(due_at=clock.now + timedelta(minutes=1))
    assert sweep() == 0
    assert state(letter) == ("queued", "")


def test_a_refusal_is_final(server, post, sweep, clock):
    server.manner = "refuse"
    letter = post()
    sweep()
    assert state(letter) == ("dead", "550")
    server.manner = "ok"
    clock.on(days=2)
    assert sweep() == 0


def test_an_address_that_is_not_there_costs_its_member_what_may_be_stopped(
    server, post, sweep, bram, clock
):
    server.manner = "refuse"
    first = post()
    sweep()
    bram.refresh_from_db()
    assert (bram.mail_off_why, bram.mail_off_since) == ("hard", clock.now)
    server.manner = "ok"
    second, must = post(number=2), post("again", number=3)
    sweep()
    assert [state(letter) for letter in (first, second, must)] == [
        ("dead", "550"),
        ("skipped", "bouncing"),
        ("sent", ""),
    ]


def test_a_refusal_of_the_sender_costs_no_member_anything(server, post, sweep, bram):
    server.manner = "policy"
    letter = post()
    sweep()
    bram.refresh_from_db()
    assert (state(letter), bram.mail_off_why) == (("dead", "550"), "")


def _give_up(sweep, clock):
    for _ in range(15):
        sweep()
        clock.on(hours=1)


def test_a_mailbox_full_for_three_weeks_stops_mail(server, post, sweep, bram, clock):
    server.manner = "full"
    seen = []
    for number in range(3):
        letter = post(number=number)
        _give_up(sweep, clock)
        assert state(letter) == ("dead", "452")
        bram.refresh_from_db()
        seen.append((bram.soft_weeks, bram.mail_off_why))
        clock.on(days=7, hours=-15)
    assert seen == [(1, ""), (2, ""), (3, "soft")]


def test_a_mail_that_is_taken_in_between_begins_the_count_anew(server, post, sweep, bram, clock):
    server.manner = "full"
    post()
    _give_up(sweep, clock)
    server.manner = "ok"
    post(number=2)
    sweep()
    bram.refresh_from_db()
    assert bram.soft_weeks == 0


def test_a_deferral_is_tried_again(server, post, sweep, clock):
    server.manner = "defer"
    letter = post()
    sweep()
    assert state(letter) == ("failed", "451")
    assert sweep() == 0  # not before its time
    server.manner = "ok"
    clock.on(minutes=5)
    assert sweep() == 1
    assert state(letter)[0] == "sent"


@pytest.mark.parametrize("name", ["once", "again"])
def test_a_break_before_data_is_tried_again(server, post, sweep, clock, name):
    """Nothing can have arrived, so even a letter that goes at most once goes again."""
    server.manner = "break before DATA"
    letter = post(name)
    sweep()
    assert state(letter)[0] == "failed"
    server.manner = "ok"
    clock.on(minutes=5)
    assert sweep() == 1
    assert len(server.taken) == 1


def test_a_break_after_data_leaves_a_letter_unknown(server, post, sweep, clock):
    server.manner = "break after DATA"
    letter = post()
    sweep()
    assert state(letter) == ("unknown", "broken off")
    server.manner = "ok"
    clock.on(days=2)
    assert sweep() == 0


def test_a_break_after_data_brings_the_same_letter_again_where_it_must_arrive(
    server, post, sweep, clock
):
    letter = post("again")
    server.manner = "break after DATA"
    sweep()
    server.manner = "ok"
    clock.on(minutes=5)
    assert sweep() == 1
    assert server.message_ids() == [delivery.message_id(letter)]


def test_the_letters_behind_a_break_go_over_a_new_connection(server, post, sweep, kind, clock):
    def compose(letter):
        server.manner = "break after DATA" if letter.subject_id == 1 else "ok"
        return _mail(letter)

    kind("once", compose=compose)
    letters = [post(number=number) for number in range(3)]
    assert sweep() == 2
    assert [state(letter)[0] for letter in letters] == ["sent", "unknown", "sent"]


def test_a_mail_server_away_for_twelve_hours_costs_no_letter(server, settings, post, sweep, clock):
    """D14: all recover, none goes twice."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    letters = [post(number=number) for number in range(120)]
    for _ in range(12 * 12):
        sweep()
        clock.on(minutes=5)
    assert {state(letter)[0] for letter in letters} == {"failed"}
    settings.EMAIL_PORT = port
    for _ in range(12):
        clock.on(minutes=5)
        sweep()
    assert {state(letter)[0] for letter in letters} == {"sent"}
    assert len(server.taken) == len(set(server.message_ids())) == 120


def test_a_letter_nobody_takes_is_given_up(settings, server, post, sweep, clock):
    settings.EMAIL_PORT = 1
    letter = post()
    for _ in range(20):
        sweep()
        clock.on(hours=1)
    assert state(letter) == ("dead", "ConnectionRefusedError")
    assert letter.attempts == len(delivery.BACK_OFF)


def test_a_letter_not_due_any_more_is_skipped_and_its_room_hears_it(server, post, sweep, kind):
    def compose(letter):
        raise Skip("withdrawn")

    ends = []
    kind("once", compose=compose, settled=lambda letter: ends.append((letter.pk, letter.state)))
    letter = post()
    assert sweep() == 0
    assert state(letter) == ("skipped", "withdrawn")
    assert ends == [(letter.pk, "skipped")]
    assert server.calls == 0  # no connection for nothing


def test_a_letter_put_off_waits_for_its_moment_and_loses_no_try(server, post, sweep, kind, clock):
    morning = clock.now + timedelta(hours=9)

    def compose(letter):
        if clock.now < morning:
            raise Later(morning)
        return replace(_mail(letter), tells=[letter.subject_id])

    kind("once", compose=compose)
    letter = post()
    assert [sweep(), sweep()] == [0, 0]
    letter.refresh_from_db()
    assert (letter.state, letter.due_at, letter.attempts) == ("queued", morning, 0)
    clock.on(hours=9)
    assert sweep() == 1
    letter.refresh_from_db()
    assert letter.tells == [1]


def test_a_letter_put_off_until_now_does_not_keep_the_sweep_turning(
    server, post, sweep, kind, clock
):
    def compose(letter):
        raise Later(clock.now)

    kind("once", compose=compose)
    letter = post()
    assert sweep() == 0
    letter.refresh_from_db()
    assert letter.due_at > clock.now


@pytest.mark.parametrize("fault", ["compose", "settled", "unknown kind"])
def test_a_faulty_letter_leaves_the_others(server, post, sweep, kind, fault):
    def fail(letter):
        raise RuntimeError("broken")

    if fault != "unknown kind":
        kind("faulty", **{fault: fail})
    post("faulty")
    good = post(number=2)
    sweep()
    assert state(good)[0] == "sent"


def test_a_letter_that_cannot_be_composed_is_given_up(server, post, sweep, kind, clock):
    def fail(letter):
        raise RuntimeError("broken")

    kind("once", compose=fail)
    letter = post()
    for _ in range(20):
        sweep()
        clock.on(hours=1)
    assert state(letter) == ("dead", "compose")


def _dropped(letter: Letter, now: datetime):
    """As a worker leaves it that was killed between DATA and its answer."""
    Letter.objects.filter(pk=letter.pk).update(
        state="sending", attempts=1, held_until=now - timedelta(seconds=1)
    )


def test_a_dropped_letter_stays_unknown(server, post, sweep, clock):
    letter = post()
    _dropped(letter, clock.now)
    assert sweep() == 0
    assert state(letter) == ("unknown", "dropped")


def test_a_dropped_letter_that_must_arrive_goes_again(server, post, sweep, clock):
    letter = post("again")
    _dropped(letter, clock.now)
    assert sweep() == 1
    assert server.message_ids() == [delivery.message_id(letter)]


def test_a_letter_that_kills_its_worker_every_time_is_given_up(server, post, sweep, clock, kind):
    def die(letter):
        Letter.objects.filter(pk=letter.pk).update(
            state="sending",
            attempts=letter.attempts + 1,
            held_until=clock.now - timedelta(seconds=1),
        )
        raise KeyboardInterrupt

    kind("again", at_least_once=True, compose=die)
    letter = post("again")
    for _ in range(len(delivery.BACK_OFF) + 1):
        with pytest.raises(KeyboardInterrupt):
            sweep()
    sweep()
    assert state(letter) == ("dead", "dropped")


def test_a_worker_whose_hold_ran_out_brings_nothing_twice(server, post, sweep, kind, clock):
    def compose(letter):
        if not server.taken:
            clock.on(minutes=6)  # so slow that another worker takes over
            kind("once")
            delivery.deliver_waiting()
        return _mail(letter)

    kind("once", compose=compose)
    letters = [post(number=number) for number in range(2)]
    sweep()
    assert {state(letter)[0] for letter in letters} == {"sent"}
    assert len(server.taken) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_bring_every_letter_once(server, bram, kind):
    Letter.objects.bulk_create(
        Letter(kind="once", member=bram, subject_id=number) for number in range(120)
    )
    start = threading.Barrier(2)

    def work():
        with role("kring_worker"):
            start.wait()
            delivery.deliver_waiting()
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(server.taken) == len(set(server.message_ids())) == 120
    assert connection.settings_dict["NAME"].startswith("test")


def test_a_message_id_does_not_count_our_letters(post):
    first, second = post(number=1), post(number=2)
    assert delivery.message_id(first) == delivery.message_id(Letter.objects.get(pk=first.pk))
    assert delivery.message_id(first) != delivery.message_id(second)
    assert re.fullmatch(r"<once-[0-9a-f]{20}@.+>", delivery.message_id(first))
