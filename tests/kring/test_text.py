"""Markdown to a page: what is refused because no page can carry it."""

import pytest
from django.utils import translation

from kring.lib import text
from kring.lib.refused import Refused


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def refusal(source: str) -> str:
    with pytest.raises(Refused) as refused:
        text.render(source, field="body")
    assert refused.value.field == "body"
    return refused.value.sentence


def test_one_address_named_once_is_not_repeated_all_over_the_page():
    source = "[a]: https://example.org/" + "x" * 20_000 + "\n\n" + "[a] " * 1900
    assert len(text.render(source)) < 2 * len(source)


def test_a_table_has_at_most_five_thousand_cells():
    row = "|" + "a|" * 20 + "\n"
    wide = row + "|" + "-|" * 20 + "\n"
    assert "<td>" in text.render(wide + row * 200)
    assert "5,000 cells" in refusal(wide + row * 300)


def test_cells_nobody_typed_count_too():
    wide = "|" + "a|" * 20 + "\n|" + "-|" * 20 + "\n"
    assert "5,000 cells" in refusal(wide + "|a|\n" * 400)


def test_a_text_has_at_most_two_thousand_links():
    assert "too many links" in refusal("[a](b) " * 2001)
    assert text.render("[a](b) " * 2000).count("<a ") == 2000


def test_a_page_that_grows_too_large_is_refused():
    assert "too large a page" in refusal((">" * 19 + "<a@b>\n\n") * 749)
