"""Dates as people write them in a list: 2024-03-09, 9-3-2024, 9/3/2024 14:05, 9 maart 2024."""

import re
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from questions.archive.texts import Bad

_MONTHS = (
    "jan feb maa apr mei jun jul aug sep okt nov dec",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mrt apr mei juni juli aug sept okt nov dec",
)
_TIME = r"(?:[ T,]+(?:om )?(\d{1,2})[:.](\d{2})(?::\d{2})?(?: ?uur)?)?"
_FIGURES = re.compile(rf"(\d{{1,2}})[-/. ](\d{{1,2}})[-/. ](\d{{4}}){_TIME}")
_WORDS = re.compile(rf"(?:[a-z]+,? )?(\d{{1,2}})[- ]([a-z]{{3,9}})\.?[- ](\d{{4}}){_TIME}")


def moment(value: str, what: str) -> datetime | None:
    """The moment a cell says, None for an empty one; day before month, and Dutch time where it
    names no zone. `what` is the column. Raises Bad."""
    value = " ".join(value.split())
    if not value:
        return None
    try:
        read = _read(value)
        if not timezone.is_aware(read):
            read = timezone.make_aware(read)
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        said = {"what": what, "value": value[:30]}
        raise Bad(
            _("its %(what)s is %(value)r; write it like 2024-03-09 or 9-3-2024") % said
        ) from None


def _read(value: str) -> datetime:
    if found := _FIGURES.fullmatch(value):
        day, month, year, hour, minute = found.groups()
        month = int(month)
    elif found := _WORDS.fullmatch(value.casefold()):
        day, name, year, hour, minute = found.groups()
        month = _month(name)
    else:
        return datetime.fromisoformat(value)
    return datetime(int(year), month, int(day), int(hour or 0), int(minute or 0))


def _month(name: str) -> int:
    for months in _MONTHS:
        for number, begin in enumerate(months.split(), start=1):
            if name.startswith(begin):
                return number
    raise ValueError(name)
