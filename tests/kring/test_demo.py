"""The demo: two circles of invented people, in a database that says so itself."""

import pytest

from circles.models import Circle
from kring.demo import loading, marker
from questions.models import Question


@pytest.fixture
def demo(db):
    return loading.load()


def test_both_demo_circles_come_with_questions(demo):
    assert {circle.language for circle in Circle.objects.all()} == {"nl", "en"}
    assert Question.objects.filter(circle=demo[0]).exists()


def test_a_database_with_the_demo_says_so_for_ever(demo):
    assert marker.is_demo()


def test_no_other_database_says_so(db):
    assert not marker.is_demo()
