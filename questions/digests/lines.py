"""From items to lines: what each circle lets a mail say, in order, and not too much of it.

A circle that allows numbers only gets one line a kind; a sensitive circle always does.
"""

from collections import Counter
from dataclasses import dataclass, field

from circles.models import Circle
from questions.digests.ceilings import NUMBERS, TITLE
from questions.digests.items import Item, section_of
from questions.digests.today import Asked, Today
from questions.models import Question

MOST_OF_A_CIRCLE = 5
MOST = 12


@dataclass
class Line:
    """One line of a digest. `shown` is what it says of its one question; '' says numbers only."""

    section: str
    kind: str
    circle: Circle
    index: int  # of its first item in the issue
    shown: str = ""
    items: list[Item] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)


@dataclass(frozen=True)
class Arranged:
    """The lines that have a place, the items of each, and how many things have none."""

    lines: list[Line]
    more: int
    placed: frozenset[int]  # places of the items in the issue

    def of(self, section: str) -> list[Line]:
        return [line for line in self.lines if line.section == section]


def shown_of(question: Question | Asked, ceiling: str) -> str:
    """Say what a mail may show of a question; '' where it has numbers only."""
    if ceiling == NUMBERS:
        return ""
    return _without_links(question.title if ceiling == TITLE else question.mail_line)


def arrange(items: list[Item], today: Today) -> Arranged:
    """Put what still holds into lines, at most five a circle and twelve in all."""
    lines, of_numbers = [], {}
    for place, kept in enumerate(items):
        item = today.still(kept)
        if item is not None:
            _add(lines, of_numbers, place, item, today)
    chosen, taken, placed, more = [], Counter(), set(), 0
    for line, places in lines:
        if len(chosen) < MOST and taken[line.circle.pk] < MOST_OF_A_CIRCLE:
            taken[line.circle.pk] += 1
            chosen.append(line)
            placed |= set(places)
        else:
            more += len(line.items)
    return Arranged(chosen, more, frozenset(placed))


def in_full(items: list[Item], today: Today) -> list[Line]:
    """Put everything that may be seen now into lines of their own, for a page behind sign-in."""
    lines = []
    for place, kept in enumerate(items):
        item = today.visible(kept)
        if item is not None:
            question = today.questions.get(item.get("question"))
            shown = shown_of(question, TITLE) if question else ""
            lines.append(_line(place, item, today, shown))
    return lines


Placed = tuple[Line, list[int]]


def _add(lines: list[Placed], of_numbers: dict, place: int, item: Item, today: Today) -> None:
    """Add an item to the line of its kind when it says numbers only, else as a line of its own."""
    circle = today.reader.circle(item["circle"])
    question = today.questions.get(item.get("question"))
    shown = shown_of(question, today.reader.ceiling_of(circle)) if question else ""
    kind = _kind_of(item), circle.pk
    if shown or kind not in of_numbers:
        lines.append((_line(place, item, today, shown), [place]))
        if not shown:
            of_numbers[kind] = lines[-1]
        return
    line, places = of_numbers[kind]
    line.items.append(item)
    line.questions += [question] if question else []
    places.append(place)


def _line(place: int, item: Item, today: Today, shown: str) -> Line:
    question = today.questions.get(item.get("question"))
    circle = today.reader.circle(item["circle"])
    questions = [question] if question else []
    return Line(section_of(item), _kind_of(item), circle, place, shown, [item], questions)


def _kind_of(item: Item) -> str:
    return "solved" if item["kind"] == "known" else item["kind"]


def _without_links(text: str) -> str:
    """Keep a mail free of links that are not ours: without a scheme it is only text."""
    return " ".join(text.replace("://", ":").split())
