"""Which pages are visited, by whom: the requests of one size, in turns over members and circles."""

from collections.abc import Callable, Iterator
from itertools import count, cycle
from urllib.parse import quote

from kring.bench.filling import APPLICATIONS, FULL, PARAMETERS, language_of, public_id
from kring.bench.measuring import BARE, BARE_BETWEEN, GUARDED, POSTED
from kring.bench.sizes import GROUP, Size
from kring.bench.visiting import Request
from kring.bench.words import Writer, as_markdown, searches
from kring.lib.ids import public_id as fresh_id
from kring.lib.privacy import findings

READERS, VETTERS = 12, 4
READ = ("question", "list", "home", "desk", "search")
WRITTEN = POSTED[:4]


def readers(size: Size) -> list[int]:
    """Members of circles all over, each one's number counted from 1."""
    return [_group(size, n, READERS) * GROUP + 4 + n + 1 for n in range(READERS)]


def vetters(size: Size) -> list[int]:
    """Members who vet in their own circle, and not where they started."""
    return [_group(size, n, VETTERS) * GROUP + 1 + n // 2 % 2 + 1 for n in range(VETTERS)]


def everybody(size: Size) -> list[int]:
    return sorted({*readers(size), *vetters(size)})


def _group(size: Size, n: int, of: int) -> int:
    return n * max(size.circles // of, 1) % size.circles


def requests(page: str, size: Size) -> Iterator[Request]:
    """Requests for a page without end."""
    return _PAGES[page](size)


def _question_of(size: Size, circle: int, turn: int) -> str:
    """The address of the question that was asked in a circle as its so-manieth."""
    last = (size.questions - 1 - circle) // size.circles
    return public_id((turn % (last + 1)) * size.circles + circle)


def _bare(size: Size) -> Iterator[Request]:
    for n, member in enumerate(cycle(readers(size))):
        circle = size.circles_of(member - 1)[0]
        yield Request(member, f"/bare/{circle + 1}/{_question_of(size, circle, n)}/")


def _question(size: Size) -> Iterator[Request]:
    """Those with ten answers and five remarks; not the first, which is the longest of all."""
    for n, member in enumerate(cycle(readers(size))):
        circle = size.circles_of(member - 1)[n // READERS % 2]
        full = size.questions // size.circles // FULL
        question = _question_of(size, circle, FULL * (1 + n * 13 % max(full - 1, 1)))
        yield Request(member, f"/c/{public_id(circle)}/q/{question}/")


def thread(size: Size, *, long: bool) -> Request:
    """A question with three answers, or the one with three hundred."""
    member = size.seat(0, 7) + 1
    return Request(member, f"/c/{public_id(0)}/q/{_question_of(size, 0, 0 if long else 4)}/")


def _list(size: Size) -> Iterator[Request]:
    for n, member in enumerate(cycle(readers(size))):
        yield Request(member, f"/c/{public_id(size.circles_of(member - 1)[n // READERS % 2])}/")


def _home(size: Size) -> Iterator[Request]:
    for member in cycle(readers(size)):
        yield Request(member, "/")


def _desk(size: Size) -> Iterator[Request]:
    for member in cycle(vetters(size)):
        yield Request(member, f"/c/{public_id(size.circles_of(member - 1)[0])}/vetting/")


def _search(size: Size) -> Iterator[Request]:
    """Every word by one member, then by the next."""
    for member in cycle(readers(size)):
        for words in searches():
            yield Request(member, f"/search/?q={quote(words)}")


def search_for(words: str, size: Size) -> Iterator[Request]:
    """One word, by one member after another."""
    for member in cycle(readers(size)):
        yield Request(member, f"/search/?q={quote(words)}")


def _circle_of(size: Size, member: int, language: str) -> int:
    """The circle of a member that speaks it: Dutch ones are sensitive, so their privacy guard reads
    what is posted; in the English ones it is off."""
    return next(n for n in size.circles_of(member - 1) if language_of(n) == language)


def _ask(size: Size, language: str = "en") -> Iterator[Request]:
    writer = Writer(language, 99)
    for member in cycle(readers(size)):
        circle = _circle_of(size, member, language)
        own = range(circle * PARAMETERS + 1, (circle + 1) * PARAMETERS + 1)
        form = {
            "public_id": fresh_id(),
            "title": _of_nobody(lambda: writer.sentence("?")[:200]),
            "body": _of_nobody(lambda: as_markdown(writer.paragraphs(3))),
            "need": "opinion",
            "outcome_weeks": "6",
            "tags": "tag 1, tag 2",
            "untraceable": "on",
            **{f"p{number}": "7 uur" for number in own},
        }
        yield Request(member, f"/c/{public_id(circle)}/ask/", form, 302)


def _ask_guarded(size: Size) -> Iterator[Request]:
    return _ask(size, "nl")


def _of_nobody(write: Callable[[], str]) -> str:
    """A text in which nothing points at a person, so that the guard reads it and lets it pass."""
    while findings(text := write()):
        pass
    return text


def _answer(size: Size) -> Iterator[Request]:
    """To questions that no other page of the bench shows."""
    writer = Writer("en", 98)
    for n, member in enumerate(cycle(readers(size))):
        circle = _circle_of(size, member, "en")
        question = _question_of(size, circle, FULL * (n % 40) + 3)
        form = {"public_id": fresh_id(), "body": as_markdown(writer.paragraphs(2))}
        yield Request(member, f"/c/{public_id(circle)}/q/{question}/answers/", form, 302)


def _vote(size: Size) -> Iterator[Request]:
    """Without a side, so that nobody is let in or sent away."""
    for n, member in zip(count(), cycle(vetters(size)), strict=False):
        circle = size.circles_of(member - 1)[0]
        application = public_id(circle * APPLICATIONS + n // VETTERS % APPLICATIONS)
        form = {"choice": "abstain", "sentence": "I do not know this person well enough."}
        path = f"/c/{public_id(circle)}/vetting/{application}/vote/"
        yield Request(member, path, form, 302)


_PAGES: dict[str, Callable[[Size], Iterator[Request]]] = {
    BARE: _bare,
    BARE_BETWEEN: _bare,
    "question": _question,
    "list": _list,
    "home": _home,
    "desk": _desk,
    "search": _search,
    "ask": _ask,
    GUARDED: _ask_guarded,
    "answer": _answer,
    "vote": _vote,
}
