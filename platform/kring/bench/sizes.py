"""How much there is: the sizes that are filled and compared. Pure."""

from dataclasses import dataclass
from datetime import timedelta

SEATS = 40  # of a circle, all taken; every member sits in two circles
GROUP = SEATS // 2  # members that sit in the same two


@dataclass(frozen=True)
class Size:
    """So many questions in so many circles; each size is a database of its own."""

    name: str
    questions: int
    circles: int
    seed: int = 2  # raised when the same size would be filled differently
    weekly: int = 0  # questions a week in each circle, as in life; 0: spread over 900 days

    @property
    def database(self) -> str:
        return f"kring_bench_{self.name}_{self.seed}"

    @property
    def members(self) -> int:
        return self.circles * GROUP

    @property
    def span(self) -> timedelta:
        """How far back the first question lies."""
        if not self.weekly:
            return timedelta(days=900)
        return timedelta(weeks=self.questions / self.circles / self.weekly)

    @property
    def news(self) -> int:
        """The newest questions of a circle, whose events the next digest tells."""
        return self.weekly or 30

    @property
    def label(self) -> str:
        return f"{self.questions:,}"

    def circles_of(self, member: int) -> tuple[int, int]:
        """The two circles of a member, all counted from 0: their own, and the next one."""
        group = member // GROUP
        return group, (group + 1) % self.circles

    def seat(self, circle: int, place: int) -> int:
        """The member on a seat of a circle; those on the first twenty count it as their own."""
        group = circle if place < GROUP else (circle - 1) % self.circles
        return group * GROUP + place % GROUP


TINY = Size("tiny", 60, 2)
THOUSAND = Size("1k", 1_000, 2)
HUNDRED_THOUSAND = Size("100k", 100_000, 50)
MILLION = Size("1m", 1_000_000, 500)
# For the digest: circles that have lived for forty weeks. What waits longest has lapsed or was
# settled, and each member had eight digests, which the next one must not repeat.
LIVED = Size("lived", 72_000, 300, seed=3, weekly=6)
ALL = (THOUSAND, HUNDRED_THOUSAND, MILLION)
