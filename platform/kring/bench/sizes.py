"""How much there is: the sizes that are filled and compared. Pure."""

from dataclasses import dataclass

SEATS = 40  # of a circle, all taken; every member sits in two circles
GROUP = SEATS // 2  # members that sit in the same two


@dataclass(frozen=True)
class Size:
    """So many questions in so many circles; each size is a database of its own."""

    name: str
    questions: int
    circles: int
    seed: int = 2  # raised when the same size would be filled differently

    @property
    def database(self) -> str:
        return f"kring_bench_{self.name}_{self.seed}"

    @property
    def members(self) -> int:
        return self.circles * GROUP

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
ALL = (THOUSAND, HUNDRED_THOUSAND, MILLION)
