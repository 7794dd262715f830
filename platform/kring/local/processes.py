"""One process of the stack: started in a session of its own, watched, stopped, never left."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kring.local.home import REPOSITORY, fresh_log, last_lines
from kring.local.keeper import die_with_parent

CALM = 600  # seconds of good work after which an end may be forgiven again


@dataclass
class Process:
    """A command of the stack. `label` is what an operator calls it."""

    label: str
    command: list[str]
    environment: dict[str, str]
    log: Path | None = None  # None: it speaks to the terminal
    pass_fds: tuple[int, ...] = ()
    running: subprocess.Popen | None = None
    restarted_at: float | None = None

    def start(self) -> None:
        """Start it; the kernel ends it with this process, whatever happens."""
        parent = os.getpid()
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(fresh_log(self.log).open("ab")) if self.log else None
            self.running = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=REPOSITORY,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                start_new_session=True,
                pass_fds=self.pass_fds,
                preexec_fn=lambda: die_with_parent(parent, signal.SIGTERM),
            )

    def ended(self) -> int | None:
        """The exit code when it was started and is over."""
        return self.running.poll() if self.running else None

    def may_restart(self) -> bool:
        """Whether its last unexpected end was long ago, or never."""
        recent = self.restarted_at and time.monotonic() - self.restarted_at < CALM
        self.restarted_at = time.monotonic()
        return not recent

    def ask_to_end(self) -> None:
        """Send it the gentle signal, and do not wait."""
        if self.running:
            self.running.terminate()

    def end(self, patience: float) -> None:
        """Wait so many seconds for its end; then end it with everything it started."""
        if self.running is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.running.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = None

    def last_words(self) -> str:
        """How it ended and the last lines of its log."""
        code = self.running.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended ({code})"
        lines = last_lines(self.log) if self.log else ""
        return "\n".join(filter(None, [f"The {self.label} {how}.", lines]))
