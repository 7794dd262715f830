"""Lists of questions: which rows, and what a row shows, in a constant number of queries."""

from collections import defaultdict

from django.db.models import QuerySet

from circles.models import Circle, Membership
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
    return rows.exclude(state=Question.State.WITHDRAWN).with_people()


def with_tags(page: Page, *, circles: list[Circle]) -> Page:
    """Give the rows of a page their tags, and the circles they stand in."""
    names = defaultdict(list)
    taggings = (
        Tagging.objects.filter(
            circle_id__in={row.circle_id for row in page.rows},
            question_id__in=[row.pk for row in page.rows],
        )
        .select_related("tag")
        .order_by("id")
    )
    for tagging in taggings if page.rows else ():
        names[tagging.question_id].append(tagging.tag.name)
    known = {circle.pk: circle for circle in circles}
    for row in page.rows:
        row.tag_names = names[row.pk]
        row.circle = known[row.circle_id]
    return page
