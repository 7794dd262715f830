"""What was promised, what was measured, and whether it was kept. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kring.bench.measuring import BARE_BETWEEN, GUARDED, Figures, percentile
from kring.bench.moving import Moved
from kring.bench.posting import Posted
from kring.bench.weighing import Weight

SEARCH = "search: "  # a page's name when it is asked for one word


@dataclass
class Run:
    """Everything one run found; what was not asked for is missing."""

    sizes: list[str] = field(default_factory=list)  # the smallest first
    labels: dict[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    queries: dict[tuple[str, str], int] = field(default_factory=dict)
    threads: tuple[int, int] | None = None  # queries with three and with three hundred answers
    weights: dict[str, Weight] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    posted: Posted | None = None
    moved: Moved | None = None


@dataclass(frozen=True)
class Verdict:
    """One line: what, the budget in words, what was measured, in words, and whether it fits."""

    what: str
    budget: str
    measured: str
    met: bool


# Why a budget that is missed is missed. A line without its reason says that nobody knows yet.
_DRAWING = (
    "the bare page sends one constant text; a third of what is left here is drawing every answer "
    "and row, the rest asking for them under the policies and making rows of what came."
)
REASONS = {
    "question": _DRAWING,
    "list": _DRAWING,
    "home": "eight questions to the database, and the oldest unanswered questions of each circle.",
    "search": "a common word is held by many texts of the circles; the index finds them all before "
    "the newest are taken.",
    "digest": "some twenty-five statements a digest, and the mail itself: two drawings, style put "
    "into each element, a message in MIME.",
}

_TIMES = (("question", 2.0), ("list", 2.5), ("home", 2.5), ("ask", 4.0), ("answer", 4.0))
_QUERIES, _GROWTH = 12, 1.2
_GUARD_MS = 25
_MEDIAN, _LATE, _SEARCH_GROWTH = 3.0, 10.0, 2.0
_DIGESTS, _DIGEST_GROWTH_MB = 40, 10
_FIRST_KB, _NEXT_KB, _MEMORY_MB = 60, 15, 450


def judge(run: Run) -> list[Verdict]:
    """Return a verdict for every budget whose figures are there."""
    found = []
    for judged in (_pages, _threads, _searches, _growths, _digest, _weights, _memory):
        found += judged(run)
    return found


def _pages(run: Run) -> Iterator[Verdict]:
    for size in run.sizes:
        at = f"{run.labels[size]} questions"
        for page, most in _TIMES:
            if run.figures.has(size, page):
                yield _times(f"{page}, {at}", run.figures.ratio(size, page), most)
        if run.figures.has(size, GUARDED):
            spent = run.figures.cpu(size, GUARDED)
            most = 4 * run.figures.cpu(size, BARE_BETWEEN) + _GUARD_MS
            budget, told = f"≤ 4× bare + {_GUARD_MS} ms", f"{spent:.1f} ms of {most:.1f}"
            yield Verdict(f"ask with the guard, {at}", budget, told, spent <= most)
    for page in ("question", "list", "home"):
        counts = [run.queries[size, page] for size in run.sizes if (size, page) in run.queries]
        if counts:
            budget = f"≤ {_QUERIES} queries"
            yield Verdict(page, budget, f"{max(counts)}", max(counts) <= _QUERIES)


def _threads(run: Run) -> Iterator[Verdict]:
    if run.threads:
        short, long = run.threads
        yield Verdict(
            "question with 300 answers", "queries as with 3", f"{long} and {short}", long == short
        )


def _searches(run: Run) -> Iterator[Verdict]:
    for size in run.sizes:
        ratios = search_ratios(run, size)
        if ratios:
            what = f"{run.labels[size]} questions"
            yield _times(f"search, median, {what}", percentile(ratios, 0.5), _MEDIAN)
            yield _times(f"search, p95, {what}", percentile(ratios, 0.95), _LATE)
    if len(run.sizes) > 1 and search_ratios(run, run.sizes[0]):
        small, large = run.sizes[:2]
        words = [page for page in run.figures.pages(small) if page.startswith(SEARCH)]
        growth = [run.figures.growth(page, large, small) for page in words]
        what = f"search, {run.labels[large]} to {run.labels[small]} questions"
        yield _times(what, percentile(growth, 0.5), _SEARCH_GROWTH)


def search_ratios(run: Run, size: str) -> list[float]:
    """Each of the searches as times the bare view, in processor time."""
    words = [page for page in run.figures.pages(size) if page.startswith(SEARCH)]
    return [run.figures.ratio(size, page) for page in words]


def _growths(run: Run) -> Iterator[Verdict]:
    """Lists and pages do not get dearer: judged at the largest size that was asked for."""
    if len(run.sizes) < 2:
        return
    small, large = run.sizes[0], run.sizes[-1]
    for page in ("question", "list"):
        if run.figures.has(small, page) and run.figures.has(large, page):
            growth = run.figures.growth(page, large, small)
            what = f"{page}, {run.labels[large]} to {run.labels[small]} questions"
            yield _times(what, growth, _GROWTH)


def _digest(run: Run) -> Iterator[Verdict]:
    if run.posted:
        rate, growth = run.posted.per_core, run.posted.growth_mb
        yield Verdict("digest", f"≥ {_DIGESTS} a second and core", f"{rate:.0f}", rate >= _DIGESTS)
        yield Verdict(
            "digest, memory",
            "constant",
            f"{growth:+.0f} MB while {run.posted.count * 4 // 5} were made",
            growth <= _DIGEST_GROWTH_MB,
        )


def _weights(run: Run) -> Iterator[Verdict]:
    if run.weights:
        first = max(run.weights, key=lambda page: run.weights[page].first)
        heavy = max(run.weights, key=lambda page: run.weights[page].page)
        for page, most, bytes_ in (
            (f"first visit ({first})", _FIRST_KB, run.weights[first].first),
            (f"afterwards ({heavy})", _NEXT_KB, run.weights[heavy].page),
        ):
            kb = bytes_ / 1000
            yield Verdict(page, f"≤ {most} KB compressed", f"{kb:.1f} KB", kb <= most)


def _memory(run: Run) -> Iterator[Verdict]:
    if run.memory:
        total = sum(run.memory.values())
        budget = f"≤ {_MEMORY_MB} MB beside shared buffers"
        yield Verdict("whole stack, idle", budget, f"{total:.0f} MB", total <= _MEMORY_MB)


def _times(what: str, ratio: float, most: float) -> Verdict:
    budget = f"≤ {most:g}×" + ("" if " to " in what else " bare")
    return Verdict(what, budget, f"{ratio:.2f}×", round(ratio, 2) <= most)
