"""The addresses of older and newer rows tell nothing, and never break."""

import pytest
from django.http import QueryDict

from kring.lib import keyset
from questions.models import Question
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(circle, anna):
    for _ in range(5):
        make.question(circle, by=anna)
    return Question.objects.filter(circle=circle)


def cut(rows, address: str | None = "") -> keyset.Page:
    return keyset.newest_first(rows, QueryDict((address or "").removeprefix("?")), size=2)


def test_a_cursor_does_not_show_how_many_rows_there_are(rows):
    page = cut(rows)
    shown = page.older_url.rpartition(".")[2]
    assert abs(int(shown, 36) - page.rows[-1].pk) > 1_000_000


def test_rows_of_one_moment_are_masked_and_still_all_shown_once(rows):
    rows.update(created_at=rows[0].created_at)
    seen, page = [], cut(rows)
    while True:
        seen += [row.pk for row in page.rows]
        if page.is_last:
            break
        page = cut(rows, page.older_url)
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    assert [row.pk for row in cut(rows, page.newer_url).rows] == seen[2:4]


@pytest.mark.parametrize(
    "key",
    ["", "x", "a.b.c", "1.-1", "-5.7", "1." + "z" * 13, "1." + "z" * 400, "z" * 30 + ".1", "é.ß"],
)
@pytest.mark.parametrize("way", ["before", "after"])
def test_a_cursor_nobody_can_read_gives_the_first_page(rows, way, key):
    assert cut(rows, f"?{way}={key}").rows == cut(rows).rows


def test_a_cursor_at_the_end_of_time_is_no_error(rows):
    last = keyset._base36(253402300799999999)
    assert cut(rows, f"?before={last}.1").rows == cut(rows).rows
