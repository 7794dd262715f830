"""Admission as a machine: anybody does anything at any moment, days go by, connections break.

A few stories are told with every change, always the same ones; each step is printed when one ends
badly. For hundreds of others, and the same ones again by their number:
    KRING_STORIES=500 pytest tests/circles/machine -s --hypothesis-seed=1
"""

import os

import pytest
from django.utils import translation
from hypothesis import HealthCheck, Phase
from hypothesis import settings as telling
from hypothesis.stateful import run_state_machine_as_test

from circles.models import Application
from members import poke
from tests.circles.machine.machine import Admission

STORIES = int(os.environ.get("KRING_STORIES", "0"))
HOW = telling(
    max_examples=STORIES or 6,
    stateful_step_count=50 if STORIES else 25,
    derandomize=not STORIES,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # a shorter story would take minutes to find
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db(transaction=True)
def test_v3_whoever_does_what_and_whatever_breaks_admission_keeps_its_word(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # 50 ms less
    with poke.gathered(), translation.override("en"):
        run_state_machine_as_test(Admission, settings=HOW)
    told = {new for _old, new in Admission.seen}
    if STORIES:
        for (old, new), times in sorted(Admission.seen.items()):
            print(f"{old} -> {new}: {times}")  # noqa: T201
    if STORIES >= 300:  # fewer seldom come everywhere
        assert told == set(Application.State) - {"draft"}
    assert {"referees", "review", "offered"} <= told
