"""The importer, measured: the demo's archive into an empty circle of an empty database."""

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from circles.models import Circle, Membership
from kring.bench import using
from kring.bench.copying import Table
from kring.bench.place import Place
from kring.bench.words import DEMO
from kring.local.home import REPOSITORY, Trouble
from members.models import Member, Profile

DATABASE = "kring_bench_moving"


@dataclass(frozen=True)
class Moved:
    """What moving an archive in took, the start of the command included."""

    texts: int
    seconds: float
    cpu_ms: float  # of one text, command and database
    peak_mb: float  # of the command


def move_archive(place: Place) -> Moved:
    """Move the archive in once."""
    place.copy(DATABASE)
    try:
        with place.connect(DATABASE) as connection:
            _circle(connection)
        return _move(place)
    finally:
        place.drop(DATABASE)


def _move(place: Place) -> Moved:
    servers = [place.servers.keeper.pid]
    before, database = (
        resource.getrusage(resource.RUSAGE_CHILDREN),
        using.processor_seconds(servers),
    )
    began = time.perf_counter()
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "import_archive", str(DEMO / "ai")),
            *(
                "--format",
                "stackexchange",
                "--circle",
                "Archive",
                "--site",
                "ai.stackexchange.com",
            ),
        ],
        cwd=REPOSITORY,
        env=place.environment(DATABASE, "kring_worker"),
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise Trouble(f"The archive could not be moved in:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    spent += using.processor_seconds(servers) - database
    with place.connect(DATABASE) as connection:
        (texts,) = connection.execute(
            "select (select count(*) from questions_question) + (select count(*) from "
            "questions_answer) + (select count(*) from questions_comment)"
        ).fetchone()
    return Moved(texts, seconds, spent * 1000 / texts, after.ru_maxrss / 1024)


def _circle(connection) -> None:
    now = datetime.now(UTC)
    member = Table(connection, Member, "id", "password", "email")
    member.add(1, "!", "admin@bench.example")
    profile = Table(connection, Profile, "member_id", "name")
    profile.add(1, "Admin")
    circle = Table(connection, Circle, "id", "name", "language", "confirmed_at")
    circle.add(1, "Archive", "en", now)
    seat = Table(connection, Membership, "circle_id", "member_id", "role", "state", "since")
    seat.add(1, 1, "admin", "active", now)
    for table in (member, profile, circle, seat):
        table.send()
