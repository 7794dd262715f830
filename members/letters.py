"""The outbox: an act writes a letter in its own transaction, the worker brings it.

Each kind of letter is registered by the room it belongs to, with the side it errs on when a
worker dies during the hand-over, and with the function that composes it as its reader.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from members import poke
from members.models import Letter, Link, Member


class Skip(Exception):
    """Composing found that this letter should not go any more; the argument is the reason word."""


class Later(Exception):
    """Composing found that this letter may not go yet; the argument is the moment to try again."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


@dataclass(frozen=True)
class Mail:
    """One composed mail: everything the hand-over needs, nothing stored."""

    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    tells: list[int] = field(default_factory=list)  # ids of what it says, kept with its letter


@dataclass(frozen=True)
class Kind:
    name: str
    at_least_once: bool
    compose: Callable[[Letter], Mail]
    settled: Callable[[Letter], None] | None = None
    may_be_stopped: bool = False
    unasked: bool = False


KINDS: dict[str, Kind] = {}


def letter_kind(
    name: str,
    *,
    at_least_once: bool,
    settled: Callable[[Letter], None] | None = None,
    may_be_stopped: bool | None = None,
    unasked: bool = False,
) -> Callable:
    """Register a kind of letter. `at_least_once`: a letter whose hand-over broke off is sent
    again, with the same Message-ID; otherwise it stays unknown. `settled` runs in the transaction
    that settles the letter, as the house. `may_be_stopped`: not sent to a member at whose address
    nothing arrives; what goes at most once is such a letter unless it says otherwise. `unasked`:
    its reader has no account and did not ask for it; the hand-over adds the one-click header, and
    holds it back once they said 'never again'.

    The composing function runs as the house and acts as the reader itself for anything of a
    circle; it raises Skip when the letter is not due any more, and Later when it is not due yet.
    """

    def register(compose: Callable[[Letter], Mail]) -> Callable[[Letter], Mail]:
        stops = not at_least_once if may_be_stopped is None else may_be_stopped
        KINDS[name] = Kind(name, at_least_once, compose, settled, stops, unasked)
        return compose

    return register


def post(
    kind: str,
    *,
    subject_id: int,
    member: Member | int | None = None,
    link: Link | int | None = None,
    circle_id: int | None = None,
    seq: int = 0,
    not_before: datetime | None = None,
) -> None:
    """Write a letter to a member, or to the holder of a link. The same letter is written once.

    Part of the caller's transaction; the worker is poked after its commit and never waited for.
    """
    if kind not in KINDS:
        raise LookupError(f"no letter kind {kind!r} is registered")
    Letter.objects.bulk_create(
        [
            Letter(
                kind=kind,
                member_id=getattr(member, "pk", member),
                link_id=getattr(link, "pk", link),
                circle_id=circle_id,
                subject_id=subject_id,
                seq=seq,
                due_at=not_before or timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(poke.letters_wait)


def is_on_its_way(kind: str, member_id: int, subject_id: int) -> bool:
    """Say whether a letter to a member about this row has not reached the mail server yet."""
    State = Letter.State
    return Letter.objects.filter(
        kind=kind,
        member_id=member_id,
        subject_id=subject_id,
        state__in=[State.QUEUED, State.SENDING, State.FAILED],
    ).exists()
