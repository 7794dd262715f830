"""What a proposed circle says: its charter and its question form, checked line by line.

It comes from a file, JSON as demo/*/circle.json (`circle`, the charter, and `parameters`), from a
starting point or from what a member wrote. Whatever is not right is said about its own field;
nothing is guessed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from circles.models import Parameter
from circles.models.circle import BOUNDS, Guard, Language, Registry, Sensitivity
from kring.lib.forms import storable

TEXTS = {"name": 80, "profession": 120, "purpose": 2000, "belongs": 2000, "pledge": 5000}
NUMBERS = {  # the least and the most
    "size_cap": (3, 150),
    "term_months": (1, 60),
    "cost_cents": (0, 10_000_000),
    **BOUNDS,
}
CHOICES = {
    "language": Language.values,
    "sensitivity": Sensitivity.values,
    "registry": Registry.values,
    "guard": Guard.values,
}
DEFAULTS = {"registry": Registry.NONE, "guard": Guard.CONFIRM}
LINES = {"commitment": ("label", "value"), "cost_lines": ("label", "cents")}
OTHER = {"mail_alias", "hours_per_month", "listed", "field", "outside_referees"}
ELSEWHERE = {
    "admission",
    "applications",
    "invitations",
    "people",
    "questions",
    "tags",
}  # parts a demo file has besides
MOST_LINES, MOST_PARAMETERS = 30, 30


@dataclass
class Proposed:
    """What a file says, and all that is wrong with it."""

    charter: dict = field(default_factory=dict)
    parameters: list[dict] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read(path: Path) -> Proposed:
    """Read a file; `wrong` is empty when it can be proposed as it is."""
    found = Proposed()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        found.wrong.append(f"{path} cannot be read: {getattr(error, 'strerror', '') or error}.")
        return found
    except json.JSONDecodeError as error:
        found.wrong.append(f"{path} is no JSON: {error.msg} in line {error.lineno}.")
        return found
    if not isinstance(told, dict) or not isinstance(told.get("circle"), dict):
        found.wrong.append('"circle" is missing: the charter.')
        return found
    return look_at(told)


def look_at(told: dict) -> Proposed:
    """Check a charter and a question form, as they stand in a file."""
    found = Proposed()
    known = {"circle", "parameters", *ELSEWHERE}
    found.wrong += [f'"{name}" is no part of a proposal.' for name in told.keys() - known]
    _charter(told["circle"], found)
    rows = told.get("parameters", [])
    if not isinstance(rows, list) or len(rows) > MOST_PARAMETERS:
        found.wrong.append(f"parameters: give a list of at most {MOST_PARAMETERS}.")
        rows = []
    for number, row in enumerate(rows, start=1):
        _parameter(row, f"parameters, number {number}", found)
    names = [row["name"] for row in found.parameters]
    twice = {name for name in names if names.count(name) > 1}
    found.wrong += [f'parameters: "{name}" stands there twice.' for name in sorted(twice)]
    return found


# --- the charter --------------------------------------------------------------------------
def _charter(told: dict, found: Proposed) -> None:
    known = {*TEXTS, *NUMBERS, *CHOICES, *LINES, *OTHER}
    found.wrong += [f"circle.{name}: there is no such field." for name in told.keys() - known]
    charter = {name: value for name, value in told.items() if name in known - {"field", "listed"}}
    charter["list_when_confirmed"] = told.get("listed") is True
    found.charter = charter
    found.wrong += [f"circle.{words}" for words in _faults(charter)]


def _faults(charter: dict) -> Iterator[str]:
    for name, most in TEXTS.items():
        yield from _text(name, charter.get(name), most)
    if "mail_alias" in charter:
        yield from _text("mail_alias", charter["mail_alias"], 40)
    for name, (least, most) in NUMBERS.items():
        value = charter.get(name, least)
        if not _is_whole(value) or not least <= value <= most:
            yield f"{name}: give a whole number from {least} to {most}."
    hours = charter.get("hours_per_month")
    if hours is not None and not (_is_number(hours) and 0 <= hours <= 200):
        yield "hours_per_month: give a number of hours from 0 to 200, or leave it out."
    for name, known in CHOICES.items():
        if charter.get(name, DEFAULTS.get(name)) not in known:
            yield f"{name}: give one of {', '.join(known)}."
    for name, (label, value) in LINES.items():
        rows = charter.get(name, [])
        if not isinstance(rows, list) or len(rows) > MOST_LINES or not all(map(_is_line, rows)):
            yield f'{name}: give a list of lines, each with "{label}" and "{value}".'
    if any(not _is_whole(row.get("cents")) for row in _rows(charter, "cost_lines")):
        yield 'cost_lines: "cents" is a whole number in each line.'
    if any(not isinstance(row.get("value"), str) for row in _rows(charter, "commitment")):
        yield 'commitment: "value" is a text in each line.'


def _rows(charter: dict, name: str) -> list[dict]:
    rows = charter.get(name, [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _is_line(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("label"), str) and bool(row["label"])


def _text(name: str, value: object, most: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{name}: give a text."
    elif len(value) > most:
        yield f"{name}: this is {len(value)} characters, and {most} is the most."
    elif storable(value) != value:
        yield f"{name}: this holds a character no page can show."


# --- the question form --------------------------------------------------------------------
def _parameter(row: object, place: str, found: Proposed) -> None:
    if not isinstance(row, dict):
        found.wrong.append(f"{place}: give its name and kind.")
        return
    allowed = ("name", "kind", "choices", "unit", "minimum", "maximum", "required", "help")
    unknown = row.keys() - {*allowed, "key"}
    wrong = [f"there is no such field as {name}." for name in sorted(unknown)]
    wrong += _text("name", row.get("name"), 80)
    kind, choices = row.get("kind"), row.get("choices", [])
    if kind not in Parameter.Kind.values:
        wrong.append(f"kind: give one of {', '.join(Parameter.Kind.values)}.")
    asks = kind in (Parameter.Kind.CHOICE, Parameter.Kind.CHOICES)
    texts = isinstance(choices, list) and all(isinstance(one, str) and one for one in choices)
    if not texts or (asks and len(choices) < 2):
        wrong.append("choices: give a list of texts, two or more for this kind.")
    for name, most in (("unit", 20), ("help", 200)):
        if not isinstance(row.get(name, ""), str) or len(row.get(name, "")) > most:
            wrong.append(f"{name}: give a text of at most {most} characters.")
    least, most = row.get("minimum"), row.get("maximum")
    bounds = [one for one in (least, most) if one is not None]
    if not all(map(_is_number, bounds)) or (len(bounds) == 2 and least > most):
        wrong.append("minimum and maximum: give numbers, the smaller one first.")
    found.wrong += [f"{place}: {words}" for words in wrong]
    if not wrong:
        found.parameters.append({name: row[name] for name in allowed if name in row})


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
