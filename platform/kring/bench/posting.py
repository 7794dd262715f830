"""The digest, measured whole: planned, built as its reader, rendered, handed to a local mail server.

Real content in 300 circles (`sizes.LIVED`): six new questions a week in each, what was answered,
solved and promised, eight earlier digests a member, and a worker that has sent some before.
"""

import time
from dataclasses import dataclass

from celery import Celery

from kring.bench import standing, tidying, using
from kring.bench.filling import NEVER
from kring.bench.place import Place
from kring.bench.sizes import Size
from kring.local.home import Trouble
from kring.local.mailsink import MailSink

WARM = 25  # digests before those that count, as of a worker that has been at work
LONGEST = 300  # seconds, then something is wrong
ENDED = ("sent", "skipped", "failed", "unknown")


@dataclass(frozen=True)
class Posted:
    """What the digests of a run took. Processor time is that of worker, database and broker."""

    count: int
    sent: int
    seconds: float
    cpu_ms: float  # of one digest
    first_mb: float  # of the worker, when a fifth was done
    last_mb: float

    @property
    def per_core(self) -> float:
        """Digests a second and core."""
        return 1000 / self.cpu_ms

    @property
    def growth_mb(self) -> float:
        return self.last_mb - self.first_mb


def post_digests(place: Place, size: Size, count: int) -> Posted:
    """Let the digests of so many members fall due and wait until the last is settled."""
    count = min(count, size.members - WARM)
    with place.connect(size.database) as connection:
        before = tidying.highest(connection)
        try:
            return _post(place, size, connection, count, before["questions_digestissue"])
        finally:
            tidying.take_back(connection, before)
            connection.execute(
                "update questions_digestplan set next_due_at = %s, cursor_xid = 1, cursor_event = 0",
                [NEVER],
            )


def _let_fall_due(connection, first: int, count: int) -> None:
    connection.execute(
        "update questions_digestplan set next_due_at = now() - interval '1 minute' "
        "where member_id between %s and %s",
        [first, first + count - 1],
    )
    connection.execute("vacuum analyze questions_digestplan")


def _post(place: Place, size: Size, connection, count: int, earlier: int) -> Posted:
    folder = place.home / "mails"
    with (
        MailSink(folder) as sink,
        standing.worker(place, size.database, sink.port) as worker,
    ):
        roots = [worker.pid, place.servers.keeper.pid]
        _let_fall_due(connection, 1, WARM)
        _ask_for_digests(place)
        warming = time.perf_counter()
        while _ended(connection, earlier) < WARM:
            _look_after(worker, warming)
        for mail in folder.glob("*.eml"):
            mail.unlink()
        _let_fall_due(connection, WARM + 1, count)
        _wait_until_idle(worker)
        spent, began, first = using.processor_seconds(roots), time.perf_counter(), 0.0
        _ask_for_digests(place)
        while (ended := _ended(connection, earlier) - WARM) < count:
            _look_after(worker, began)
            if not first and ended > count / 5:
                first = using.resident_mb(worker.pid)
        seconds = time.perf_counter() - began
        spent = using.processor_seconds(roots) - spent
        last = using.resident_mb(worker.pid)
    sent = sum(1 for mail in folder.glob("*.eml") if mail.unlink() is None)
    return Posted(count, sent, seconds, spent * 1000 / count, first or last, last)


def _look_after(worker: standing.Standing, began: float) -> None:
    time.sleep(0.1)
    if time.perf_counter() - began > LONGEST or worker.ended() is not None:
        raise Trouble(f"Not all digests came. The log is {worker.log}.")


def _ended(connection, earlier: int) -> int:
    """How many of those after the earlier ones have ended; looking must cost next to nothing."""
    statement = "select count(*) from questions_digestissue where id > %s and state = any (%s)"
    return connection.execute(statement, [earlier, list(ENDED)]).fetchone()[0]


def _wait_until_idle(worker: standing.Standing) -> None:
    """A worker that starts uses the processor; one that waits does not."""
    calm = 0
    while calm < 5:
        before = using.processor_seconds([worker.pid])
        time.sleep(0.2)
        used = using.processor_seconds([worker.pid]) - before
        calm = calm + 1 if used < 0.01 and len(using.tree(worker.pid)) > 1 else 0


def _ask_for_digests(place: Place) -> None:
    broker = place.servers.redis_url.replace("unix://", "redis+socket://")
    with Celery(broker=broker) as app:
        app.send_task("questions.tasks.plan_digests", ignore_result=True)
