"""`make fresh` removes everything, but only after a yes and while nothing runs."""

import os

import pytest

from kring.local import room, servers

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps data elsewhere")


@pytest.fixture
def fresh(another, home):
    """Answer the question of `make fresh` in this home."""

    def run(answer):
        process = another("-m", "kring.local.fresh", KRING_HOME=str(home))
        return process.communicate(answer)[0], process.returncode

    home.mkdir()
    (home / "prepared").touch()
    return run


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "perhaps\n"])
def test_without_a_yes_nothing_is_removed(fresh, home, answer):
    said, code = fresh(answer)
    assert said.endswith("Nothing was removed.\n")
    assert code == 0
    assert (home / "prepared").exists()


def test_with_a_yes_everything_is_removed(fresh, home):
    assert fresh("y\n")[1] == 0
    assert not home.exists()


@as_root
def test_data_that_lies_elsewhere_is_removed_too(fresh, home):
    home.chmod(0o700)
    place = room.room_of(home).place
    assert place.parent == room.ELSEWHERE
    assert fresh("y\n")[1] == 0
    assert not place.exists()


def test_it_refuses_while_servers_run_here_or_for_the_tests(fresh, home):
    for used in (home, home / "test"):
        with servers.ensure(used, fast=True):
            said, code = fresh("y\n")
        assert said.startswith("Kring runs here.")
        assert (code, home.exists()) == (1, True)
    room.remove(home / "test")
