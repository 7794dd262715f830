"""What is drawn: who, which application, what goes wrong."""

from hypothesis import strategies as some
from hypothesis.stateful import precondition

THOSE_WHO_JUDGE = ("anna", "vera", "victor", "ines", "carla", "otto")
EVERYBODY = (*THOSE_WHO_JUDGE, "bram", "nora", "rik", "eva", "dirk", "sam", "nobody")
REASON = {"code": "other", "text": "You operate on feet, and we on hands."}
CHOICES = ("approve", "approve", "approve", "decline", "decline", "abstain", "recuse")


def whoever(*names):
    return some.sampled_from(names)


number = some.integers(0, 99)
fault = some.one_of(
    some.none(),
    some.none(),
    some.just("twice"),
    some.tuples(whoever("fails", "killed"), some.integers(0, 14)),  # before which statement
)
rules = some.tuples(
    whoever(0, 0, 1, 2), some.integers(1, 3), some.integers(1, 2), whoever(0, 0, 7)
)
names = some.permutations(["wim", "janna", "bram", "ines", "nora"])


def while_some_are(*states):
    """A rule for applications in these states."""
    return precondition(lambda self: self.of(*states))
