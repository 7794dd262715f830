"""Lists of questions: which rows, and what a row shows, in a constant number of queries."""

from collections import defaultdict
from functools import partial

from django.db.models import QuerySet
from django.http import QueryDict

from circles.models import Circle, Membership
from kring.lib import among, keyset  # noqa: F401 (among: the lookup)
from kring.lib.kept import kept
from kring.lib.keyset import Page
from questions import searching
from questions.models import Question, Tagging


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
    return rows.exclude(state=Question.State.WITHDRAWN).with_people().in_short()


def page_of(membership: Membership, asked: QueryDict, *, state: str, words: str) -> Page:
    """One page of them, newest first, with tags; `asked` is the request's GET."""
    rows = of_circle(membership, state=state, words=words)
    first = (
        None if words or state == "mine" else partial(_newest, membership.circle_id, state=state)
    )
    page = keyset.newest_first(rows, asked, first=first)
    return with_tags(page, circles=[membership.circle])


@kept
def _newest(circle_id: int, *, state: str):
    rows = of_circle(Membership(circle_id=circle_id), state=state)
    return rows.newest_first()[: keyset.SIZE + 1]


def with_tags(page: Page, *, circles: list[Circle]) -> Page:
    """Give the rows of a page their tags, and the circles they stand in."""
    names = defaultdict(list)
    here = sorted({row.circle_id for row in page.rows})
    for question_id, name in _tags(here, [row.pk for row in page.rows]):
        names[question_id].append(name)
    known = {circle.pk: circle for circle in circles}
    for row in page.rows:
        row.tag_names = names[row.pk]
        row.circle = known[row.circle_id]
    return page


@kept
def _tags(circle_ids: list[int], question_ids: list[int]):
    rows = Tagging.objects.filter(circle_id__among=circle_ids, question_id__among=question_ids)
    return rows.order_by("id").values_list("question_id", "tag__name")
