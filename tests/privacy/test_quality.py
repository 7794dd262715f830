"""How good the guard is on its own texts, and how fast: what `make guard-report` says may not fall.

The floors lie below what was measured, so that they speak of a fall and not of a word.
"""

import os
import subprocess
import sys
import time

import pytest

from kring.guarding.measuring import annotated, own, tally
from kring.guarding.writing import texts
from kring.lib.privacy import findings, load


def processor_time(text: str) -> float:
    begun = time.process_time()
    findings(text)
    return time.process_time() - begun


def test_annotated_texts_are_read_as_well_as_they_were():
    count = tally(annotated() + own())
    assert count.recall() >= 0.9
    assert count.precision >= 0.9
    assert not count.blocked


@pytest.mark.parametrize("held_back", [False, True])
def test_names_of_many_countries_are_found(held_back):
    count = tally(texts(120, 5, held_back))
    assert count.recall("NAME") >= 0.9
    assert count.recall() >= 0.93


HOSTILE = [
    "A-",
    "patnr A1-",
    "1 ",
    "12-",
    "a@",
    "A. ",
    "van ",
    "Jan ",
    "(",
    "x.",
    "0 6",
    "NL91 ABNA ",
    "www.a/",
    "a at b dot ",
    "de heer ",
    "1234 AB ",
    "12 High Street, ",
    "Kerkstraat 1, ",
    "1 jan ",
    "Jansen/",
    "Jań",
    "user@a.",
    "Flat 1, ",
    "a [at] ",
    "`",
    "\u200b",
    "1/",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_longer_than_a_second(piece):
    """The budget is one second of processor time for 20,000 characters; the worst took 0.4."""
    assert processor_time((piece * 20_000)[:20_000]) < 1


def test_a_text_of_two_kilobytes_costs_next_to_nothing():
    """The budget is 25 ms; about 8 were measured, so the fastest of five tells of a fall."""
    text = " ".join(one["text"] for one in own())[:2000]
    load()
    assert min(processor_time(text) for _ in range(5)) < 0.025


def test_the_guard_is_light_and_its_lists_are_not_read_before_they_are_needed():
    """The budget is 120 MB; a process with the guard in it took 20."""
    code = (
        "import kring.lib.privacy as p; from kring.lib.privacy import lexicon as l;"
        "before = l._mapped.cache_info().currsize; p.load(); p.findings('Jan de Vries ' * 100);"
        "print(before, int(open('/proc/self/statm').read().split()[1]) * 4 // 1024)"
    )
    places = {**os.environ, "PYTHONPATH": "platform"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=places)
    before, megabytes = map(int, run.stdout.split())
    assert before == 0
    assert megabytes < 120
