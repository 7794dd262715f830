"""What processes use, as the kernel counts it: processor time and proportional memory.

A tree is a process with all it started. Linux only.
"""

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

_SCHEDULED = 2  # the clock of a process as its scheduler counts it, in nanoseconds


def tree(root: int) -> list[psutil.Process]:
    """The process with this number and all below it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    return []


def processor_seconds(roots: Iterable[int]) -> float:
    """Processor time that these trees have used so far, ended children included."""
    return sum(_spent(process) for root in roots for process in tree(root))


def _spent(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess, OSError):
        own = time.clock_gettime((~process.pid << 3) | _SCHEDULED)
        ended = process.cpu_times()
        return own + ended.children_user + ended.children_system
    return 0.0


def proportional_mb(root: int, *, without_shared: bool = False) -> float:
    """Memory of a tree in MB: its own, and its part of what it shares with others.

    `without_shared` leaves out memory segments: PostgreSQL's shared buffers.
    """
    kilobytes = 0
    for process in tree(root):
        with contextlib.suppress(OSError):
            found = _rollup(process.pid)
            kilobytes += found["Pss"] - (found["Pss_Shmem"] if without_shared else 0)
    return kilobytes / 1024


def _rollup(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name.rstrip(":"): int(value) for name, value, _ in map(str.split, lines)}


def resident_mb(root: int) -> float:
    """Memory in use by a tree in MB; counts twice what is shared. Cheap, for watching growth."""
    total = 0
    for process in tree(root):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total / 1e6
