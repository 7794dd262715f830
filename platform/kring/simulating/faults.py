"""What goes wrong, and when: decided by the seed alone, never by what happened before. Pure."""

import hashlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

TAKEN = "taken"
LATER, NEVER = "451", "550"
HANGS, HANGS_TAKEN = "hangs", "hangs, taken"
DROPS, DROPS_TAKEN = "drops", "drops, taken"  # after DATA, before any word
KILLS, KILLS_TAKEN = "kills", "kills, taken"  # the worker, in DATA
# In so many of a thousand mails. A 451 is repeated for the next tries of the same mail.
FATES = {
    LATER: 12,
    NEVER: 1,
    HANGS: 1,
    HANGS_TAKEN: 1,
    DROPS: 4,
    DROPS_TAKEN: 4,
    KILLS: 2,
    KILLS_TAKEN: 2,
}
MOST_LATER = 4  # tries that hear 451, of the six there are


@dataclass(frozen=True)
class Faults:
    """The faults of one run; `often` multiplies how many there are, 0 is none."""

    seed: int
    often: float

    def fate_of(self, mail: str, tries: int) -> str:
        """Say what becomes of the n-th try (from 0) of a mail, named by its Message-ID."""
        left = self._number(mail) % 1000 / 1000
        for fate, often in FATES.items():
            left -= often * self.often / 1000
            if left < 0:
                if fate == LATER:
                    again = self._number(f"{mail} again") % MOST_LATER
                    return LATER if tries <= again else TAKEN
                return fate if tries == 0 else TAKEN
        return TAKEN

    def statements_to_live(self, births: int) -> int:
        """Say after how many statements the n-th worker is killed; odd: after, even: before it.
        0: it lives."""
        if not self.often:
            return 0
        return random.Random(f"{self.seed} {births}").randint(1, round(24_000 / self.often))  # noqa: S311

    def beats(self, moment: datetime) -> int:
        """How many clocks order the sweeps at this moment."""
        return 1 + bool(self.often and self._number(f"beat {moment:%F %H:%M}") % 3 == 0)

    def without_mail_server(self, week: int, monday: datetime) -> tuple[datetime, datetime] | None:
        """The hours of a week in which nothing listens: twelve, in every third week, when most
        digests fall due."""
        if not self.often or week % 3 != 1:
            return None
        begin = monday + timedelta(days=1, hours=4)
        return begin, begin + timedelta(hours=12)

    def without_workers(self, week: int, monday: datetime) -> tuple[datetime, datetime] | None:
        """The hours of a week in which no worker runs: half a day in every fifth week, once three
        days."""
        if not self.often or week % 5 != 2:
            return None
        begin = monday + timedelta(hours=20)
        return begin, begin + timedelta(hours=70 if week == 7 else 12)

    def _number(self, words: str) -> int:
        digest = hashlib.blake2b(f"{self.seed} {words}".encode(), digest_size=6).digest()
        return int.from_bytes(digest)
