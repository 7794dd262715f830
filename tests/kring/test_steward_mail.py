"""A steward's page of mail: numbers of fourteen days, and one button for after an outage."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kring import letter_names
from members import stewards
from members.letters import KINDS
from members.models import AuditEntry, Letter
from tests import make


@pytest.fixture
def page(sam, as_):
    def read() -> str:
        return " ".join(as_(sam).get(reverse("steward_mail")).content.decode().split())

    return read


@pytest.fixture
def again(sam, as_):
    def press() -> str:
        return as_(sam).post(reverse("steward_mail_again"), follow=True).content.decode()

    return press


def _state(letter: Letter) -> str:
    letter.refresh_from_db()
    return letter.state


def test_without_letters_the_page_says_so(page, db):
    assert "No letter ended in these days." in page()


def test_ends_and_reasons_are_told_by_day_and_by_kind(circle, bram, page):
    make.dead_letter(bram, reason="550", bounced="hard", circle_id=circle.pk)
    make.dead_letter(bram, kind="weekly_digest", state="skipped", reason="empty")
    text = page()
    for told in ("1 550", "1 no such address", "1 nothing to tell"):
        assert text.count(told) == 2  # by day, by kind
    assert ">New password<" in text
    hidden = [circle.name, circle.public_id, bram.email, bram.profile.name]
    assert [word for word in hidden if word in text] == []


def test_the_age_of_the_oldest_letter_is_told(bram, page):
    waits = timezone.now() - timedelta(hours=3, minutes=5)
    make.dead_letter(bram, state="queued", reason="", settled_at=None, due_at=waits)
    assert "<dt>The oldest waits for</dt> <dd> 3 hours </dd>" in page()


def test_every_kind_of_letter_has_a_name_an_operator_knows():
    assert set(letter_names.KINDS) == set(KINDS)


def test_after_an_outage_all_that_is_safe_goes_again(bram, carla, again):
    given_up = make.dead_letter(bram, reason="http 401")
    tried = make.dead_letter(carla, kind="weekly_digest", state="failed", settled_at=None)
    assert "2 letters go again within a minute" in again()
    assert {_state(given_up), _state(tried)} == {"failed"}
    assert Letter.objects.waiting().count() == 2
    assert AuditEntry.objects.get(act="letters.tried_again").facts == {"number": 2}


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "weekly_digest"},
        {"kind": "weekly_digest", "state": "unknown"},
        {"state": "sent"},
        {"bounced": "hard"},
        {"settled_at": timezone.now() - timedelta(days=4)},
        {"state": "failed", "settled_at": None, "held_until": timezone.now() + timedelta(hours=1)},
    ],
    ids=["at most once", "unknown", "sent", "not there", "long ago", "held"],
)
def test_nothing_goes_again_that_may_arrive_twice_or_cannot_arrive(bram, again, facts):
    letter = make.dead_letter(bram, **facts)
    before = letter.state
    assert "There is no letter that may go again." in again()
    assert _state(letter) == before
    assert not AuditEntry.objects.filter(act="letters.tried_again").exists()


def test_nobody_but_a_steward_lets_letters_go_again(anna, bram, acting):
    letter = make.dead_letter(bram)
    with acting(anna):
        assert stewards.try_all_again(by=anna) == 0
    assert _state(letter) == "dead"
