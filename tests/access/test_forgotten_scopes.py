"""Forget every `filter(circle=…)` in the code, one at a time: no page shows anything of another
circle. The first line (doors and scoped queries) is taken away; the second (row-level security)
must hold alone.

Done while it runs: Django's filter drops the circle at one place in our code, and the pages that
came by that place are asked again.
"""

import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db.models import Q, QuerySet

from kring.lib import kept
from tests import make
from tests.test_doors import ALL, filled, keys

ROOT = Path(__file__).parents[2]
OURS = tuple(str(ROOT / app) + "/" for app in ("members", "circles", "questions"))
CANARIES = ("keepers", "carla", "kanarie")

__all__ = ["keys"]  # the fixture


def place() -> tuple[str, ...]:
    """Where in our code a filter was called: its own line and the line that called it."""
    frame, lines = sys._getframe(2), []
    while frame and len(lines) < 2:
        file = frame.f_code.co_filename
        if file.startswith(OURS):
            lines.append(f"{file.removeprefix(str(ROOT))}:{frame.f_lineno}")
        elif lines:
            break
        frame = frame.f_back
    return tuple(lines)


@contextmanager
def watching(monkeypatch, seen: set, forgotten: tuple | None = None):
    """Note where circles are named in queries; at one place, forget to."""

    def scoped(named: dict) -> dict:
        if not any(name.startswith("circle") for name in named):
            return named
        here = place()
        seen.add(here)
        if here and here == forgotten:
            return {name: value for name, value in named.items() if not name.startswith("circle")}
        return named

    plain_filter, plain_q = QuerySet.filter, Q.__init__
    with monkeypatch.context() as patch:
        patch.setattr(kept, "KEEPS", False)  # a kept query was put together before
        patch.setattr(
            QuerySet,
            "filter",
            lambda self, *args, **named: plain_filter(self, *args, **scoped(named)),
        )

        def q(self, *args, _connector=None, _negated=False, **named):
            plain_q(self, *args, _connector=_connector, _negated=_negated, **scoped(named))

        patch.setattr(Q, "__init__", q)
        yield


@pytest.fixture
def visitors(circle, elsewhere, carla, anna, vera, bram, as_):
    """Members of one circle, and another circle full of canaries, which no guide lists."""
    elsewhere.listed = False
    elsewhere.purpose = "kanarie"
    elsewhere.save()
    make.portrait(elsewhere, carla, expertise=["kanarie"], brings="Kanarie")
    make.parameter(elsewhere, "Kanarie parameter")
    make.application(elsewhere, state="offered", name="Kanarie at the door")
    make.application(circle, state="review")
    return {person.email: as_(person) for person in (anna, vera, bram)}


@pytest.fixture
def addresses(keys, elsewhere, visitors):
    found = {filled(door, keys) for door in ALL if "^" not in door[1] and "unsub" not in door[0]}
    found |= {
        "/search/?q=only",
        "/search/?q=splint",
        f"/search/?circle={elsewhere.public_id}&q=x",
    }
    return sorted(
        address
        for address in found
        if not address.startswith(("/account", "/healthz", "/readyz", "/metrics"))
    )


def shows(browser, address) -> str:
    response = browser.get(address)
    assert response.status_code != 500
    return (
        response.getvalue().decode("utf-8", "replace").lower()
        if response.status_code == 200
        else ""
    )


def test_no_forgotten_filter_shows_anything_of_another_circle(
    visitors, addresses, elsewhere, monkeypatch
):
    came_by = defaultdict(list)
    for who, browser in visitors.items():
        for address in addresses:
            seen: set = set()
            with watching(monkeypatch, seen):
                page = shows(browser, address)
            assert not leaks(page), (who, address)
            for here in seen:
                came_by[here].append((browser, address))
    came_by.pop((), None)
    assert len(came_by) > 25, "too few queries name their circle to prove anything"
    leaking = []
    for here, visits in came_by.items():
        for browser, address in visits[:4]:
            with watching(monkeypatch, set(), forgotten=here):
                if leaks(shows(browser, address)):
                    leaking.append((here, address))
    assert leaking == []


def leaks(page: str) -> list[str]:
    return [canary for canary in CANARIES if canary in page]


def test_the_watch_notices_a_filter_that_shows_more(circle, bram, carla, monkeypatch, elsewhere):
    """As the owner, whom no policy holds, the same forgetting does show the other circle."""
    from questions.models import Question

    def of_circle():
        return set(Question.objects.in_circles([circle.pk]).values_list("title", flat=True))

    seen: set = set()
    with watching(monkeypatch, seen):
        assert of_circle() == set()
    with watching(monkeypatch, set(), forgotten=seen.pop()):
        assert of_circle() == {"Only for keepers?"}
