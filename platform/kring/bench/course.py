"""The course of a run: what is asked for, in which order, and how far it is."""

import os
import platform
import time
from contextlib import ExitStack, contextmanager

from kring.bench import (
    filling,
    measuring,
    pages,
    place,
    standing,
    tidying,
    using,
    visiting,
    weighing,
)
from kring.bench.budgets import SEARCH, Run
from kring.bench.measuring import BARE, BARE_BETWEEN, Subject
from kring.bench.moving import move_archive
from kring.bench.place import Place
from kring.bench.posting import post_digests
from kring.bench.reporting import Machine
from kring.bench.sizes import ALL, HUNDRED_THOUSAND, LIVED, THOUSAND, Size
from kring.bench.words import searches
from kring.local.home import Trouble, say

REST = ("digest", "importer", "memory", "weight")
EVERYTHING = frozenset((*pages.READ, *pages.WRITTEN, *REST))
ROUNDS, ROUNDS_AT_ONCE, AT_ONCE = 9, 5, 8
ALONE, TOGETHER, PER_WORD = 30, 64, 4  # requests of a round
DIGESTS = 1000


def chosen(words: str) -> frozenset[str]:
    """What ONLY names; everything when it names nothing. Raises Trouble."""
    only = frozenset(word.strip() for word in words.split(",") if word.strip())
    if wrong := only - EVERYTHING:
        raise Trouble(
            f"ONLY={','.join(sorted(wrong))}? Choose of: {', '.join(sorted(EVERYTHING))}."
        )
    return only or EVERYTHING


def sizes(words: str) -> list[Size]:
    """The two usual sizes, and those that SIZE names. Raises Trouble."""
    wanted = {word.strip() for word in words.split(",") if word.strip()}
    if wrong := wanted - {size.name for size in ALL}:
        raise Trouble(f"SIZE={','.join(sorted(wrong))}? Choose of: 1k, 100k, 1m.")
    return [size for size in ALL if size in (THOUSAND, HUNDRED_THOUSAND) or size.name in wanted]


def machine(where: Place, load: float) -> Machine:
    with where.connect("postgres") as connection:
        (version,) = connection.execute("show server_version").fetchone()
    return Machine(os.cpu_count() or 1, load, platform.python_version(), version.split()[0])


def go(where: Place, sizes: list[Size], only: frozenset[str]) -> Run:
    """Fill what is missing, measure what is wanted."""
    run = Run([size.name for size in sizes], {size.name: size.label for size in sizes})
    with _step("Preparing the database"):
        place.ready(where)
    asked = sizes if only - {"digest"} else []
    for size in [*asked, *[LIVED][: "digest" in only]]:
        with _step(f"{size.label} questions in {size.circles} circles") as told:
            place.ready_filled(where, size, lambda c, s, told=told: filling.fill(c, s, told))
    if "memory" in only:
        with _step("Memory of the idle stack"):
            run.memory = _idle_memory(where, sizes[0])
    if only - set(REST) or "weight" in only:
        _visit(where, sizes, only, run)
    if "digest" in only:
        with _step(f"{DIGESTS} digests"):
            run.posted = post_digests(where, LIVED, DIGESTS)
    if "importer" in only:
        with _step("Moving an archive in"):
            run.moved = move_archive(where)
    return run


def _visit(where: Place, sizes: list[Size], only: frozenset[str], run: Run) -> None:
    """Serve all sizes at once and ask them in turns."""
    with ExitStack() as stack:
        ports, roots = {}, [where.servers.keeper.pid]
        for size in sizes:
            _sign_in(where, size)
            process, ports[size.name] = stack.enter_context(standing.web(where, size.database))
            roots.append(process.pid)
        reads = [page for page in pages.READ if page in only]
        if reads:
            _read(sizes, ports, roots, reads, run)
        if "weight" in only:
            for page in pages.READ:
                first = next(pages.requests(page, sizes[0]))
                run.weights[page] = weighing.weigh(ports[sizes[0].name], first)
        if "question" in only:
            port = ports[sizes[0].name]
            short, long = (pages.thread(sizes[0], long=long) for long in (False, True))
            run.threads = visiting.queries_of(port, short), visiting.queries_of(port, long)
        writes = [page for page in pages.WRITTEN if page in only]
        if writes:
            _write(where, sizes, ports, roots, writes, run)


def _sign_in(where: Place, size: Size) -> None:
    with where.connect(size.database) as connection:
        long = pages.thread(size, long=True).member
        visiting.sign_in(connection, [*pages.everybody(size), long])


def _read(sizes, ports, roots, reads, run: Run) -> None:
    subjects = []
    for size in sizes:
        port = ports[size.name]
        for page in [BARE, *reads]:
            first = next(pages.requests(page, size))
            run.queries[size.name, page] = visiting.queries_of(port, first)
            if page != "search":
                source = pages.requests(page, size)
                subjects.append(Subject(size.name, page, port, source, ALONE))
        for words in searches() if "search" in reads else ():
            source = pages.search_for(words, size)
            subjects.append(Subject(size.name, SEARCH + words, port, source, PER_WORD))
    with _step(f"Reading pages, one at a time, {ROUNDS} rounds") as told:
        measuring.in_turns(run.figures, subjects, roots, rounds=ROUNDS, at_once=1, told=told)
    together = [
        Subject(size.name, page, ports[size.name], pages.requests(page, size), TOGETHER)
        for size in sizes
        for page in [BARE, *reads]
    ]
    with _step(f"Reading pages, {AT_ONCE} at a time, {ROUNDS_AT_ONCE} rounds") as told:
        measuring.in_turns(
            run.figures, together, roots, rounds=ROUNDS_AT_ONCE, at_once=AT_ONCE, told=told
        )


def _write(where, sizes, ports, roots, writes, run: Run) -> None:
    """Post, in turns with the bare view, and take everything back."""
    before = {}
    for size in sizes:
        with where.connect(size.database) as connection:
            before[size] = tidying.highest(connection)
    subjects = [
        Subject(size.name, page, ports[size.name], pages.requests(page, size), ALONE)
        for size in sizes
        for page in [BARE_BETWEEN, *writes]
    ]
    try:
        with _step(f"Asking, answering, voting, one at a time, {ROUNDS} rounds") as told:
            measuring.in_turns(run.figures, subjects, roots, rounds=ROUNDS, at_once=1, told=told)
        writing = [subject for subject in subjects if subject.page != BARE_BETWEEN]
        with _step(f"Asking, answering, voting, {AT_ONCE} at a time") as told:
            measuring.in_turns(
                run.figures, writing, roots, rounds=ROUNDS_AT_ONCE, at_once=AT_ONCE, told=told
            )
    finally:
        for size in sizes:
            with where.connect(size.database) as connection:
                tidying.take_back(connection, before[size])


def _idle_memory(where: Place, size: Size) -> dict[str, float]:
    """Start everything, visit a little, wait, and read what each part holds."""
    _sign_in(where, size)
    with (
        standing.web(where, size.database) as (web, port),
        standing.worker(where, size.database, 1) as worker,
        standing.beat(where, size.database) as beat,
    ):
        for page in pages.READ:
            visiting.visit(port, visiting.some(pages.requests(page, size), 8), 2)
        time.sleep(3)
        keeper = where.servers.keeper.pid
        return {
            "pages": using.proportional_mb(web.pid),
            "worker": using.proportional_mb(worker.pid),
            "clock": using.proportional_mb(beat.pid),
            "servers": using.proportional_mb(keeper, without_shared=True),
        }


@contextmanager
def _step(words: str):
    """Say what is done, how far it is when that is known, and how long it took."""
    began, shown = time.monotonic(), [0]
    say(f"{words} ...")

    def told(share: float) -> None:
        quarter = int(share * 4)
        if quarter > shown[0]:
            shown[0] = quarter
            say(f"  {quarter * 25} %")

    yield told
    say(f"  done ({time.monotonic() - began:.0f} s)")
