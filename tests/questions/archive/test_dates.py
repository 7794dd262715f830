"""Dates as people write them."""

import pytest

from questions.archive.dates import moment
from questions.archive.texts import Bad


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-03-09", "2024-03-08T23:00"),
        ("2024-07-09T14:05:06", "2024-07-09T12:05"),
        ("2024-03-09T14:05Z", "2024-03-09T14:05"),
        ("2024-03-09 14:05:00+02:00", "2024-03-09T12:05"),
        ("9-3-2024", "2024-03-08T23:00"),
        ("09/03/2024 14:05", "2024-03-09T13:05"),
        ("9.3.2024", "2024-03-08T23:00"),
        ("9 maart 2024", "2024-03-08T23:00"),
        ("zaterdag 9 mrt. 2024 om 14.05 uur", "2024-03-09T13:05"),
        ("9 October 2024", "2024-10-08T22:00"),
        ("1 mei 2024", "2024-04-30T22:00"),
    ],
)
def test_a_date_is_read(written, read):
    assert moment(written, "date").isoformat().startswith(read)


@pytest.mark.parametrize(
    "written", ["31-2-2024", "13/25/2024", "yesterday", "9 foo 2024", "9-3-24"]
)
def test_what_is_no_date_is_told(written):
    with pytest.raises(Bad, match="write it like 2024-03-09"):
        moment(written, "date")


def test_an_empty_cell_is_no_mistake():
    assert moment("  ", "date") is None
