from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from members import due
from members.models import Due
from tests import make


@pytest.fixture
def listed(house):
    def go(**options) -> str:
        out = StringIO()
        with house():
            call_command("due", stdout=out, **options)
        return out.getvalue()

    return go


def timer(kind="application_erase", minutes=-90, **facts) -> Due:
    at = timezone.now() + timedelta(minutes=minutes)
    return Due.objects.create(**{"kind": kind, "subject_id": 7, "due_at": at, **facts})


def test_an_operator_reads_what_falls_due_and_why(db, listed):
    timer("application_late", subject_id=41)
    text = listed()
    assert "application_late 41" in text
    assert "The promised day has gone by: set a new one" in text
    assert "90 min late" in text


def test_only_what_is_overdue_when_asked_for(db, listed):
    timer("vetting_queue", minutes=60)
    assert "Nothing is overdue." in listed(overdue=True)
    assert "vetting_queue" in listed()


def test_what_is_done_is_not_listed(db, listed):
    timer(done_at=timezone.now())
    assert "No timer is set." in listed()


def test_a_list_says_that_it_is_cut(db, listed):
    for number in range(3):
        timer(subject_id=number)
    text = listed(limit=2)
    assert text.count("application_erase") == 2
    assert "--limit shows more" in text


def test_no_word_of_anybody_stands_in_it(circle, listed):
    application = make.application(circle, name="Theo Veldkamp")
    timer("application_offer_expiry", subject_id=application.pk, circle_id=circle.pk)
    text = listed()
    assert "Veldkamp" not in text
    assert circle.name not in text


@pytest.mark.parametrize("kind", sorted(due._HANDLERS))
def test_every_timer_says_what_it_does(kind):
    assert len(due.why(kind)) > 8
