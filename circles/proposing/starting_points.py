"""What a proposal may begin with: six professions, each with a charter, a question form, rules of
admission and of the privacy guard, in both languages. The words stand in `starts/`, a file each.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "starts"
NAMES = ("surgeon", "notary", "accountant", "teacher", "club", "general")


@dataclass(frozen=True)
class Start:
    """One starting point in one language."""

    name: str
    called: str
    hint: str
    charter: dict
    parameters: list[dict]

    @property
    def is_sensitive(self) -> bool:
        return self.charter["sensitivity"] == "sensitive"


@cache
def every(language: str) -> dict[str, Start]:
    """Hand over the starting points in a language, by name."""
    return {name: _read(name, language) for name in NAMES}


def start(name: str, language: str) -> Start:
    """Hand over one of them; an unknown name is the general one."""
    return every(language).get(name) or every(language)["general"]


def _read(name: str, language: str) -> Start:
    told = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))[language]
    return Start(name, told["called"], told["hint"], told["circle"], told["parameters"])
