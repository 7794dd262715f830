"""The worker killed at each step of what it does for admission: timers, checks, letters.

A real worker with a real broker and mail server is held by PostgreSQL at a statement, killed there
without a word, and the next one goes on. In the end everything was done, and once.
"""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from circles.models import Application, Check, Step
from members.models import Due, Letter
from tests import live, make

pytestmark = pytest.mark.django_db(transaction=True)

TIMERS, CHECKS, LETTERS = (
    "members.tasks.run_due",
    "circles.tasks.run_checks",
    "members.tasks.deliver_letters",
)
LOCK = 5_08
# What is ordered, and where it is held: a trigger before this, or a whole table.
STEPS = {
    "a timer, in the middle": ([TIMERS], "insert on members_letter for each row"),
    "a timer, before its commit": ([TIMERS], "update of done_at on members_due for each row"),
    "a letter, before it is handed over": (
        [TIMERS, LETTERS],
        "update of state on members_letter for each row when (new.state = 'sending')",
    ),
    "a letter that was handed over": (
        [LETTERS],
        "update of state on members_letter for each row when (new.state = 'sent')",
    ),
    "a check, while it runs": ([CHECKS], "circles_registerextract"),
    "a check that ran, with its result on the way": (
        [CHECKS],
        "update of state on circles_check for each row when (new.kind = 'register')",
    ),
}


@pytest.fixture
def hold():
    """`with hold(where):` keeps whoever comes there waiting until the end."""
    other = connection.copy()

    @contextmanager
    def at(where: str):
        with connection.cursor() as cursor:
            if " " in where:
                cursor.execute(
                    "create or replace function kring_test_wait() returns trigger language plpgsql"
                    f" as $$ begin perform pg_advisory_xact_lock({LOCK}); return new; end $$"
                )
                cursor.execute("grant execute on function kring_test_wait to kring_worker")
                cursor.execute(
                    f"create trigger wait_here before {where} execute function kring_test_wait()"
                )
        other.set_autocommit(False)
        with other.cursor() as cursor:
            if " " in where:
                cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            else:
                cursor.execute(f"lock table {where} in access exclusive mode")
        try:
            yield
        finally:
            other.rollback()
            other.set_autocommit(True)
            live.wait_until(live.at_rest, what="the end of whoever was killed")
            if " " in where:
                with connection.cursor() as cursor:
                    cursor.execute("drop function kring_test_wait cascade")

    yield at
    other.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_locks where not granted)")
        return cursor.fetchone()[0]


@pytest.fixture
def work(anna, vera):
    """What is due at once: an offer that has expired, whose seat passes to who waits, and an
    application to be checked."""
    full = make.circle("Full", admin=anna, vetters=[vera], size_cap=3)
    offered = make.application(full, state="offered", email="late@example.org")
    waiting = make.application(full, state="waitlisted", email="next@example.org")
    number = "19012345601"
    dirk = {"name": "Dirk de Boer", "email": "dirk@example.org", "register_number": number}
    checked = make.application(full, **dirk)
    make.extract(full, {"number": number, "name": "D. de Boer"})
    due = {"circle_id": full.pk, "due_at": timezone.now()}
    Due.objects.create(kind="application_offer_expiry", subject_id=offered.pk, **due)
    Due.objects.create(kind="application_checks", subject_id=checked.pk, **due)
    return offered, waiting, checked


def test_killed_at_every_step_the_worker_does_everything_once(work, hold, tmp_path):
    broker = live.broker(3)
    live.forget_asked(broker)
    with (
        live.sink(tmp_path) as sink,
        live.worker(sink.port, pool="prefork", REDIS_URL=broker) as worker,
    ):
        for step, (ordered, where) in STEPS.items():
            with hold(where):
                for sweep in ordered:
                    live.send(sweep, to=broker)
                live.wait_until(somebody_waits, 30, what=step)
                live.forget_asked(broker)
                kill_whoever_works(worker)
            a_lease_runs_out()
        for sweep in (TIMERS, CHECKS, LETTERS):
            live.send(sweep, to=broker)
        live.wait_until(all_is_done, 30, what="the rest")
        mails = live.Mailbox(tmp_path)
        sent = Counter(
            (kind, mail["To"]) for kind, mail in zip(mails.kinds(), mails.mails(), strict=True)
        )
        numbers = {mail["Message-ID"] for mail in mails.mails()}
    offered, waiting, checked = work
    assert [now(row).state for row in work] == ["expired", "offered", "review"]
    assert list(Step.objects.order_by("id").values_list("application_id", "new")) == [
        (offered.pk, "expired"),
        (waiting.pk, "offered"),
    ]
    checks = Check.objects.filter(application=checked)
    assert dict(checks.values_list("kind", "code")) == {
        "duplicate": "first",
        "mailbox": "no list",
        "number": "fits",
        "register": "found",
    }
    # Killed while it ran; killed with its result on the way, which PostgreSQL took.
    assert checks.get(kind="register").tries == 2
    # Handed over and not yet written down: that one goes again, as the same mail.
    assert set(sent) == {
        ("application_expired", "late@example.org"),
        ("application_offered", "next@example.org"),
    }
    assert sorted(sent.values()) == [1, 2]
    assert len(numbers) == 2


def kill_whoever_works(worker) -> None:
    """Kill the process in which the worker does what is asked; it makes itself another one."""
    for child in psutil.Process(worker.pid).children():
        child.kill()
        child.wait(10)


def now(row: Application) -> Application:
    return Application.objects.get(pk=row.pk)


def a_lease_runs_out() -> None:
    passed = timezone.now() - timedelta(seconds=1)
    Letter.objects.filter(settled_at=None).update(held_until=passed)
    Check.objects.filter(state="waiting").update(try_at=passed)


def all_is_done() -> bool:
    waits = Check.objects.filter(state="waiting").exists() or Due.objects.waiting().exists()
    return not waits and not Letter.objects.filter(settled_at=None).exists()
