"""One's own words are one's own, and change only while one writes in their circle: whoever may
only read, is away or has left takes them along or takes them back, and rewrites nothing."""

import pytest
from django.db import connection
from django.urls import reverse

from circles.models import Circle, Membership
from tests import make

pytestmark = pytest.mark.django_db
S = Membership.State
TABLES = ("questions_question", "questions_answer", "questions_comment")
NO_WORDS = [state for state in S if state not in (S.PROBATION, S.ACTIVE, S.REVERIFY_DUE)]


@pytest.fixture
def wrote(circle, bram):
    """bram asked, answered and remarked."""
    question = make.question(circle, by=bram)
    make.answer(question, by=bram)
    make.comment(question, by=bram)
    return question


def changed(acting, member, table) -> int:
    with acting(member), connection.cursor() as cursor:
        cursor.execute(f"update {table} set body = 'Other', html = '<p>Other</p>'")
        return cursor.rowcount


def is_now(circle, member, state) -> None:
    Membership.objects.filter(circle=circle, member_id=member.pk).update(state=state)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("state", [S.ACTIVE, S.PROBATION, S.REVERIFY_DUE])
def test_whoever_writes_changes_their_own_words(state, table, wrote, circle, bram, acting):
    is_now(circle, bram, state)
    assert changed(acting, bram, table) == 1


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("state", NO_WORDS)
def test_nobody_else_changes_them_not_even_past_the_pages(
    state, table, wrote, circle, bram, acting
):
    is_now(circle, bram, state)
    assert changed(acting, bram, table) == 0


@pytest.mark.parametrize("table", TABLES)
def test_without_the_factor_a_circle_demands_nobody_changes_them(
    table, wrote, circle, bram, acting
):
    Circle.objects.filter(pk=circle.pk).update(demands_second_factor=True)
    assert changed(acting, bram, table) == 0


def test_in_grace_the_pages_offer_reading_and_no_change(wrote, circle, bram, as_):
    is_now(circle, bram, S.GRACE)
    args = [circle.public_id, wrote.public_id]
    browser = as_(bram)
    page = browser.get(reverse("question_page", args=args)).content.decode()
    assert wrote.title in page
    assert reverse("question_edit", args=args) not in page
    assert browser.get(reverse("question_edit", args=args)).status_code == 404
