from datetime import timedelta

import pytest
from django.utils import timezone

from circles import applying, moves, objecting
from circles.models import Application, Membership, Objection, Vote
from members import links
from members.models import Due
from tests import make

WORDS = ("email", "name", "profession", "register_number", "brings", "seeks", "decline_text")


@pytest.fixture
def timed(circle):
    """`timed(state, kind)` makes an application with a timer of that kind upon it."""

    def make_timed(state, *kinds, **facts) -> Application:
        application = make.application(circle, state=state, **facts)
        later = timezone.now() + timedelta(days=99)
        for kind in kinds:
            Due.objects.create(
                kind=kind, subject_id=application.pk, circle_id=circle.pk, due_at=later
            )
        return application

    return make_timed


def words_of(application) -> set[str]:
    application.refresh_from_db()
    return {getattr(application, name) for name in WORDS}


def test_a_draft_nobody_sent_is_gone_after_its_time(timed, falls_due):
    application = timed("draft", "application_draft_purge")
    falls_due("application_draft_purge")
    assert words_of(application) == {""}
    assert application.state == "expired"


def test_an_unproven_application_is_gone_after_its_time(timed, falls_due):
    application = timed("email_pending", "application_address_purge")
    falls_due("application_address_purge")
    assert words_of(application) == {""}


def test_a_timer_of_a_draft_leaves_what_was_sent_in(sent, circle, falls_due):
    application = sent(circle)
    falls_due("application_draft_purge", "application_address_purge")
    application.refresh_from_db()
    assert application.state == "review"


def test_the_link_of_an_erased_application_is_dead(timed, falls_due):
    application = timed("draft", "application_draft_purge")
    text = links.token_of(application.link)
    falls_due("application_draft_purge")
    assert links.alive("application", text) is None


def test_a_missed_day_gets_a_new_one_and_the_second_a_letter(timed, falls_due, letters_of):
    past = timezone.now() - timedelta(days=15)
    application = timed(
        "review",
        "application_late",
        review_since=past,
        decide_before=past + timedelta(days=14),
    )
    falls_due("application_late")
    application.refresh_from_db()
    assert application.is_late
    assert application.decide_before > timezone.now() + timedelta(days=6)
    assert letters_of(application) == []
    yesterday = timezone.now() - timedelta(days=1)
    Application.objects.filter(pk=application.pk).update(decide_before=yesterday)
    falls_due("application_late")
    assert letters_of(application) == ["application_delayed"]


def test_an_offer_is_reminded_of_once_and_then_ends(timed, falls_due, letters_of):
    application = timed("offered", "application_offer_reminder", "application_offer_expiry")
    falls_due("application_offer_reminder")
    assert letters_of(application) == ["application_offer_reminder"]
    falls_due("application_offer_expiry")
    application.refresh_from_db()
    assert application.state == "expired"
    assert letters_of(application)[-1] == "application_expired"


def test_an_offer_that_ends_goes_to_the_next_in_line(anna, falls_due):
    full = make.circle("Full", admin=anna, members=[make.member("x")], size_cap=3)
    offered = make.application(full, state="offered")
    first, second = (make.application(full, state="waitlisted") for _ in range(2))
    Due.objects.create(
        kind="application_offer_expiry", subject_id=offered.pk, due_at=timezone.now()
    )
    falls_due("application_offer_expiry")
    states = [Application.objects.get(pk=row.pk).state for row in (offered, first, second)]
    assert states == ["expired", "offered", "waitlisted"]


def test_a_withdrawn_offer_goes_to_the_next_in_line(anna, acting, falls_due):
    full = make.circle("Full", admin=anna, members=[make.member("x")], size_cap=3)
    offered = make.application(full, state="offered")
    waiting = make.application(full, state="waitlisted")
    with acting(None):
        applying.withdraw(offered, expected="offered")
    falls_due("application_seat")
    assert Application.objects.get(pk=waiting.pk).state == "offered"


def test_erasing_leaves_no_word_of_a_refused_applicant(
    circle, anna, vera, votes, reason, falls_due
):
    application = make.application(circle)
    votes(application, anna, "decline", sentence="I know them, and no.")
    votes(application, vera, "decline", **reason)
    falls_due("application_erase")
    assert words_of(application) == {""}
    assert application.state == "declined"
    assert set(Vote.objects.filter(application=application).values_list("sentence")) == {("",)}


def test_an_admitted_member_stays_registered_as_they_applied(timed, falls_due):
    application = timed("approved", "application_erase", email="in@example.org")
    falls_due("application_erase")
    application.refresh_from_db()
    assert application.email == "in@example.org"


@pytest.mark.parametrize(
    ("state", "reason"), [("referees", "application_unconfirmed"), ("review", "application_ended")]
)
def test_after_90_days_its_applicant_reads_why_it_ended(
    state, reason, timed, falls_due, letters_of
):
    application = timed(state, "application_over")
    falls_due("application_over")
    application.refresh_from_db()
    assert (application.state, letters_of(application)) == ("expired", [reason])


def test_an_objection_upheld_is_told_also_after_weeks_of_delay(
    circle, anna, vera, bram, votes, acting, falls_due, letters_of
):
    """The letters of a late decision have numbers too: this one gets its own."""
    rules = {"approvals_needed": 1, "declines_to_stop": 1, "objection_days": 7}
    application = make.application(circle, policy=rules)
    application.steps.create(circle=circle, old="draft", new="review")
    moves.follow_up(application)
    for _ in range(4):
        past = timezone.now() - timedelta(days=20)
        facts = {"review_since": past, "decide_before": past + timedelta(days=19)}
        Application.objects.filter(pk=application.pk).update(**facts)
        falls_due("application_late")
    delayed = letters_of(application).count("application_delayed")
    votes(application, anna)
    with acting(bram):
        membership = Membership.objects.get(circle=circle, member_id=bram.pk)
        newcomer = objecting.newcomers(membership)[0]
        objecting.object_to(newcomer, membership, by=bram, words="No hands.")
    with acting(anna):
        seen = Application.objects.get(pk=application.pk)
        objecting.settle(Objection.objects.get(), seen, by=anna, uphold=True, note="Look again.")
    assert letters_of(application).count("application_delayed") == delayed + 1


@pytest.mark.parametrize("state", Application.State)
def test_no_timer_admits_from_any_state(state, timed, falls_due):
    from circles import timers  # noqa: F401
    from members.due import _HANDLERS

    kinds = [kind for kind in _HANDLERS if kind.startswith("application_")]
    facts = {"decline_code": "other", "decline_text": "x" * 20} if "declined" in state else {}
    application = timed(state, *kinds, **facts)
    before = Membership.objects.count()
    for _ in range(4):
        falls_due()
    application.refresh_from_db()
    assert (application.state == "approved") == (state == "approved")
    assert Membership.objects.count() == before
    assert not Due.objects.filter(done_at=None, due_at__lte=timezone.now()).exists()
