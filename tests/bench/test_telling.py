"""What the bench computes and says, without measuring anything."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kring.bench import course, drawing, reporting, sizes, words
from kring.bench.budgets import Run, judge
from kring.bench.measuring import Figures, Sample, percentile
from kring.bench.place import open_place
from kring.bench.posting import Posted
from kring.bench.reporting import Machine, table
from kring.local.home import REPOSITORY, Trouble


def figures_of(**pages: list[float]) -> Figures:
    figures = Figures()
    for page, cpu in pages.items():
        for ms in cpu:
            figures.samples["1k", page, 1].append(Sample(ms, 100, [ms, ms + 1]))
    return figures


def run_of(**pages: list[float]) -> Run:
    return Run(["1k"], {"1k": "1,000"}, figures_of(**pages))


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1), (0.5, 10), (0.95, 19), (0.951, 20), (1, 20)]
)
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(share, expected):
    assert percentile(range(20, 0, -1), share) == expected


def test_a_ratio_is_taken_within_each_round():
    figures = figures_of(bare=[1, 10, 2], question=[2, 30, 4])
    assert figures.ratio("1k", "question") == 2  # not 4 / 2 of the medians' rounds by chance
    assert figures.cpu("1k", "question") == 4


def test_a_budget_is_met_or_missed():
    verdicts = {v.what: v for v in judge(run_of(bare=[2], question=[4], list=[5.2]))}
    assert verdicts["question, 1,000 questions"].met
    assert verdicts["list, 1,000 questions"].measured == "2.60×"
    assert not verdicts["list, 1,000 questions"].met


def test_digests_are_counted_by_processor_second():
    posted = Posted(count=100, sent=100, seconds=4, cpu_ms=20, first_mb=90, last_mb=91)
    run = Run(posted=posted)
    assert [v.measured for v in judge(run)] == ["50", "+1 MB while 80 were made"]


def test_the_report_says_what_was_missed_and_names_no_path():
    run = run_of(bare=[2], question=[9])
    text = reporting.document(run, Machine(2, 0.1, "3.12", "18.1"))
    assert "| question, 1,000 questions | ≤ 2× bare | 4.50×    | **missed** |" in text
    assert "- question, 1,000 questions: " in text
    assert not re.search(r"(^|\s)/[a-z]+/", text)


def test_a_busy_machine_is_named():
    assert "busy" in Machine(2, 1.4, "3.12", "18.1").line()
    assert "busy" not in Machine(2, 0.2, "3.12", "18.1").line()


def test_the_chart_is_a_drawing_with_a_bar_a_page():
    picture = ElementTree.fromstring(drawing.chart(run_of(bare=[2], question=[4])))  # noqa: S314
    bars = picture.findall("{http://www.w3.org/2000/svg}rect[@class='s0']")
    assert [float(bar.get("width")) for bar in bars[1:]] == [285.0, 570.0]


def test_the_chart_has_the_product_s_colours():
    tokens = (Path(REPOSITORY) / "static/css/tokens.css").read_text()
    assert set(re.findall("#[0-9a-f]{6}", drawing.STYLE)) <= set(
        re.findall("#[0-9a-f]{6}", tokens)
    )


def test_a_table_has_even_columns():
    assert table(("a", "n"), [("x", "10"), ("yy", "9")]).splitlines() == [
        "| a  |  n |",
        "| -- | -: |",
        "| x  | 10 |",
        "| yy |  9 |",
    ]


def test_only_what_exists_can_be_asked_for():
    assert course.chosen("search, digest") == {"search", "digest"}
    assert course.chosen("") == course.EVERYTHING
    with pytest.raises(Trouble, match="serach"):
        course.chosen("serach")
    assert [size.name for size in course.sizes("1m")] == ["1k", "100k", "1m"]


def test_a_given_database_is_refused(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql:///kring")
    with pytest.raises(Trouble, match="Unset DATABASE_URL"):
        open_place()


@pytest.mark.parametrize("size", [sizes.TINY, sizes.THOUSAND, sizes.HUNDRED_THOUSAND])
def test_every_member_sits_in_their_two_circles(size):
    for circle in range(size.circles):
        seated = [size.seat(circle, place) for place in range(sizes.SEATS)]
        assert len(set(seated)) == sizes.SEATS
        assert all(circle in size.circles_of(member) for member in seated)


def test_common_words_come_often_and_rare_ones_hardly_ever():
    text = words.Writer("en", 1).words(20_000).split()
    first, late = words.vocabulary("en")[0], words.vocabulary("en")[2000]
    assert text.count(first) > 50 * max(text.count(late), 1)


def test_the_twenty_searches_are_twenty():
    assert len(set(words.searches())) == 20
