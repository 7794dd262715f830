"""From items to lines: what each circle lets a mail say, in order, and not too much of it.

A circle that allows numbers only gets one line a kind; a sensitive circle always does.
"""

from collections import Counter
from dataclasses import dataclass, field

from circles.models import Circle
from questions.digests.items import Item, section_of
from questions.digests.today import Today
from questions.models import Question

MOST_OF_A_CIRCLE = 5
MOST = 12
NUMBERS, LINE, TITLE = "counts", "line", "title"


@dataclass
class Line:
    """One line of a digest. `shown` is what it says of its one question; '' says numbers only."""

    section: str
    kind: str
    circle: Circle
    index: int  # of its first item in the issue
    shown: str = ""
    items: list[Item] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True)
class Arranged:
    """The lines that have a place, the items of each, and how many things have none."""

    lines: list[Line]
    more: int
    placed: frozenset[int]  # places of the items in the issue

    def of(self, section: str) -> list[Line]:
        return [line for line in self.lines if line.section == section]


def ceiling_of(circle: Circle) -> str:
    """Say how much of a question the mails of this circle may show."""
    return NUMBERS if circle.is_sensitive else circle.mail_ceiling


def shown_of(question: Question, ceiling: str) -> str:
    """Say what a mail may show of a question; '' where it has numbers only."""
    if ceiling == NUMBERS:
        return ""
    return _without_links(question.title if ceiling == TITLE else question.mail_line)


def arrange(items: list[Item], today: Today) -> Arranged:
    """Put what still holds into lines, at most five a circle and twelve in all."""
    lines, of_numbers, more = [], {}, 0
    for place, kept in enumerate(items):
        item = today.still(kept)
        if item is None:
            continue
        if "rest" in kept:
            more += 1
            continue
        _add(lines, of_numbers, place, item, today)
    chosen, taken, placed = [], Counter(), set()
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
            lines.append(_line(place, item, today, TITLE))
    return lines


Placed = tuple[Line, list[int]]


def _add(lines: list[Placed], of_numbers: dict, place: int, item: Item, today: Today) -> None:
    """Add an item to the line of its kind when it says numbers only, else as a line of its own."""
    new = _line(place, item, today, ceiling_of(today.reader.circle(item["circle"])))
    kind = new.section, new.kind, new.circle.pk
    if not new.shown and kind in of_numbers:
        line, places = of_numbers[kind]
        line.items += new.items
        line.questions += new.questions
        places.append(place)
        return
    lines.append((new, [place]))
    if not new.shown:
        of_numbers[kind] = lines[-1]


def _line(place: int, item: Item, today: Today, ceiling: str) -> Line:
    question = today.questions.get(item.get("question"))
    circle = today.reader.circle(item["circle"])
    shown = ""
    if question is not None:
        shown = shown_of(question, ceiling)
    kind = "solved" if item["kind"] == "known" else item["kind"]
    questions = [question] if question is not None else []
    return Line(section_of(item), kind, circle, place, shown, [item], questions)


def _without_links(text: str) -> str:
    """Keep a mail free of links that are not ours: without a scheme it is only text."""
    return " ".join(text.replace("://", ":").split())
