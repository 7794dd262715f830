"""`make fresh`: remove what this folder's Kring has gathered, after asking."""

import fcntl
import os
import shutil
import sys

from kring.local import room, servers
from kring.local.home import Trouble, default_home, say, take


def main() -> int:
    """Ask, then remove; refuse while anything runs."""
    home = default_home()
    if not home.exists():
        say("There is nothing to remove.")
        return 0
    try:
        running = take(home / "run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        running = None
    homes = [home, *(link.parent for link in home.glob("*/servers"))]  # the tests have their own
    if running is None or any(map(servers.is_running, homes)):
        sys.stderr.write("Kring runs here. Stop it first (Ctrl-C where it was started).\n")
        return 1
    sys.stdout.write(f"Remove the local database, mail and files in {home}? [y/N] ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes", "j", "ja"}:
        say("Nothing was removed.")
        return 0
    for each in homes:
        room.remove(each)
    shutil.rmtree(home)
    os.close(running)
    say("Removed. The next `make run` starts anew.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Trouble, OSError) as trouble:
        sys.exit(str(trouble))
