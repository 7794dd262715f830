"""Lists of questions: which rows, and what a row shows, in a constant number of queries."""

from functools import partial

from django.db.models import QuerySet
from django.http import QueryDict

from circles.models import Circle, Membership
from kring.lib import keyset
from kring.lib.kept import kept
from kring.lib.keyset import Page
from questions import searching
from questions.models import Question
from questions.models.traces import tag_names


def of_circle(membership: Membership, *, state: str = "", words: str = "") -> QuerySet[Question]:
    """Questions of one circle in one state ('' for all), holding the words when there are any."""
    rows = (
        searching.find(words, [membership.circle])
        if words
        else Question.objects.in_circles([membership.circle_id])
    )
    match state:
        case "open":
            rows = rows.open()
        case "unanswered":
            rows = rows.unanswered()
        case "solved":
            rows = rows.solved()
        case "mine":
            rows = rows.asked_by(membership.member_id)
    return for_rows(rows.exclude(state=Question.State.WITHDRAWN))


def for_rows(rows: QuerySet[Question]) -> QuerySet[Question]:
    """With all that a row of a list shows, and no more."""
    return rows.with_people().in_short().annotate(tag_names=tag_names())


def page_of(membership: Membership, asked: QueryDict, *, state: str, words: str) -> Page:
    """One page of them, newest first; `asked` is the request's GET."""
    rows = partial(of_circle, membership, state=state, words=words)
    first = partial(_newest, membership.circle_id, state=state)
    short = not words and state != "mine"
    page = keyset.newest_first(rows, asked, first=first if short else None)
    return placed(page, circles=[membership.circle])


@kept
def _newest(circle_id: int, *, state: str):
    rows = of_circle(Membership(circle_id=circle_id), state=state)
    return rows.newest_first()[: keyset.SIZE + 1]


def placed(page: Page, *, circles: list[Circle]) -> Page:
    """Give the rows of a page the circles they stand in."""
    known = {circle.pk: circle for circle in circles}
    for row in page.rows:
        row.circle = known[row.circle_id]
    return page


def page_of_found(words: str, circles: list[Circle], asked: QueryDict) -> Page:
    """One page of what holds the words in these circles, newest first."""
    sought = words[: searching.MAX_CHARACTERS], *searching.by_language(circles)
    page = keyset.newest_first(
        lambda: for_rows(searching.found(*sought)), asked, first=partial(_found, *sought)
    )
    return placed(page, circles=circles)


@kept
def _found(words: str, dutch: list[int], english: list[int]):
    return for_rows(searching.found(words, dutch, english, most=keyset.SIZE + 1))
