"""Measuring in turns: every round asks each subject a few times, so that a busy moment of the machine
hits all alike, and compares within the round."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from kring.bench import using
from kring.bench.visiting import Request, some, visit

BARE = "bare"
BARE_BETWEEN = "bare, between posts"  # asked again in turns with what is posted
GUARDED = "ask guarded"  # in a circle whose privacy guard reads what is asked
POSTED = ("ask", GUARDED, "answer", "vote", BARE_BETWEEN)
Key = tuple[str, str, int]  # size, page, how many at once


@dataclass(frozen=True)
class Sample:
    """One block of requests: processor time of all processes, rate, and each request's time."""

    cpu_ms: float
    per_second: float
    times_ms: list[float]


@dataclass(frozen=True)
class Subject:
    """A page of one size, asked so many times a round."""

    size: str
    page: str
    port: int
    source: Iterator[Request]
    count: int


@dataclass
class Figures:
    """All samples, by size, page and number at once; one of each a round."""

    samples: dict[Key, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def cpu(self, size: str, page: str, at_once: int = 1) -> float:
        """Median processor milliseconds of a request."""
        return median(sample.cpu_ms for sample in self.samples[size, page, at_once])

    def ratio(self, size: str, page: str) -> float:
        """How many times the processor time of the bare view: the median over the rounds."""
        posted = self.has(size, BARE_BETWEEN) and page in POSTED
        return self._ratio((size, page, 1), (size, BARE_BETWEEN if posted else BARE, 1))

    def growth(self, page: str, large: str, small: str) -> float:
        """How many times the processor time of the same page where there is less."""
        return self._ratio((large, page, 1), (small, page, 1))

    def _ratio(self, mine: Key, other: Key) -> float:
        pairs = zip(self.samples[mine], self.samples[other], strict=True)
        return median(a.cpu_ms / b.cpu_ms for a, b in pairs)

    def rate(self, size: str, page: str, at_once: int) -> float:
        return median(sample.per_second for sample in self.samples[size, page, at_once])

    def time(self, size: str, page: str, at_once: int, share: float) -> float:
        """The time in milliseconds within which this share of the requests was answered."""
        samples = self.samples[size, page, at_once]
        return percentile([time for sample in samples for time in sample.times_ms], share)

    def has(self, size: str, page: str, at_once: int = 1) -> bool:
        return (size, page, at_once) in self.samples

    def pages(self, size: str) -> list[str]:
        """The pages of a size that were asked, in their order."""
        return list(dict.fromkeys(page for at, page, _ in self.samples if at == size))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ranked = sorted(values)
    if not ranked:
        raise ValueError("no values")
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def sample(roots: Sequence[int], subject: Subject, at_once: int) -> Sample:
    """Ask a subject its number of times; the processor time is that of all the processes."""
    requests = some(subject.source, subject.count)
    before = using.processor_seconds(roots)
    done = visit(subject.port, requests, at_once)
    spent = using.processor_seconds(roots) - before
    return Sample(
        spent * 1000 / len(requests),
        len(requests) / done.seconds,
        [seconds * 1000 for seconds in done.times],
    )


def in_turns(
    figures: Figures,
    subjects: Sequence[Subject],
    roots: Sequence[int],
    *,
    rounds: int,
    at_once: int,
    told: Callable[[float], None] = lambda _: None,
) -> None:
    """Add so many rounds to the figures; each begins with what is not counted, to warm up."""
    for subject in subjects:
        sample(roots, subject, at_once)
    for number in range(rounds):
        for place, subject in enumerate(subjects):
            key = (subject.size, subject.page, at_once)
            figures.samples[key].append(sample(roots, subject, at_once))
            told((number + (place + 1) / len(subjects)) / rounds)
