"""Who may invite whom, what they read of it, and what they cannot learn by trying addresses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, transaction
from django.utils import timezone

from circles import inviting
from circles.models import Endorsement, Invitation, Membership
from kring.lib.refused import Refused
from members import links, silence
from members.models import AuditEntry, Due, Letter
from tests import make

NOOR = "noor@example.org"
WORDS = {
    "name": "Noor Haddad",
    "words": "We ran the elbow clinic together.",
    "how": "worked",
    "language": "en",
}


@pytest.fixture
def invites(acting):
    """`invites(bram, circle)` writes an invitation down as the web does for bram."""

    def invite(by, circle, address=NOOR, **facts) -> Invitation:
        with acting(by):
            return inviting.invite(circle, by=by, address=address, **{**WORDS, **facts})

    return invite


def refusal(invites, by, circle, address=NOOR) -> str:
    with pytest.raises(Refused) as refused:
        invites(by, circle, address)
    return refused.value.sentence


# --- who may, and how many ------------------------------------------------------------------
def test_an_invitation_is_a_row_a_letter_its_timers_and_an_audit_line(invites, circle, bram):
    made = invites(bram, circle, " Noor@Example.org ")
    made.refresh_from_db()
    assert (made.address, made.state, made.inviter_id) == (NOOR, "open", bram.pk)
    assert made.link.purpose == "invitation"
    assert Letter.objects.get(link=made.link).kind == "invitation"
    assert set(Due.objects.exclude(kind="membership").values_list("kind", flat=True)) == {
        "invitation_reminder",
        "invitation_expiry",
        "invitation_erase",
    }
    line = AuditEntry.objects.get(act="invitation.sent")
    assert (line.by_id, line.subject_id, line.facts) == (bram.pk, made.pk, {})


def test_in_probation_nobody_invites(invites, circle, bram):
    Membership.objects.filter(member_id=bram.pk).update(state="probation")
    assert "probation" in refusal(invites, bram, circle)


@pytest.mark.parametrize("state", ["probation", "grace", "paused", "left", "reverify_due"])
def test_the_database_lets_only_active_members_invite(state, circle, bram, acting):
    ended = timezone.now() if state == "left" else None
    Membership.objects.filter(member_id=bram.pk).update(state=state, ended_at=ended)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(bram):
        make.invitation(circle, by=bram)


@pytest.mark.parametrize("outsider", ["carla", "dirk", "eva"])
def test_nobody_invites_to_a_circle_they_are_not_in(outsider, circle, request, acting):
    person = request.getfixturevalue(outsider)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(person):
        make.invitation(circle, by=person)


def test_nobody_invites_in_the_name_of_another(circle, bram, anna, acting):
    with pytest.raises(ProgrammingError, match="row-level security"), acting(bram):
        make.invitation(circle, by=anna)


def test_a_member_has_five_open_at_most(invites, circle, bram):
    for number in range(5):
        invites(bram, circle, f"noor{number}@example.org")
    assert "five invitations open" in refusal(invites, bram, circle)
    Invitation.objects.update(state="revoked", ended_at=timezone.now())
    assert invites(bram, circle).pk


def test_a_member_sends_ten_in_ninety_days_at_most(invites, circle, bram):
    for _ in range(10):
        make.invitation(circle, by=bram, state="revoked")
    assert "ten invitations" in refusal(invites, bram, circle)
    longer_ago = timezone.now() - timedelta(days=91)
    Invitation.objects.update(created_at=longer_ago)
    assert invites(bram, circle).pk


def test_admins_have_twice_the_free_seats(invites, anna):
    circle = make.circle("Young", admin=anna, size_cap=7)
    for number in range(12):
        invites(anna, circle, f"noor{number}@example.org")
    assert "twice its free seats" in refusal(invites, anna, circle)


def test_an_admin_of_a_full_circle_still_has_five(invites, anna, bram, vera):
    full = make.circle("Full", admin=anna, members=[bram, vera], size_cap=3)
    made = [invites(anna, full, f"noor{number}@example.org") for number in range(5)]
    assert "waits for a seat" in made[0].told
    assert "twice its free seats" in refusal(invites, anna, full)


def test_the_quota_of_one_circle_is_not_that_of_another(invites, circle, bram, anna):
    other = make.circle("Another", admin=anna, members=[bram])
    for number in range(5):
        invites(bram, circle, f"noor{number}@example.org")
    assert invites(bram, other).pk


def test_nobody_backdates_an_invitation(invites, circle, bram, acting):
    with acting(bram):
        made = make.invitation(circle, by=bram, created_at=timezone.now() - timedelta(days=100))
    made.refresh_from_db()
    assert made.created_at > timezone.now() - timedelta(minutes=1)


# --- each odd case has its sentence -----------------------------------------------------------
def test_nobody_invites_themselves(invites, circle, bram):
    assert refusal(invites, bram, circle, bram.email) == "This is your own address."


def test_who_is_in_already_is_not_invited(invites, circle, bram, vera):
    said = refusal(invites, bram, circle, vera.email.upper())
    assert "in this circle already" in said
    assert vera.profile.name not in said


def test_whoever_was_in_before_is_invited_and_it_is_said(invites, circle, bram, eva):
    made = invites(bram, circle, eva.email)
    assert "They were in this circle until" in made.told


def test_who_asked_never_to_be_written_to_is_not_invited(invites, circle, bram):
    silence.ask(silence.key_of("noor+work@example.org"))
    assert "asked never to be written to" in refusal(invites, bram, circle)
    assert not Letter.objects.exists()


def test_whom_one_invited_is_not_invited_again(invites, circle, bram):
    invites(bram, circle)
    assert "still runs" in refusal(invites, bram, circle, "NOOR@example.org")


def test_whoever_did_not_answer_is_left_alone_for_three_months(invites, circle, bram):
    make.invitation(circle, by=bram, address=NOOR, state="declined")
    assert "Once in three months is enough" in refusal(invites, bram, circle)


def test_what_was_withdrawn_can_be_sent_anew(invites, circle, bram):
    make.invitation(circle, by=bram, address=NOOR, state="revoked")
    assert invites(bram, circle).pk


@pytest.mark.parametrize(
    ("state", "words"),
    [("declined", "refused an application"), ("discarded", "was set aside")],
)
def test_those_who_vet_read_that_an_application_was_refused(
    state, words, invites, circle, vera, reason
):
    facts = {"decline_code": "other", "decline_text": reason["text"]}
    make.application(circle, state=state, email=NOOR, **facts)
    assert words in refusal(invites, vera, circle)


def test_those_who_vet_read_that_somebody_was_removed(invites, circle, vera, eva):
    Membership.objects.filter(member_id=eva.pk).update(state="removed")
    assert "removed" in refusal(invites, vera, circle, eva.email)


def test_those_who_vet_read_that_somebody_applies(invites, circle, vera):
    application = make.application(circle, email=NOOR)
    assert "Your words are added to it" in invites(vera, circle).told
    assert Endorsement.objects.get(application=application).words == WORDS["words"]


def test_a_refusal_has_cooled_off_after_three_months(invites, circle, vera, reason):
    facts = {"decline_code": "other", "decline_text": reason["text"]}
    long_ago = timezone.now() - timedelta(days=91)
    make.application(circle, state="declined", email=NOOR, moved_at=long_ago, **facts)
    assert invites(vera, circle).pk


# --- and nothing can be learned by trying addresses -------------------------------------------
HIDDEN = ["review", "offered", "declined", "discarded", "draft", "email_pending"]


@pytest.fixture
def hidden_case(circle, elsewhere, carla, eva, dirk, anna, reason):
    """Everything of an address that is not a plain member's business, by name."""
    facts = {"decline_code": "other", "decline_text": reason["text"]}

    def come_true(case) -> str:
        match case:
            case "an account of nobody here":
                return dirk.email
            case "a member of another circle":
                return carla.email
            case "applies elsewhere":
                make.application(elsewhere, email=NOOR)
            case "removed":
                Membership.objects.filter(member_id=eva.pk).update(state="removed")
                return eva.email
            case "invited by another":
                make.invitation(circle, by=anna, address=NOOR)
            case _:
                make.application(circle, state=case, email=NOOR, **facts)
        return NOOR

    return come_true


@pytest.mark.parametrize(
    "case",
    [
        *HIDDEN,
        "an account of nobody here",
        "a member of another circle",
        "applies elsewhere",
        "removed",
        "invited by another",
    ],
)
def test_a_member_reads_the_same_of_every_address_that_is_not_in(
    case, hidden_case, invites, circle, bram, acting
):
    tried = invites(bram, circle, hidden_case(case))
    unknown = invites(bram, circle, "nobody.at.all@example.org")
    assert tried.told == unknown.told
    with acting(bram):
        rows = Invitation.objects.filter(inviter_id=bram.pk).values("state", "application_id")
        assert list(rows) == [{"state": "open", "application_id": None}] * 2
        assert not Endorsement.objects.exists()
        assert Invitation.objects.count() == 2


# --- the words find the application -----------------------------------------------------------
def test_the_words_for_a_running_application_are_added_to_it(invites, circle, bram, anna, acting):
    application = make.application(circle, email="Noor@example.org")
    invites(bram, circle)
    with acting(anna):
        row = Endorsement.objects.get(application=application)
    assert (row.by_id, row.how, row.words) == (bram.pk, "worked", WORDS["words"])


def test_who_applies_on_their_own_while_invited_has_the_words_with_them(
    invites, circle, bram, sent
):
    made = invites(bram, circle)
    application = sent(circle, NOOR)
    assert Endorsement.objects.get(application=application).by_id == bram.pk
    made.refresh_from_db()
    assert made.state == "open"  # nobody told bram that they apply


def test_what_came_of_it_is_known_once_they_are_a_member(invites, circle, bram):
    application = make.application(circle, email=NOOR)
    made = invites(bram, circle)
    application.state = "approved"
    application.save()
    made.refresh_from_db()
    assert made.state == "joined"


def test_words_taken_back_are_gone_and_said_to_be(invites, circle, bram, acting):
    application = make.application(circle, email=NOOR)
    made = invites(bram, circle)
    with acting(bram):
        inviting.revoke(made, by=bram)
    row = Endorsement.objects.get(application=application)
    assert row.words == ""
    assert row.withdrawn_at is not None


def test_two_who_invite_one_address_both_vouch(invites, circle, bram, anna):
    invites(anna, circle)
    invites(bram, circle)
    application = make.application(circle, state="draft", email=NOOR)
    application.state, application.proven_at = "review", timezone.now()
    application.save()
    vouching = Endorsement.objects.filter(application=application).values_list("by_id", flat=True)
    assert set(vouching) == {anna.pk, bram.pk}


# --- withdrawing, and the second letter ---------------------------------------------------------
@pytest.mark.parametrize("who", ["bram", "anna"])
def test_the_inviter_and_an_admin_withdraw_it_at_once(who, invites, circle, bram, request, acting):
    made = invites(bram, circle)
    text = links.token_of(made.link)
    by = request.getfixturevalue(who)
    with acting(by):
        inviting.revoke(Invitation.objects.get(pk=made.pk), by=by)
    assert links.alive("invitation", text) is None
    made.refresh_from_db()
    assert made.state == "revoked"
    assert AuditEntry.objects.get(act="invitation.revoked").by_id == by.pk


@pytest.mark.parametrize("who", ["vera", "carla"])
def test_nobody_else_touches_it(who, invites, circle, bram, request, acting):
    made = invites(bram, circle)
    with pytest.raises(LookupError), acting(request.getfixturevalue(who)):
        inviting.revoke(made, by=request.getfixturevalue(who))
    made.refresh_from_db()
    assert made.state == "open"


@pytest.mark.parametrize("state", ["begun", "vetting", "joined", "declined", "expired"])
def test_what_is_open_no_more_cannot_be_withdrawn(state, circle, bram, acting):
    made = make.invitation(circle, by=bram, state=state)
    with acting(bram), pytest.raises(Refused):
        inviting.revoke(made, by=bram)
    made.refresh_from_db()
    assert made.state == state


def test_the_second_letter_can_go_earlier_and_there_is_no_third(circle, bram, acting, falls_due):
    made = make.invitation(circle, by=bram, created_at=timezone.now() - timedelta(days=2))
    with acting(bram):
        inviting.remind(made, by=bram)
        with pytest.raises(Refused, match="two letters"):
            inviting.remind(made, by=bram)
    Due.objects.create(
        kind="invitation_reminder",
        subject_id=made.pk,
        circle_id=circle.pk,
        due_at=timezone.now(),
    )
    falls_due("invitation_reminder")
    assert [row.kind for row in Letter.objects.filter(link=made.link)] == ["invitation_reminder"]


def test_the_second_letter_waits_a_day(invites, circle, bram, acting):
    made = invites(bram, circle)
    with acting(bram), pytest.raises(Refused, match="A day after"):
        inviting.remind(made, by=bram)


def test_whoever_leaves_the_circle_invites_nobody_any_more(invites, circle, bram):
    made = invites(bram, circle)
    seat = Membership.objects.filter(circle=circle, member_id=bram.pk)
    seat.update(state="left", ended_at=timezone.now())
    made.refresh_from_db()
    assert made.state == "revoked"


# --- what of it never changes ---------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"address": "other@example.org"},
        {"words": "Other words."},
        {"how": "met"},
        {"state": "joined"},
        {"state": "vetting"},
        {"created_at": timezone.now() - timedelta(days=200)},
    ],
)
def test_an_invitation_stays_what_it_is_whoever_tries(change, circle, bram, acting, house):
    made = make.invitation(circle, by=bram)
    rows = Invitation.objects.filter(pk=made.pk)
    for role in (acting(bram), house()):
        with pytest.raises(DatabaseError), role, transaction.atomic():
            rows.update(**change)


def test_nobody_writes_an_endorsement_by_hand(circle, bram, anna, acting):
    application = make.application(circle)
    made = make.invitation(circle, by=bram)
    with pytest.raises(ProgrammingError, match="permission denied"), acting(anna):
        make.endorsement(application, by=bram, invitation=made)
