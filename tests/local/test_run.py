"""`make run`: one at a time, everything watched, everything stopped, nothing left."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from kring.local.environment import running_ports, surroundings
from kring.local.home import Trouble, is_held, wait_for
from kring.local.run import listen, welcome
from tests.local.conftest import left_in

STANDIN = Path(__file__).with_name("standin.py")
ALL = {"web starts", "worker starts", "beat starts"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return line.getsockname()[1]


@pytest.fixture
def make_run(another, kept):
    """Start the stand-in stack in the kept home; with `stand`, wait until all of it stands."""

    def start(port=None, stand=True):
        port = port or free_port()
        process = another(str(STANDIN), KRING_HOME=str(kept), PORT=str(port))
        if stand:
            assert wait_for(lambda: set(notes(kept)) >= ALL, 20), process.communicate()
        return process

    (kept / "notes").unlink(missing_ok=True)
    assert wait_for(lambda: not is_held(kept / "keeper.lock"), 10)  # the last test's have ended
    return start


def notes(home) -> list[str]:
    path = home / "notes"
    return path.read_text().splitlines() if path.exists() else []


def until_said(process, words: str) -> str:
    """Read what it says until these words."""
    said = ""
    while words not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    return said


def test_ctrl_c_ends_everything(make_run, kept):
    process = make_run()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[0]
    assert sorted(notes(kept)[-3:]) == ["beat ends", "web ends", "worker ends"]
    assert said.endswith("Kring has stopped.\n")
    assert process.returncode == 0
    assert left_in(kept) == []


def test_a_wish_during_the_start_ends_it_too(make_run, kept):
    process = make_run(stand=False)
    assert wait_for(lambda: is_held(kept / "keeper.lock"), 10)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=30)
    assert wait_for(lambda: not left_in(kept), 5, 0.1)


def test_kill_9_leaves_nothing_and_the_next_start_is_clean(make_run, kept):
    make_run().kill()
    assert wait_for(lambda: not left_in(kept), 10, 0.1), left_in(kept)
    (kept / "notes").unlink()
    make_run()


def test_what_ends_by_itself_is_started_again_once(make_run, kept):
    process = make_run()
    (kept / "fail-worker").touch()
    said = until_said(process, "Starting the worker again.")
    assert "The worker ended (3).\n    something broke" in said
    assert wait_for(lambda: notes(kept).count("worker starts") == 2, 5)
    (kept / "fail-worker").touch()
    assert "The worker ended again. Kring has stopped." in process.communicate(timeout=30)[0]
    assert process.returncode == 1


def test_killed_servers_are_started_again(make_run, kept):
    process = make_run()
    for line in left_in(kept):
        if "keeper.py" in line or "bin/postgres" in line:
            os.kill(int(line.split()[0]), signal.SIGKILL)
    until_said(process, "Starting it again.")
    assert wait_for(lambda: is_held(kept / "keeper.lock"), 10)


def test_while_one_runs_a_second_is_refused_and_commands_find_its_ports(make_run, kept):
    make_run(port := free_port())
    second = make_run(stand=False)
    assert "Kring runs already in" in second.communicate(timeout=30)[0]
    assert second.returncode == 1
    found = surroundings(kept, running_ports(kept))
    assert found["KRING_URL"] == f"http://localhost:{port}"
    with socket.create_connection(("127.0.0.1", int(found["SMTP_PORT"]))) as line:
        assert line.recv(200).startswith(b"220")


def test_a_taken_port_is_said_before_anything_starts(make_run, kept):
    with socket.create_server(("127.0.0.1", 0)) as line:
        port = line.getsockname()[1]
        said = make_run(port, stand=False).communicate(timeout=30)[0]
    assert said == f"Port {port} is taken. Choose another: PORT={port + 1} make run\n"
    assert not is_held(kept / "keeper.lock")


def test_a_port_that_another_has_on_ipv6_is_taken_too():
    taken = socket.create_server(("::1", 0), family=socket.AF_INET6)
    with taken, pytest.raises(Trouble, match="is taken"):
        listen(taken.getsockname()[1])


def test_the_first_screen_names_the_people_of_the_demo(home):
    home.mkdir()
    people = [{"name": "Anna", "role": "admin"}, {"name": "Bram Bos", "role": "member"}]
    (home / "demo.json").write_text(json.dumps(people))
    shown = welcome(home, 8123).splitlines()
    assert "  Kring runs at http://localhost:8123" in shown
    assert "  Sign in as  Anna      admin" in shown
    assert "              Bram Bos  member" in shown
    assert "  Mail        http://localhost:8123/demo/mailbox/" in shown
