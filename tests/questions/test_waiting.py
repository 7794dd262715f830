"""What waits on one's home page about people at the door, and that it ends there."""

from functools import partial

import pytest
from django.utils import timezone, translation

from circles.models import Application, Decider, Objection, Reference
from tests import make


@pytest.fixture(autouse=True)
def _in_english(bram, carla):
    for reader in (bram, carla):
        reader.language = "en"
        reader.save()
    with translation.override("en"):
        yield


@pytest.fixture
def home(as_):
    return lambda reader: as_(reader).get("/").content.decode()


ASKED = "What do you know of Theo Veldkamp?"


@pytest.fixture
def asked(circle, bram) -> Reference:
    return make.reference(
        make.application(circle, name="Theo Veldkamp", state="referees"), by=bram
    )


def test_home_asks_a_member_what_they_know_of_whoever_named_them(asked, bram, vera, home):
    text = home(bram)
    assert ASKED in text
    assert "One thing waits for you" in text
    assert ASKED not in home(vera)


@pytest.mark.parametrize("choice", [{"mine": "on"}, {"no": ""}])
def test_it_waits_no_more_once_it_is_answered_or_declined(choice, asked, circle, bram, as_, home):
    page = f"/c/{circle.public_id}/references/{asked.public_id}/"
    answer = {"how": "worked", "place": "Assen", "own_case": "yes", "words": ""}
    as_(bram).post(page, answer | choice)
    assert "Nothing waits for you" in home(bram)


def test_it_waits_no_more_when_its_day_has_passed(asked, bram, home):
    Reference.objects.update(until=timezone.now())
    assert "Nothing waits for you" in home(bram)


def test_it_waits_no_more_when_the_applicant_withdrew(asked, bram, home):
    Application.objects.update(state="withdrawn")
    assert "Nothing waits for you" in home(bram)


def test_home_asks_for_the_same_with_one_reference_and_with_four(
    asked, circle, bram, as_, queries
):
    read = partial(as_(bram).get, "/")
    for_one = queries(read)
    for _ in range(3):
        make.reference(make.application(circle, state="referees"), by=bram)
    assert queries(read) == for_one <= 12


def test_home_asks_an_appointed_decider_for_their_vote(circle, anna, vera, carla, home):
    application = make.application(circle)
    Decider.objects.create(
        circle=circle, application=application, member_id=carla.pk, stage="review"
    )
    asked = f"An application to {circle.name}"
    assert asked in home(carla)
    make.vote(application, by=carla)
    assert asked not in home(carla)


def test_home_asks_an_admin_to_settle_an_objection(circle, anna, vera, bram, home):
    policy = {"objection_days": 7, "approvals_needed": 2, "declines_to_stop": 2}
    application = make.application(circle, name="Theo", state="objection", policy=policy)
    row = Objection.objects.create(
        circle=circle, application=application, by_id=bram.pk, words="I know more."
    )
    anna.language = "en"
    anna.save()
    asked = "A member objects to Theo"
    assert asked in home(anna)
    assert asked not in home(vera)
    Objection.objects.filter(pk=row.pk).update(outcome="dismissed", settled_at=timezone.now())
    assert asked not in home(anna)
