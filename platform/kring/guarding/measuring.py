"""What the guard finds of what stands there: recall, precision, and posts flagged for nothing."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from kring.lib.privacy import CERTAIN, findings

TEXTS = Path(__file__).parent / "texts"
ENOUGH = 0.6  # of the characters of what was planted
_MARK = re.compile(r"\{([A-Z_]+):([^{}|]*)(?:\|([^{}]*))?\}")


@dataclass
class Tally:
    """Counts over some texts."""

    found: dict = field(default_factory=lambda: defaultdict(int))
    planted: dict = field(default_factory=lambda: defaultdict(int))
    reported: int = 0
    false: int = 0
    clean: int = 0
    flagged: int = 0
    blocked: int = 0
    missed: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    def recall(self, kind: str | None = None, language: str | None = None) -> float | None:
        keys = [k for k in self.planted if kind in (None, k[0]) and language in (None, k[1])]
        planted = sum(self.planted[k] for k in keys)
        return sum(self.found[k] for k in keys) / planted if planted else None

    @property
    def precision(self) -> float:
        return 1 - self.false / self.reported if self.reported else 1.0


def annotated() -> list[dict]:
    """The texts with planted identifiers that came with the specification."""
    lines = [
        line
        for language in ("nl", "en")
        for line in (TEXTS / f"annotated-{language}.jsonl").read_text("utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines if line]


def own(pattern: str = "own*.txt") -> list[dict]:
    """Kring's own texts, with marks in the text itself."""
    made = []
    for file in sorted(TEXTS.glob(pattern)):
        lines = file.read_text("utf-8").split("\n")
        whole = "\n".join(line for line in lines if not line.startswith("# "))
        for number, block in enumerate(whole.strip().split("\n---\n"), 1):
            head, _, body = block.strip().partition("\n")
            language, genre = head.split()
            made.append(
                {"id": f"{file.stem}-{number:02}", "lang": language, "domain": genre, **read(body)}
            )
    return made


def read(body: str) -> dict:
    """Take the marks out of a text: '{NAME:J. Jansen}', or '{NAME:the words|the part that counts}'."""
    text, spans, at = "", [], 0
    for match in _MARK.finditer(body):
        text += body[at : match.start()]
        whole, part = match[2], match[3] or match[2]
        start = len(text) + whole.index(part)
        spans.append(
            {
                "start": start,
                "end": start + len(part),
                "type": match[1],
                "text": part,
                "must": True,
            }
        )
        text, at = text + whole, match.end()
    return {"text": text + body[at:], "spans": spans}


def halves(texts: list[dict]) -> tuple[list[dict], list[dict]]:
    """To work with, and held back: by turns, in the order of the files."""
    return texts[0::2], texts[1::2]


def tally(texts: list[dict]) -> Tally:
    count = Tally()
    for one in texts:
        _count(one, count)
    return count


def _count(one: dict, count: Tally) -> None:
    text, spans = one["text"], one["spans"]
    found = findings(text, one["lang"])
    must = [span for span in spans if span["must"]]
    wrong = [f for f in found if not any(f.start < s["end"] and s["start"] < f.end for s in spans)]
    count.reported += len(found)
    count.false += len(wrong)
    count.wrong += [(one["id"], f.type, text[f.start : f.end]) for f in wrong]
    if not must:
        count.clean += 1
        count.flagged += bool(wrong)
        count.blocked += any(f.confidence == CERTAIN for f in wrong)
    for span in must:
        key = (span["type"], one["lang"])
        count.planted[key] += 1
        if _covered(span, found) >= ENOUGH:
            count.found[key] += 1
        else:
            count.missed.append((one["id"], span["type"], span["text"]))


def _covered(span: dict, found: list) -> float:
    alike = {"BSN": "NATID"}
    kind = alike.get(span["type"], span["type"])
    inside = set()
    for f in found:
        if alike.get(f.type, f.type) == kind:
            inside.update(range(max(f.start, span["start"]), min(f.end, span["end"])))
    return len(inside) / (span["end"] - span["start"])
