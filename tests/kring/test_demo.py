"""The demo: two circles of invented people, in a database that says so itself."""

import json

import pytest
from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from circles import evidence
from circles.models import Application, Circle, GuideEntry, Paper, Reference
from kring.demo import loading, marker
from members.models import Due
from questions.models import Question


@pytest.fixture
def demo(db, tmp_path, settings):
    settings.HOME = tmp_path
    settings.FILES = tmp_path / "files"
    return loading.load()


def test_both_demo_circles_come_with_questions(demo):
    assert {circle.language for circle in Circle.objects.all()} == {"nl", "en"}
    assert Question.objects.filter(circle=demo[0]).exists()


def test_a_database_with_the_demo_says_so_for_ever(demo):
    assert marker.is_demo()


def test_no_other_database_says_so(db):
    assert not marker.is_demo()


def test_each_stage_of_admission_can_be_seen_in_the_demo(demo):
    states = set(Application.objects.exclude(email="").values_list("state", flat=True))
    wanted = "referees review info_requested objection offered declined appealed"
    assert set(wanted.split()) <= states
    assert Reference.objects.open().exclude(member=None).exists()
    assert all(evidence.path_of(paper).read_bytes() for paper in Paper.objects.all())


def test_nothing_in_the_demo_is_late_when_it_begins(demo):
    now = timezone.now()
    undecided = Application.objects.filter(state__in=[*Application.DECIDING, "info_requested"])
    assert not undecided.filter(decide_before__lt=now).exists()
    overdue = [now - row.due_at for row in Due.objects.filter(due_at__lt=now)]
    assert max(overdue).total_seconds() < 120
    assert not Reference.objects.filter(answered_at=None, ended_at=None, until__lt=now).exists()


def test_the_guide_of_the_demo_has_circles_to_choose_from(demo):
    measured = [row.decided_in_days for row in GuideEntry.objects.all()]
    assert len(measured) >= 6
    assert any(measured)
    assert GuideEntry.objects.filter(seats_free=0).exists()


def test_who_comes_by_a_link_stands_on_the_sign_in_page_too(demo):
    known = json.loads((settings.HOME / "demo.json").read_text())
    by_link = [row for row in known if "link" in row]
    assert {row["role"] for row in by_link} == {"applicant", "referee"}
    assert all(row["waits"]["nl"] and row["waits"]["en"] for row in known)


def test_no_circle_of_the_demo_lacks_those_who_lead_it(demo):
    leads = Q(memberships__role="admin", memberships__state="active")
    led = Circle.objects.exclude(confirmed_at=None).annotate(
        led=Count("memberships", filter=leads)
    )
    assert {circle.led >= 2 for circle in led} == {True}
