"""One clock for all processes of a simulation: it stands still until it is set."""

import mmap
import struct
from datetime import UTC, datetime
from pathlib import Path

HANDS = 8  # as many processes can say that they are at work
_MOMENT = struct.Struct("d")


class Clock:
    """A moment in a small file that all processes map; behind it, who is at work."""

    def __init__(self, folder: Path):
        path = Path(folder) / "clock"
        if not path.exists():
            path.write_bytes(bytes(_MOMENT.size + HANDS))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _MOMENT.size + HANDS)

    def now(self) -> datetime:
        return datetime.fromtimestamp(_MOMENT.unpack_from(self._map)[0], UTC)

    def set(self, moment: datetime) -> None:
        _MOMENT.pack_into(self._map, 0, moment.timestamp())

    def note(self, hand: int, at_work: bool) -> None:
        """Say whether this hand has a task."""
        self._map[_MOMENT.size + hand] = at_work

    def is_at_work(self, hand: int) -> bool:
        return bool(self._map[_MOMENT.size + hand])
