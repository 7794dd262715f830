"""Pages of a list by keyset: as fast on page 400 as on page 1, and no row is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.crypto import salted_hmac

SIZE = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 2**63 - 1  # id of a row


@dataclass(frozen=True)
class Page:
    """One page of rows, newest first, with the addresses of its neighbours (None at an end)."""

    rows: Sequence
    older_url: str | None
    newer_url: str | None

    @property
    def is_last(self) -> bool:
        return self.older_url is None


def newest_first(
    rows: QuerySet | Callable[[], QuerySet],
    asked: QueryDict,
    *,
    at: str = "created_at",
    size: int = SIZE,
    first: Callable[[], list] | None = None,
) -> Page:
    """Cut one page out of `rows` by the column `at` and the id; `asked` is the request's GET.

    A key that cannot be read gives the first page: an old link is no error. `first` may give the
    first page's rows and one more by a shorter way; then `rows` may be what composes the rest.
    """
    before, after = _key(asked.get("before")), _key(asked.get("after"))
    older, newer = (f"-{at}", "-id"), (at, "id")
    if before is None and after is None and first is not None:
        found = first()
        page, more_older, more_newer = found[:size], len(found) > size, False
    else:
        rows = rows() if callable(rows) else rows
        if after and not before:
            found = list(_beyond(rows, at, after, "gt").order_by(*newer)[: size + 1])
            page, more_older, more_newer = found[:size][::-1], True, len(found) > size
        else:
            rows = _beyond(rows, at, before, "lt") if before else rows
            found = list(rows.order_by(*older)[: size + 1])
            page, more_older, more_newer = found[:size], len(found) > size, before is not None
    return Page(
        rows=page,
        older_url=_url(asked, "before", page[-1], at) if page and more_older else None,
        newer_url=_url(asked, "after", page[0], at) if page and more_newer else None,
    )


def _beyond(rows: QuerySet, at: str, key: tuple[datetime, int], way: str) -> QuerySet:
    moment, row_id = key
    # The first condition alone lets the index find the place; the second settles equal moments.
    return rows.filter(**{f"{at}__{way}e": moment}).filter(
        Q(**{f"{at}__{way}": moment}) | Q(**{f"id__{way}": row_id})
    )


def _key(text: str | None) -> tuple[datetime, int] | None:
    try:
        micros, masked = (int(part, 36) for part in (text or "").split("."))
        if micros < 0 or not 0 <= masked <= LARGEST:
            return None
        moment = EPOCH + timedelta(microseconds=micros)
        return moment, masked ^ _pad(micros)
    except (ValueError, OverflowError):
        return None


def _pad(micros: int) -> int:
    """Bits to hide an id under: ids count the rows of all circles."""
    return (
        int(salted_hmac("kring.keyset", str(micros), algorithm="sha256").hexdigest(), 16) & LARGEST
    )


def _url(asked: QueryDict, way: str, row, at: str) -> str:
    moment = getattr(row, at)
    micros = (moment - EPOCH) // timedelta(microseconds=1)
    kept = [(name, value) for name, value in asked.items() if name not in {"before", "after"}]
    return "?" + urlencode([*kept, (way, f"{_base36(micros)}.{_base36(row.pk ^ _pad(micros))}")])


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
