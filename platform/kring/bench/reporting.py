"""Telling what a run found: Markdown for docs/performance.md, and the same on the terminal. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from kring.bench.budgets import REASONS, SEARCH, Run, judge, search_ratios
from kring.bench.measuring import percentile

INTRODUCTION = """\
# Performance

Made by `make bench`; the figures are of one run on one machine, so trust the ratios. Pages are served
by gunicorn as in production (2 processes, 4 threads each, the restricted role), asked over HTTP by
signed-in members, in turns with the yardstick: a bare Django view with the same middleware (session,
account, member scope), one indexed query and a template of 10 KB. Processor time is that of **all**
processes together: pages, PostgreSQL, broker, worker; the one that asks is not counted. Each size is
a database of its own, filled by COPY: circles of 40 seats, every member in two of them, words as
frequent as in the demo's texts. The question page has ten answers and five remarks."""

CHART = "![Processor time of each page](performance.svg)"


@dataclass(frozen=True)
class Machine:
    """What of the machine bears on the figures."""

    cores: int
    load: float  # at the start
    python: str
    postgres: str

    @property
    def is_busy(self) -> bool:
        return self.load > self.cores / 4

    def line(self) -> str:
        words = (
            f"{self.cores} cores, load {self.load:.1f} at the start, Python {self.python}, "
            f"PostgreSQL {self.postgres}."
        )
        if self.is_busy:
            words += " **The machine was busy with other things: times are too long.**"
        return words


def document(run: Run, machine: Machine) -> str:
    """The whole of docs/performance.md."""
    parts = [INTRODUCTION, machine.line(), CHART, "## Budgets", budgets(run), *missed(run)]
    parts += ["## Pages", pages(run), "## Searching", searches(run), "## The rest", rest(run)]
    return "\n\n".join(filter(None, parts)) + "\n"


def budgets(run: Run) -> str:
    """The table of promises."""
    rows = [(v.what, v.budget, v.measured, "met" if v.met else "**missed**") for v in judge(run)]
    return table(("what", "budget", "measured", ""), rows)


def missed(run: Run) -> list[str]:
    """Say of every missed budget why."""
    lines = [f"- {v.what}: {_reason(v.what)}" for v in judge(run) if not v.met]
    return ["Missed:", "\n".join(lines)] if lines else []


def _reason(what: str) -> str:
    known = "" if " to " in what else REASONS.get(what.split(",")[0], "")
    return known or "the reason is not known yet."


def pages(run: Run) -> str:
    """Each page at each size: processor time, rate and times, alone and eight at once."""
    head = ("page", "questions", "CPU ms", "× bare", "p50", "p95")
    head += ("8 at once: a second", "p50", "p95", "queries", "KB")
    rows = []
    for size in run.sizes:
        for page in run.figures.pages(size):
            if not page.startswith(SEARCH):
                rows.append(_page(run, size, page))
    return table(head, rows)


def _page(run: Run, size: str, page: str) -> tuple[str, ...]:
    figures = run.figures
    cells = [page, run.labels[size]]
    if figures.has(size, page):
        cells += [f"{figures.cpu(size, page):.1f}", f"{figures.ratio(size, page):.2f}"]
        cells += [f"{figures.time(size, page, 1, share):.1f}" for share in (0.5, 0.95)]
    else:
        cells += [""] * 4
    if figures.has(size, page, 8):
        cells += [f"{figures.rate(size, page, 8):.0f}"]
        cells += [f"{figures.time(size, page, 8, share):.0f}" for share in (0.5, 0.95)]
    else:
        cells += [""] * 3
    cells.append(str(run.queries.get((size, page), "")))
    weight = run.weights.get(page)
    cells.append(f"{weight.page / 1000:.1f}" if weight else "")
    return tuple(cells)


def searches(run: Run) -> str:
    """The twenty searches together."""
    rows = []
    for size in run.sizes:
        if ratios := search_ratios(run, size):
            words = [page for page in run.figures.pages(size) if page.startswith(SEARCH)]
            cpu = [run.figures.cpu(size, page) for page in words]
            shares = (0.5, 0.95, 1.0)
            rows.append(
                (
                    run.labels[size],
                    *(f"{percentile(cpu, share):.1f}" for share in shares),
                    *(f"{percentile(ratios, share):.2f}" for share in shares),
                )
            )
    head = ("questions", "CPU ms, median", "p95", "dearest", "× bare, median", "p95", "dearest")
    return table(head, rows)


def rest(run: Run) -> str:
    """Digest, importer, memory and first visits."""
    rows = []
    if (posted := run.posted) is not None:
        rows += [
            ("digests made, sent", f"{posted.count:,}, {posted.sent:,}"),
            ("digest, CPU ms (worker, database, broker)", f"{posted.cpu_ms:.1f}"),
            ("digests a second and core", f"{posted.per_core:.0f}"),
            ("digests a second by one worker", f"{posted.count / posted.seconds:.0f}"),
        ]
    if (moved := run.moved) is not None:
        rows += [
            ("archive moved in, texts", f"{moved.texts:,}"),
            ("texts a second", f"{moved.texts / moved.seconds:.0f}"),
            ("CPU ms a text", f"{moved.cpu_ms:.1f}"),
            ("memory of the importer, MB", f"{moved.peak_mb:.0f}"),
        ]
    rows += [(f"idle memory of {name}, MB", f"{mb:.0f}") for name, mb in run.memory.items()]
    rows += [
        (f"first visit, {page}, KB", f"{weight.first / 1000:.1f}")
        for page, weight in run.weights.items()
    ]
    return table(("what", ""), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with even columns; nothing without rows."""
    if not rows:
        return ""
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    numeric = [all(_is_number(row[place]) for row in rows) for place in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        set_ = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(set_)} |"

    rule = [
        "-" * (width - 1) + (":" if right else "-")
        for width, right in zip(widths, numeric, strict=True)
    ]
    return "\n".join([line(head), f"|{'|'.join(f' {r} ' for r in rule)}|", *map(line, rows)])


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit() or not cell
