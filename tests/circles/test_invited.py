"""What the invitee does with an invitation, and what time does: never a way past the vetting."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import DatabaseError
from django.utils import timezone

from circles import applying, invited
from circles.models import Application, Endorsement, Invitation, Membership, Vote
from kring.lib.acting import acting_with
from kring.lib.refused import Refused
from members import links, silence
from members.models import AuditEntry, Due, Letter
from tests import make
from tests.circles.conftest import TEXTS

NOOR = "noor@example.org"


@pytest.fixture
def invitation(circle, bram):
    return make.invitation(circle, by=bram, address=NOOR)


@pytest.fixture
def begun(acting):
    """`begun(invitation)` begins the application as the invitee; returns it."""

    def begin(invitation) -> Application:
        with acting(None):
            link_id = invited.begin(invitation, language="en")
        return Application.objects.get(link_id=link_id)

    return begin


@pytest.fixture
def sent_in(begun, acting):
    def send(invitation) -> Application:
        application = begun(invitation)
        with acting(None):
            applying.keep(application, mailed=True, **TEXTS)
            applying.submit(application, mailed=True)
        return application

    return send


def state_of(invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).state


def test_it_begins_a_draft_from_its_own_address_which_is_proven(invitation, begun):
    application = begun(invitation)
    assert (application.state, application.email) == ("draft", NOOR)
    assert application.proven_at is not None
    assert application.name == "Noor Haddad"
    assert state_of(invitation) == "begun"
    assert Due.objects.filter(kind="application_draft_purge").exists()


def test_what_is_sent_in_goes_to_the_vetters_without_another_proof(
    invitation, sent_in, letters_of
):
    application = sent_in(invitation)
    assert application.state == "review"
    assert letters_of(application) == ["application_received"]
    assert state_of(invitation) == "vetting"


def test_it_is_judged_by_the_same_rules_as_any_other(invitation, sent_in, sent, circle):
    by_invitation, by_the_guide = sent_in(invitation), sent(circle, "other@example.org")
    assert by_invitation.policy == by_the_guide.policy


def test_an_invited_applicant_is_offered_nothing_without_a_vote(invitation, sent_in, acting):
    application = sent_in(invitation)
    with (
        pytest.raises(DatabaseError, match=r"row-level security|kring:"),
        acting(None),
        acting_with(application.link_id),
    ):
        Application.objects.filter(pk=application.pk).update(state="offered")


def test_it_is_used_once(invitation, begun, acting):
    begun(invitation)
    with acting(None), pytest.raises(Refused, match="not open"):
        invited.begin(invitation, language="en")
    assert Application.objects.filter(email=NOOR).count() == 1


@pytest.mark.parametrize("state", ["declined", "expired", "revoked"])
def test_what_has_ended_begins_nothing(state, circle, bram, acting):
    ended = make.invitation(circle, by=bram, state=state)
    with acting(None), pytest.raises(Refused):
        invited.begin(ended, language="en")


def test_after_fourteen_days_it_begins_nothing_even_when_the_timer_is_late(circle, bram, acting):
    late = make.invitation(circle, by=bram, created_at=timezone.now() - timedelta(days=15))
    with acting(None), pytest.raises(Refused):
        invited.begin(late, language="en")


def test_nobody_begins_with_the_invitation_of_another(invitation, circle, acting):
    other = make.application(circle, state="draft")
    stranger = Invitation(link_id=other.link_id, circle_id=circle.pk)
    with acting(None), pytest.raises(Refused):
        invited.begin(stranger, language="en")


def test_the_charter_of_an_unlisted_circle_opens_to_its_invitee_only(anna, bram, acting):
    hidden = make.circle("Hidden", admin=anna, members=[bram], listed=False)
    invitation = make.invitation(hidden, by=bram)
    with acting(None), acting_with(invitation.link_id):
        assert type(hidden).objects.get().name == "Hidden"
        assert not Membership.objects.exists()
    Invitation.objects.update(state="revoked", ended_at=timezone.now())
    with acting(None), acting_with(invitation.link_id):
        assert not type(hidden).objects.exists()


def test_an_invitee_applies_to_an_unlisted_circle(anna, bram, sent_in):
    hidden = make.circle("Hidden", admin=anna, members=[bram], listed=False)
    assert sent_in(make.invitation(hidden, by=bram)).state == "review"


@pytest.mark.parametrize("state", ["review", "objection", "offered"])
def test_who_applies_already_is_sent_to_that_application(state, invitation, circle, acting):
    make.application(circle, state=state, email="Noor@example.org")
    with acting(None), pytest.raises(Refused, match="already running"):
        invited.begin(invitation, language="en")
    assert state_of(invitation) == "open"


def test_who_was_refused_meanwhile_reads_when_to_come_back(invitation, circle, acting):
    facts = {"decline_code": "other", "decline_text": "We admit hand surgeons only."}
    make.application(circle, state="declined", email=NOOR, **facts)
    with acting(None), pytest.raises(Refused, match="three months"):
        invited.begin(invitation, language="en")


def test_who_is_in_already_is_told_so(circle, bram, vera, acting):
    invitation = make.invitation(circle, by=bram, address=vera.email)
    with acting(None), pytest.raises(Refused, match="already"):
        invited.begin(invitation, language="en")


# --- the inviter does not vote ----------------------------------------------------------------
def test_whoever_invited_does_not_vote(circle, vera, anna, sent_in, votes):
    application = sent_in(make.invitation(circle, by=vera, address=NOOR))
    with pytest.raises(Refused, match="invited them"):
        votes(application, vera)
    votes(application, anna)
    assert Application.objects.get(pk=application.pk).state == "offered"  # of one who may vote


def test_the_database_refuses_the_vote_of_whoever_vouches(circle, vera, acting):
    application = make.application(circle)
    make.endorsement(application, by=vera)
    with pytest.raises(DatabaseError, match="row-level security"), acting(vera):
        Vote.objects.create(
            circle=circle,
            application=application,
            voter_id=vera.pk,
            choice="approve",
            sentence="A fine person.",
        )


@pytest.mark.parametrize("state", ["open", "expired", "revoked", "declined"])
def test_an_invitation_that_came_to_nothing_still_keeps_its_inviter_from_voting(
    state, circle, vera, votes
):
    make.invitation(circle, by=vera, address=NOOR, state=state)
    with pytest.raises(Refused, match="invited them"):
        votes(make.application(circle, email=NOOR), vera)


@pytest.mark.parametrize("invited", ["carla+kring@example.org", "carla@home.example"])
def test_whoever_invited_a_person_at_another_address_does_not_vote(
    invited, circle, vera, carla, votes
):
    EmailAddress.objects.create(user=carla, email="carla@home.example", verified=True)
    make.invitation(circle, by=vera, address=invited)
    with pytest.raises(Refused, match="invited them"):
        votes(make.application(circle, email=carla.email), vera)


def test_whoever_invited_is_not_asked_to_vote(circle, vera, acting):
    application = make.application(circle)
    make.endorsement(application, by=vera)
    with acting(vera):
        assert not Application.objects.awaiting_vote_of(vera.pk).exists()


# --- what the inviter sees --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("becomes", "says"),
    [
        ("objection", "vetting"),
        ("waitlisted", "vetting"),
        ("offered", "vetting"),
        ("approved", "joined"),
        ("declined", "not_joined"),
        ("withdrawn", "not_joined"),
        ("expired", "not_joined"),
        ("discarded", "not_joined"),
    ],
)
def test_the_inviter_follows_what_was_begun_by_the_invitation(becomes, says, invitation, sent_in):
    application = sent_in(invitation)
    Application.objects.filter(pk=application.pk).update(
        state=becomes, decline_code="other", decline_text="Feet."
    )
    assert state_of(invitation) == says


def test_an_appeal_reopens_what_the_inviter_sees(invitation, sent_in):
    application = sent_in(invitation)
    facts = {"decline_code": "other", "decline_text": "Feet."}
    for state in ("declined", "appealed"):
        Application.objects.filter(pk=application.pk).update(state=state, **facts)
    assert state_of(invitation) == "vetting"


# --- no, thank you ------------------------------------------------------------------------------
def test_no_thank_you_ends_it_with_a_word(invitation, acting):
    with acting(None):
        invited.decline(invitation, answer="Not this year,\n thank you.")
    invitation.refresh_from_db()
    assert (invitation.state, invitation.answer) == ("declined", "Not this year, thank you.")
    line = AuditEntry.objects.get(act="invitation.declined")
    assert (line.by_id, line.facts) == (None, {})


def test_no_thank_you_is_for_everybody_of_the_circle_who_asked(
    invitation, circle, elsewhere, anna, carla, acting
):
    other = make.invitation(circle, by=anna, address="NOOR@example.org")
    far = make.invitation(elsewhere, by=carla, address=NOOR)
    with acting(None):
        invited.decline(invitation, answer="No.")
    assert (state_of(other), state_of(far)) == ("declined", "open")
    assert Invitation.objects.get(pk=other.pk).answer == ""


def test_never_again_ends_what_is_open_in_every_circle(invitation, elsewhere, carla, acting):
    far = make.invitation(elsewhere, by=carla, address=NOOR)
    other = make.invitation(elsewhere, by=carla)
    with acting(None):
        silence.ask(silence.key_of(NOOR))
    assert (state_of(invitation), state_of(far), state_of(other)) == (
        "declined",
        "declined",
        "open",
    )


# --- time -----------------------------------------------------------------------------------
@pytest.fixture
def timed(circle, bram):
    """`timed(kind, ...)` makes an invitation with timers of these kinds upon it."""

    def make_timed(*kinds, **facts) -> Invitation:
        made = make.invitation(circle, by=bram, **{"address": NOOR, **facts})
        for kind in kinds:
            later = timezone.now() + timedelta(days=99)
            Due.objects.create(kind=kind, subject_id=made.pk, circle_id=circle.pk, due_at=later)
        return made

    return make_timed


def test_after_a_week_the_second_letter_goes_once(timed, falls_due):
    made = timed("invitation_reminder")
    falls_due("invitation_reminder")
    assert Letter.objects.get(link=made.link).kind == "invitation_reminder"
    made.refresh_from_db()
    assert made.reminded_at is not None


@pytest.mark.parametrize("state", ["begun", "declined", "revoked"])
def test_whoever_answered_gets_no_second_letter(state, timed, falls_due):
    made = timed("invitation_reminder", state=state)
    falls_due("invitation_reminder")
    assert not Letter.objects.filter(link=made.link).exists()


def test_after_two_weeks_it_ends(timed, falls_due):
    made = timed("invitation_expiry")
    falls_due("invitation_expiry")
    assert state_of(made) == "expired"
    assert AuditEntry.objects.filter(act="invitation.expired", subject_id=made.pk).exists()


@pytest.mark.parametrize("state", ["begun", "vetting", "joined", "declined", "revoked"])
def test_the_end_of_its_time_changes_nothing_that_was_answered(state, timed, falls_due):
    made = timed("invitation_expiry", state=state)
    falls_due("invitation_expiry")
    assert state_of(made) == state


def test_28_days_after_its_end_no_word_of_the_invitee_is_left(timed, falls_due):
    ended = timezone.now() - timedelta(days=28)
    made = timed("invitation_erase", state="declined", ended_at=ended, answer="Not now.")
    text = links.token_of(made.link)
    falls_due("invitation_erase")
    made.refresh_from_db()
    assert {made.address, made.name, made.words, made.answer} == {""}
    assert links.alive("invitation", text) is None
    assert made.address_key
    falls_due("invitation_forget")
    made.refresh_from_db()
    assert made.address_key == ""


def test_what_ended_later_is_erased_later(timed, falls_due):
    ended = timezone.now() - timedelta(days=10)
    made = timed("invitation_erase", state="not_joined", ended_at=ended)
    falls_due("invitation_erase")
    made.refresh_from_db()
    assert made.address == NOOR
    again = Due.objects.get(kind="invitation_erase", subject_id=made.pk, done_at=None)
    assert abs(again.due_at - ended - timedelta(days=28)) < timedelta(seconds=1)


def test_what_still_runs_is_not_erased(timed, falls_due):
    made = timed("invitation_erase", state="vetting")
    falls_due("invitation_erase")
    made.refresh_from_db()
    assert made.address == NOOR
    assert Due.objects.filter(kind="invitation_erase", done_at=None).exists()


def test_no_timer_of_an_invitation_admits_anybody(timed, falls_due):
    from members.due import _HANDLERS

    kinds = [kind for kind in _HANDLERS if kind.startswith("invitation_")]
    before = Membership.objects.count(), Application.objects.count()
    for state in Invitation.State:
        timed(*kinds, state=state, address=f"{state}@example.org")
    for _ in range(3):
        falls_due()
    assert (Membership.objects.count(), Application.objects.count()) == before


def test_the_words_of_a_refused_applicants_friends_are_erased_too(
    invitation, sent_in, anna, vera, votes, reason, falls_due
):
    application = sent_in(invitation)
    votes(application, anna, "decline")
    votes(application, vera, "decline", **reason)
    falls_due("application_erase")
    assert Endorsement.objects.get(application=application).words == ""
