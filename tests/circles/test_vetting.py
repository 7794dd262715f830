import pytest
from allauth.account.models import EmailAddress
from django.db import DatabaseError, ProgrammingError
from django.utils import timezone

from circles import vetting
from circles.models import Application, Membership, Vote
from kring.lib.refused import Refused
from members.models import AuditEntry
from tests import make


@pytest.fixture
def application(circle):
    return make.application(circle)


@pytest.fixture
def bram_vets(circle, bram):
    """Bram, with a third vote on the desk."""
    Membership.objects.filter(circle=circle, member_id=bram.pk).update(role="vetter")
    return bram


def state_of(application) -> str:
    return Application.objects.get(pk=application.pk).state


def test_two_approvals_offer_a_seat(application, anna, vera, votes, letters_of):
    votes(application, anna)
    assert state_of(application) == "review"
    votes(application, vera)
    assert state_of(application) == "offered"
    assert letters_of(application) == ["application_offered"]


def test_one_refusal_among_approvals_holds_the_offer(application, anna, vera, bram_vets, votes):
    votes(application, bram_vets, "decline")
    votes(application, anna)
    votes(application, vera)
    assert state_of(application) == "review"


def test_the_stopping_vote_needs_a_reason(application, anna, vera, votes):
    votes(application, anna, "decline")
    with pytest.raises(Refused) as refused:
        votes(application, vera, "decline", code="other", text="No.")
    assert refused.value.field == "text"
    assert state_of(application) == "review"
    assert not Vote.objects.filter(voter_id=vera.pk).exists()


def test_the_stopping_vote_needs_a_code(application, anna, vera, votes, reason):
    votes(application, anna, "decline")
    with pytest.raises(Refused) as refused:
        votes(application, vera, "decline", text=reason["text"])
    assert refused.value.field == "code"


def test_the_stopping_vote_with_its_reason_refuses(
    application, anna, vera, votes, reason, letters_of
):
    votes(application, anna, "decline")
    votes(application, vera, "decline", **reason)
    application.refresh_from_db()
    assert application.state == "declined"
    assert application.decline_text == reason["text"]
    assert letters_of(application) == ["application_declined"]


def test_a_late_click_reads_who_was_first(application, anna, vera, bram_vets, votes):
    votes(application, anna)
    votes(application, vera)
    with pytest.raises(Refused) as refused:
        votes(application, bram_vets)
    time = timezone.localtime().strftime("%H")
    assert f"Already decided by Vera de Vries at {time}" in refused.value.sentence
    assert "admitted, a seat is offered" in refused.value.sentence
    assert not Vote.objects.filter(voter_id=bram_vets.pk).exists()


def test_a_vote_can_be_changed_until_the_decision(application, anna, votes):
    votes(application, anna, "decline")
    votes(application, anna, "approve", sentence="I read it again.")
    assert Vote.objects.get(voter_id=anna.pk).choice == "approve"


def test_votes_are_hidden_until_ones_own(application, anna, vera, votes, acting):
    votes(application, anna)
    with acting(vera):
        tally = vetting.tally_of(application)
        assert (tally.voted, tally.approvals) == (1, None)
        assert not Vote.objects.filter(application=application).exists()
    votes(application, vera, "abstain")
    with acting(vera):
        assert vetting.tally_of(application).approvals == 1
        assert Vote.objects.filter(application=application).count() == 2


def test_a_recused_vetter_does_not_count_and_stays_out(application, anna, vera, votes):
    votes(application, anna)
    votes(application, vera, "recuse")
    assert state_of(application) == "offered"  # of two vetters one is left, and she approved


def test_whoever_recused_cannot_vote_after_all(application, anna, bram_vets, votes):
    votes(application, anna, "recuse")
    with pytest.raises(Refused, match="not free"):
        votes(application, anna)


def test_when_nobody_is_left_to_vote_nothing_is_decided(application, anna, vera, votes):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    assert state_of(application) == "review"


def test_a_sole_vetter_admits(anna, votes):
    application = make.application(make.circle("Alone", admin=anna))
    votes(application, anna)
    assert state_of(application) == "offered"


def test_nobody_votes_on_themselves(circle, anna, acting):
    own = make.application(circle, email=anna.email)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(anna):
        Vote.objects.create(
            circle=circle, application=own, voter_id=anna.pk, choice="approve", sentence="Me."
        )


def test_the_act_refuses_a_vote_on_oneself_with_a_sentence(circle, anna, votes):
    with pytest.raises(Refused, match="cannot vote"):
        votes(make.application(circle, email=anna.email), anna)


def test_a_vetter_who_came_later_is_refused_by_the_database(circle, application, carla, acting):
    make.membership(circle, carla, role="vetter", since=timezone.now())
    with pytest.raises(ProgrammingError, match="row-level security"), acting(carla):
        Vote.objects.create(
            circle=circle,
            application=application,
            voter_id=carla.pk,
            choice="approve",
            sentence="Late.",
        )


@pytest.mark.parametrize("voter", ["bram", "carla", "eva", "dirk"])
def test_only_vetters_of_the_circle_can_vote(voter, request, application, acting):
    person = request.getfixturevalue(voter)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(person):
        Vote.objects.create(
            circle_id=application.circle_id,
            application=application,
            voter_id=person.pk,
            choice="approve",
            sentence="Me too.",
        )


def test_the_audit_of_a_vote_does_not_tell_its_direction(application, anna, votes):
    votes(application, anna, "decline")
    assert AuditEntry.objects.get(act="application.voted").facts == {}


def test_an_admin_decides_when_votes_differ(application, anna, vera, votes, acting):
    votes(application, vera, "decline")
    votes(application, anna)
    with acting(anna):
        vetting.decide(
            Application.objects.get(pk=application.pk),
            by=anna,
            admit=True,
            sentence="We spoke about it.",
        )
    assert state_of(application) == "offered"
    assert Vote.objects.get(voter_id=anna.pk).sentence == "We spoke about it."


def test_an_admin_who_refuses_gives_the_reason(application, anna, vera, votes, acting, reason):
    votes(application, vera, "decline")
    votes(application, anna)
    seen = Application.objects.get(pk=application.pk)
    with acting(anna):
        with pytest.raises(Refused):
            vetting.decide(seen, by=anna, admit=False, sentence="No.")
        vetting.decide(seen, by=anna, admit=False, sentence="No.", **reason)
    assert state_of(application) == "declined"


def test_an_admin_does_not_decide_before_the_votes(application, anna, votes, acting):
    votes(application, anna)
    with acting(anna), pytest.raises(Refused, match="can still decide"):
        vetting.decide(application, by=anna, admit=True, sentence="Now.")


def test_an_objection_period_comes_before_the_offer(circle, anna, vera, votes, falls_due):
    application = make.application(
        circle,
        policy={"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 7},
    )
    votes(application, anna)
    votes(application, vera)
    assert state_of(application) == "objection"
    falls_due("application_objection_over")
    assert state_of(application) == "offered"


def test_in_a_full_circle_the_admitted_wait(anna, vera, votes, letters_of):
    full = make.circle("Full", admin=anna, vetters=[vera], members=[make.member("x")], size_cap=3)
    application = make.application(full)
    votes(application, anna)
    votes(application, vera)
    assert state_of(application) == "waitlisted"
    assert letters_of(application) == ["application_waitlisted"]


def test_an_open_offer_reserves_its_seat(anna, vera, votes):
    nearly = make.circle("Nearly full", admin=anna, vetters=[vera], size_cap=3)
    first, second = make.application(nearly), make.application(nearly)
    for application in (first, second):
        votes(application, anna)
        votes(application, vera)
    assert [state_of(first), state_of(second)] == ["offered", "waitlisted"]


def test_who_waits_goes_before_who_is_admitted_later(anna, vera, votes, falls_due):
    circle = make.circle("Growing", admin=anna, vetters=[vera], size_cap=3)
    waiting = make.application(circle, state="waitlisted")
    later = make.application(circle)
    votes(later, anna)
    votes(later, vera)
    assert state_of(later) == "waitlisted"
    falls_due("application_waiting")
    assert [state_of(waiting), state_of(later)] == ["offered", "waitlisted"]


def test_a_vetter_of_another_circle_cannot_even_hold_it(application, carla, votes):
    with pytest.raises(LookupError, match="out of sight"):
        votes(application, carla)


@pytest.mark.parametrize("second", ["vera.private@example.org", "vera+club@example.org"])
def test_a_vetter_cannot_vote_on_themselves_from_a_second_address(circle, vera, acting, second):
    EmailAddress.objects.create(user=vera, email="vera.private@example.org", verified=True)
    application = make.application(circle, email=second)
    with acting(vera), pytest.raises(Refused):
        vetting.vote(application, by=vera, choice="approve", sentence="A fine person.")


def test_a_vote_cannot_be_moved_to_another_application(circle, vera, acting):
    own = make.application(circle, email=vera.email)
    vote = make.vote(make.application(circle), by=vera)
    with pytest.raises(DatabaseError), acting(vera):
        type(vote).objects.filter(pk=vote.pk).update(application=own)
