"""Several people at the same moment: real threads, each with its own restricted connection."""

import pytest

from circles import applying, invited, inviting, vetting
from circles.models import Application, Endorsement, Invitation, Membership, Step
from kring.lib.acting import acting_as
from members.models import AuditEntry, Letter
from tests import make
from tests.circles.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def voting(application, member, choice="approve", **reason):
    def act():
        with acting_as(member.pk):
            seen = Application.objects.get(pk=application.pk)
            start = {"choice": choice, "sentence": "I know the work.", **reason}
            vetting.vote(seen, by=member, **start)

    return act


def test_v2_two_vetters_approving_at_once_make_one_offer(circle, anna, vera):
    application = make.application(circle)
    assert at_once(voting(application, anna), voting(application, vera)) == ["", ""]
    application.refresh_from_db()
    assert application.state == "offered"
    assert Letter.objects.filter(subject_id=application.pk).count() == 1
    assert Step.objects.filter(application=application).count() == 1


def test_of_two_vetters_deciding_at_once_one_reads_who_was_first(
    circle, anna, vera, votes, reason
):
    application = make.application(
        circle,
        policy={"approvals_needed": 1, "declines_to_stop": 1, "objection_days": 0},
    )
    heard = at_once(voting(application, anna), voting(application, vera, "decline", **reason))
    assert sorted(heard)[0] == ""
    assert sorted(heard)[1].startswith("Already decided by")
    assert Letter.objects.filter(subject_id=application.pk).count() == 1
    moved = AuditEntry.objects.filter(act="application.moved", subject_id=application.pk)
    assert moved.count() == 1


def test_v10_three_admitted_at_once_for_one_seat_make_one_offer(anna, vera):
    nearly = make.circle("Nearly full", admin=anna, vetters=[vera], size_cap=3)
    rules = {"approvals_needed": 1, "declines_to_stop": 1, "objection_days": 0}
    three = [make.application(nearly, policy=rules) for _ in range(3)]
    assert at_once(*(voting(application, anna) for application in three)) == [""] * 3
    states = Application.objects.filter(circle=nearly).values_list("state", flat=True)
    assert sorted(states) == ["offered", "waitlisted", "waitlisted"]


def test_v2_accepting_in_two_browsers_makes_one_member(circle):
    application = make.application(circle, state="offered", email="new@example.org")

    def accepting():
        with acting_as(None):
            applying.accept(application_of(), by=None, password="a long enough pass phrase")

    def application_of():
        return Application(
            pk=application.pk,
            circle_id=application.circle_id,
            link_id=application.link_id,
            state="offered",
        )

    heard = at_once(accepting, accepting)
    assert sorted(heard)[0] == ""
    assert "accepted" in sorted(heard)[1]
    assert Membership.objects.filter(circle=circle, state="probation").count() == 1


def test_accepting_while_withdrawing_ends_in_one_of_both(circle):
    application = make.application(circle, state="offered", email="new@example.org")
    other = Application.objects.get(pk=application.pk)

    def accepting():
        with acting_as(None):
            applying.accept(application, by=None, password="a long enough pass phrase")

    def withdrawing():
        with acting_as(None):
            applying.withdraw(other, expected="offered")

    heard = at_once(accepting, withdrawing)
    ended = Application.objects.get(pk=application.pk).state
    assert sorted(heard)[0] == ""
    assert sorted(heard)[1].startswith("Already")
    assert Membership.objects.filter(circle=circle, state="probation").count() == (
        ended == "approved"
    )


# --- invitations --------------------------------------------------------------------------
def inviting_(circle, member, address="noor@example.org"):
    def act():
        with acting_as(member.pk):
            facts = {"name": "Noor", "words": "I know the work.", "how": "met", "language": "en"}
            inviting.invite(circle, by=member, address=address, **facts)

    return act


def test_of_two_invitations_to_one_address_at_once_one_is_sent(circle, bram):
    heard = at_once(inviting_(circle, bram), inviting_(circle, bram))
    assert sorted(heard)[0] == ""
    assert "still runs" in sorted(heard)[1]
    assert Invitation.objects.count() == Letter.objects.count() == 1


def test_of_two_at_once_for_the_last_of_five_one_is_sent(circle, bram):
    for _ in range(4):
        make.invitation(circle, by=bram)
    heard = at_once(*(inviting_(circle, bram, f"noor{n}@example.org") for n in range(3)))
    assert sorted(heard)[0] == ""
    assert all("five invitations" in said for said in sorted(heard)[1:])
    assert Invitation.objects.open().count() == 5


def test_two_admins_at_once_do_not_pass_the_quota_of_the_circle(anna, vera):
    circle = make.circle("Two admins", admin=anna, size_cap=3)
    make.membership(circle, vera, role="admin")
    for _ in range(4):
        make.invitation(circle, by=anna)
    heard = at_once(
        inviting_(circle, anna, "a@example.org"), inviting_(circle, vera, "b@example.org")
    )
    assert sorted(heard)[0] == ""
    assert "twice its free seats" in sorted(heard)[1]


def test_inviting_whoever_applies_at_that_moment_adds_the_words(circle, bram):
    application = make.application(circle, state="email_pending", email="noor@example.org")

    def proving():
        with acting_as(None):
            applying.prove(application)

    assert at_once(inviting_(circle, bram), proving) == ["", ""]
    assert Endorsement.objects.get(application=application).by_id == bram.pk


def test_beginning_in_two_browsers_makes_one_application(circle, bram):
    invitation = make.invitation(circle, by=bram)

    def beginning():
        with acting_as(None):
            invited.begin(invitation, language="en")

    heard = at_once(beginning, beginning)
    assert sorted(heard) == ["", "This invitation is not open any more."]
    assert Application.objects.filter(circle=circle).count() == 1


def test_withdrawing_while_the_invitee_begins_ends_in_one_of_both(circle, bram):
    invitation = make.invitation(circle, by=bram)

    def beginning():
        with acting_as(None):
            invited.begin(invitation, language="en")

    def withdrawing():
        with acting_as(bram.pk):
            inviting.revoke(Invitation.objects.get(pk=invitation.pk), by=bram)

    heard = at_once(beginning, withdrawing)
    assert sorted(heard)[0] == ""
    assert sorted(heard)[1] in (
        "They have begun an application; now the vetting decides.",
        "This invitation is not open any more.",
    )
    invitation.refresh_from_db()
    assert Application.objects.filter(circle=circle).count() == (invitation.state == "begun")
