from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from circles import applying, policy
from circles.models import Application, Circle
from circles.models.circle import BOUNDS
from members.models import AuditEntry, Due
from tests import make
from tests.circles.conftest import TEXTS

RULES = {
    "required_referees": 2,
    "approvals_needed": 3,
    "declines_to_stop": 1,
    "decide_days": 21,
    "objection_days": 7,
    "erase_days": 14,
    "reverify_months": 12,
    "registry": "manual",
    "size_cap": 30,
}


@pytest.fixture
def settings_of(as_, circle):
    """`settings_of(anna)` is a browser at the set-up: .page(), .save(**rules)."""

    class SetUp:
        def __init__(self, member):
            self.browser = as_(member)

        def page(self):
            return self.browser.get(reverse("circle_settings", args=[circle.public_id]))

        def save(self, htmx=False, **typed):
            address = reverse("circle_admission", args=[circle.public_id])
            headers = {"HX-Request": "true"} if htmx else {}
            return self.browser.post(address, {**RULES, **typed}, follow=True, headers=headers)

    return SetUp


def test_an_admin_sets_how_the_circle_admits(settings_of, anna, circle):
    text = settings_of(anna).save().content.decode()
    assert "It goes for whoever applies from now on." in text
    circle.refresh_from_db()
    assert {name: getattr(circle, name) for name in RULES} == RULES


def test_what_changed_stands_in_the_audit_with_its_numbers(settings_of, anna, circle):
    settings_of(anna).save()
    line = AuditEntry.objects.get(act="circle.policy_changed")
    assert line.by_id == anna.pk
    assert line.facts["decide_days"] == [14, 21]
    assert "declines_to_stop" in line.facts
    settings_of(anna).save()
    assert AuditEntry.objects.filter(act="circle.policy_changed").count() == 1


@pytest.mark.parametrize("name", ["vera", "bram", "carla"])
def test_only_an_admin_sets_it(name, request, settings_of, circle, acting):
    person = request.getfixturevalue(name)
    assert settings_of(person).save().status_code == 404
    with acting(person), pytest.raises(PermissionError):
        policy.change(circle, by=person, decide_days=21)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("side", [0, 1])
def test_the_database_keeps_every_rule_within_its_bounds(name, side, circle):
    beyond = BOUNDS[name][side] + (1 if side else -1)
    with pytest.raises(IntegrityError, match=f"{name}_within_bounds"), transaction.atomic():
        Circle.objects.filter(pk=circle.pk).update(**{name: beyond})


@pytest.mark.parametrize(("name", "typed"), [("decide_days", "99"), ("approvals_needed", "two")])
def test_a_rule_out_of_bounds_is_refused_beside_its_field(name, typed, settings_of, anna, circle):
    text = settings_of(anna).save(**{name: typed}).content.decode()
    least, most = BOUNDS[name]
    assert f"Enter a number from {least} to {most}." in text
    assert f'value="{typed}"' in text
    circle.refresh_from_db()
    assert circle.objection_days == 0


def test_there_are_never_fewer_seats_than_are_taken_or_offered(settings_of, anna, circle):
    make.application(circle, state="offered")
    text = settings_of(anna).save(size_cap=3).content.decode()
    assert "More seats than that are taken or offered already." in text
    circle.refresh_from_db()
    assert circle.size_cap == 40


def test_the_effect_is_shown_and_nothing_is_kept(settings_of, anna, circle, unchanged):
    at = settings_of(anna)
    with unchanged():
        text = at.save(effect="1").content.decode()
    assert "3 vetters must approve within 21 days. One refusal is enough to stop." in text
    assert "You name 2 colleagues" in text
    assert "Count on about 5 weeks." in text


def test_with_htmx_the_effect_alone_comes_back(settings_of, anna):
    text = settings_of(anna).save(htmx=True, effect="1", required_referees=0).content.decode()
    assert text.count("<h3>") == 1
    assert "<html" not in text
    assert "colleague" not in text


def test_of_a_rule_that_is_not_sound_no_effect_is_told(settings_of, anna):
    text = settings_of(anna).save(htmx=True, effect="1", decide_days="").content.decode()
    assert "As soon as every rule is filled in" in text


def test_a_small_circle_asks_for_one_referee_at_most(circle, acting):
    circle.required_referees = 2
    with acting(None):
        assert policy.snapshot(circle)["required_referees"] == 1
    for name in ("one", "two"):
        make.membership(circle, make.member(name))
    with acting(None):
        assert policy.snapshot(circle)["required_referees"] == 2


def test_v5_a_later_change_of_the_rules_touches_no_running_application(
    settings_of, sent, circle, anna, vera, votes
):
    application = sent(circle)
    promised = application.decide_before
    settings_of(anna).save()
    votes(application, anna)
    votes(application, vera)
    application.refresh_from_db()
    assert application.state == "offered"  # two approvals, no objection period: as it was then
    assert application.decide_before == promised
    assert application.rule("erase_days") == 28


def test_v5_the_rules_of_an_application_cannot_be_changed_in_the_database(circle, anna, acting):
    application = make.application(circle)
    with pytest.raises(ProgrammingError, match="what was sent in stands"), acting(anna):
        Application.objects.filter(pk=application.pk).update(policy={"approvals_needed": 1})


def test_a_new_application_is_promised_what_the_circle_promises_now(started, circle, acting):
    Circle.objects.filter(pk=circle.pk).update(decide_days=7, erase_days=10)
    application = started(circle)
    with acting(None):
        applying.keep(application, mailed=True, **TEXTS)
        applying.submit(application, mailed=True)
    days = timedelta(days=7)
    assert application.decide_before - application.review_since == days
    late = Due.objects.get(kind="application_late", subject_id=application.pk)
    assert late.due_at == application.decide_before
    with acting(None):
        applying.withdraw(application, expected="review")
    erase = Due.objects.get(kind="application_erase", subject_id=application.pk)
    assert erase.due_at - timezone.now() < timedelta(days=10)
