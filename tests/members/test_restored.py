"""What a restore settles: nothing is brought a second time that may not be, and nothing is lost."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from members import delivery, restored
from members.models import Browser, Letter
from questions.digests import planning
from questions.digests.window import Window, between
from questions.models import DigestIssue, DigestPlan, Event
from tests import live, make
from tests.questions import digest_make as rows

KNOWN = """
import django; django.setup()
from members import erasing, restored
print(*sorted(act.__name__ for act in restored._ACTS))
print(*sorted(erasing._AGAIN))
"""


def test_whatever_begins_knows_all_that_a_restore_settles():
    """A command imports no more than what registers itself at the start."""
    said = subprocess.check_output(
        [sys.executable, "-c", KNOWN], env=live.environment("kring_owner"), text=True
    )
    acts, kinds = said.splitlines()
    assert acts.split() == ["begin_anew", "end_all", "settle_restored"]
    assert kinds.split() == [
        "account",
        "answer_words",
        "application",
        "application_key",
        "application_papers",
        "cofounder",
        "comment_words",
        "invitation",
        "invitation_key",
        "outcome_words",
        "paper",
        "portrait",
        "question_words",
        "silence",
    ]


def letter(kind, member, state="queued", seq=0) -> Letter:
    return Letter.objects.create(
        kind=kind, member=member, subject_id=member.pk, state=state, seq=seq
    )


@pytest.mark.parametrize("state", ["queued", "failed", "sending"])
def test_a_letter_that_must_arrive_goes_again_under_its_own_name(bram, state):
    waiting = letter("password_reset", bram, state)
    name = delivery.message_id(waiting)
    restored.settle()
    waiting.refresh_from_db()
    assert Letter.objects.waiting().get() == waiting
    assert delivery.message_id(waiting) == name


@pytest.mark.parametrize(
    ("state", "end"), [("queued", "skipped"), ("failed", "skipped"), ("sending", "unknown")]
)
def test_a_letter_that_may_come_once_does_not_come_again(bram, state, end):
    waiting = letter("vetting_queue", bram, state)
    assert restored.settle() == ["Letters that were waiting: 0 go again, 1 do not."]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (end, "restored")


def test_what_was_settled_stays_so(bram):
    sent = letter("password_reset", bram, "sent")
    restored.settle()
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_a_browser_stays_known_and_is_signed_out(bram):
    Session.objects.create(session_key="k", session_data="", expire_date=timezone.now())
    Browser.objects.create(member=bram, print="p", session_id="k")
    restored.settle()
    assert Browser.objects.get().session_id is None
    assert not Session.objects.exists()


def test_a_digest_whose_day_went_by_waits_for_the_next(circle, bram):
    plan = rows.plan(bram, next_due_at=timezone.now() - timedelta(hours=3))
    planned = rows.issue(bram, state="planned")
    restored.settle()
    plan.refresh_from_db()
    planned.refresh_from_db()
    assert plan.next_due_at > timezone.now()
    assert (planned.state, planned.reason) == ("skipped", "restored")


def test_a_digest_that_was_not_brought_is_told_by_the_next(circle, bram, anna):
    plan = rows.plan(bram, cursor_xid=0)
    built = rows.issue(bram, state="built", upper_event=10**6)
    Letter.objects.create(kind="weekly_digest", member=bram, subject_id=built.pk)
    restored.settle()
    built.refresh_from_db()
    plan.refresh_from_db()
    assert built.state == "skipped"
    assert plan.cursor_event == 0


def test_another_server_counts_anew_and_every_event_is_told_once(circle, bram, anna):
    """Its transactions begin below those of the backup; they pass them weeks later."""
    mine = make.question(circle, by=bram)
    rows.answered(mine, anna, xid=2**40)  # told already
    told = Event.objects.latest("id")
    rows.answered(mine, anna, xid=2**40 + 5)
    plan = rows.plan(bram, cursor_xid=2**40 + 1, cursor_event=told.pk)
    restored.settle()
    rows.answered(mine, anna, xid=window_now() - 1)
    plan.refresh_from_db()
    seen = Event.objects.filter(between(*Window.since(plan).edges), id__gt=0)
    assert list(seen.order_by("id")) == list(Event.objects.filter(id__gt=told.pk).order_by("id"))
    assert not Event.objects.filter(xid__gt=2**39).exists()


def window_now() -> int:
    plan = DigestPlan(cursor_xid=0, cursor_event=0)
    return Window.since(plan).upper


def test_an_issue_that_was_asked_for_is_left_alone(circle, bram):
    rows.plan(bram)
    asked = rows.issue(bram, state="built", asked=1)
    planning.begin_anew()
    assert DigestIssue.objects.get(pk=asked.pk).state == "built"
