"""Keeps the private servers while anybody uses them, and ends with the last user.

Runs as a script of its own with nothing but the standard library. Every user holds a shared
lock on one file; the kernel drops it however that user ends, also by kill -9. The keeper waits
for the whole lock. Should the keeper itself be killed, the kernel ends its servers.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
PATIENCE = 10  # seconds for an orderly end, before a harder one


def die_with_parent(parent: int, signal_number: int) -> None:
    """Between fork and exec: ask the kernel for this signal when the parent ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)  # it ended before we asked


class Over(Exception):
    """A server ended by itself, or the keeper was asked to end."""


def _over(*_) -> None:
    raise Over


def start(server: dict) -> subprocess.Popen:
    """Start one server as its account, tied to this process."""
    account = {}
    if server["account"]:
        uid, gid = server["account"]
        account = {"user": uid, "group": gid, "extra_groups": []}
    parent = os.getpid()
    with open(server["log"], "ab") as log:
        return subprocess.Popen(
            server["command"],
            cwd="/",
            env=server["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent, server["stop"][0]),
            **account,
        )


def stop(process: subprocess.Popen, signals: list[int]) -> None:
    """End one server: the gentle signal was sent; harder ones follow."""
    for harder in [*signals[1:], signal.SIGKILL]:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.send_signal(harder)
    process.wait()


def main() -> None:
    """Start what the plan on standard input says; stop it when the last user is gone."""
    plan = json.load(sys.stdin)
    alive = os.open(plan["alive"], os.O_RDWR | os.O_CREAT, 0o600)
    users = os.open(plan["users"], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(alive, fcntl.LOCK_EX)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, lambda *_: None)  # a handler, since exec would pass on an "ignore"
    running = []
    try:
        for wake in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(wake, _over)
        for server in plan["servers"]:
            running.append((start(server), server["stop"]))
        fcntl.flock(users, fcntl.LOCK_EX)
    except Over:
        pass
    finally:
        for wake in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(wake, lambda *_: None)
        for process, signals in running:
            process.send_signal(signals[0])
        for process, signals in running:
            stop(process, signals)


if __name__ == "__main__":
    main()
