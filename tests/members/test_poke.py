"""Telling the worker: once for many letters that are written in one turn."""

import time
from types import SimpleNamespace

import pytest

from members import poke


@pytest.fixture
def told(monkeypatch):
    """The tasks the broker was asked for; the last one closes the list."""
    tasks = []
    # A thread of its own: the one of earlier tests may still wait for a broker that is gone.
    monkeypatch.setattr(poke, "_thread", None)
    # Put where the thread looks: which app is the current one differs between threads.
    broker = SimpleNamespace(send_task=lambda task, *args, **kwargs: tasks.append(task))
    monkeypatch.setattr(poke, "current_app", broker)

    def until(last: str) -> list[str]:
        end = time.monotonic() + 5
        while last not in tasks and time.monotonic() < end:
            time.sleep(0.01)
        return tasks

    return until


def test_within_one_turn_the_worker_is_asked_once_and_at_its_end(told):
    with poke.gathered():
        for _ in range(3):
            poke.letters_wait()
        poke.ask_for("first")
    poke.ask_for("last")
    assert sorted(told("last")) == ["first", "last", "members.tasks.deliver_letters"]


def test_what_was_asked_for_before_a_fault_is_asked_for(told):
    def work():
        poke.ask_for("asked")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), poke.gathered():
        work()
    assert told("asked") == ["asked"]
