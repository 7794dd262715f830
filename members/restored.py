"""What has to be settled when a backup was put back: the rooms register it, the restore does it.

Nobody knows what happened between the backup and its return. Each act here makes one thing right
that would otherwise happen twice, or never. As the owner of the tables, before anybody comes in.
"""

from collections.abc import Callable

_ACTS: list[Callable[[], str]] = []


def when_restored(act: Callable[[], str]) -> Callable[[], str]:
    """Register an act; it returns the sentence that tells the operator what it did, or ''."""
    _ACTS.append(act)
    return act


def settle() -> list[str]:
    """Do all of them; return what they tell."""
    return [sentence for act in _ACTS if (sentence := act())]
