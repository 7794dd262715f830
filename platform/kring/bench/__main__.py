"""`make bench [SIZE=1m] [ONLY=search,digest]`: fill once, measure in turns, tell, judge.

A whole run writes docs/performance.md and its chart; with ONLY it is told on the terminal alone.
"""

import os
import signal
import sys
import time

from kring.local.home import REPOSITORY, Trouble, say, secret

DOCS = REPOSITORY / "docs"


def main() -> int:
    """Run; 0 when done, 1 with a sentence when not, 130 after Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run()
    except Trouble as trouble:
        sys.stderr.write(f"\n{trouble}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was filled is kept; a half-filled size begins again.\n")
        return 130
    return 0


def _run() -> None:
    from kring.bench import place

    load = os.getloadavg()[0]
    where = place.open_place()
    with where.servers:
        _set_django_up(where)
        _measure(where, load)


def _set_django_up(where) -> None:
    """For models and signed sessions; no connection is opened through Django here."""
    found = where.environment("kring_bench_empty", "kring_owner")
    os.environ |= {**found, "KRING_SECRET_KEY": secret(where.home)}
    import django

    django.setup()


def _measure(where, load: float) -> None:
    from kring.bench import course, drawing, reporting

    began = time.monotonic()
    only = course.chosen(os.environ.get("ONLY", ""))
    sizes = course.sizes(os.environ.get("SIZE", ""))
    machine = course.machine(where, load)
    say(machine.line())
    run = course.go(where, sizes, only)
    say("\n\n".join(filter(None, [
        "", reporting.budgets(run), reporting.pages(run), reporting.searches(run),
        reporting.rest(run),
    ])))  # fmt: skip
    if only == course.EVERYTHING:
        (DOCS / "performance.md").write_text(reporting.document(run, machine))
        (DOCS / "performance.svg").write_text(drawing.chart(run))
        say("\nWritten: docs/performance.md and docs/performance.svg.")
    say(f"It took {time.monotonic() - began:.0f} seconds.")


if __name__ == "__main__":
    sys.exit(main())
