from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import DatabaseError, connection
from django.utils import timezone

from circles import applying
from circles.models import Application, Membership
from kring.lib.refused import Refused
from members.models import AuditEntry, Due, Letter, Member
from tests import make


def test_a_draft_is_owned_by_the_link_that_was_mailed(started, circle, letters_of):
    application = started(circle)
    assert application.state == "draft"
    assert application.link.purpose == "application"
    assert letters_of(application) == ["application_address"]


def test_known_and_unknown_addresses_start_alike(started, circle, dirk, letters_of):
    known, unknown = started(circle, dirk.email), started(circle, "nobody@example.org")
    assert letters_of(known) == letters_of(unknown)
    assert known.state == unknown.state


def test_words_are_kept_on_the_server(started, circle, acting):
    application = started(circle)
    with acting(None):
        applying.keep(application, mailed=False, brings="Half a sentence")
    application.refresh_from_db()
    assert application.brings == "Half a sentence"
    assert application.proven_at is None


def test_an_unproven_application_waits_for_its_proof(sent, circle, letters_of):
    application = sent(circle, mailed=False)
    assert application.state == "email_pending"
    assert letters_of(application) == ["application_address", "application_address"]


def test_vetters_see_and_hear_nothing_of_an_unproven_one(sent, circle, anna, acting):
    sent(circle, mailed=False)
    with acting(anna):
        assert not Application.objects.filter(circle=circle).exists()
    assert not Letter.objects.filter(member__isnull=False).exists()


def test_the_mailed_link_proves_the_address_at_once(sent, circle, letters_of):
    application = sent(circle)
    assert application.state == "review"
    assert application.proven_at is not None
    assert letters_of(application) == ["application_address", "application_received"]


def test_the_button_proves_the_address(sent, circle, acting):
    application = sent(circle, mailed=False)
    with acting(None):
        applying.prove(application)
    assert application.state == "review"


def test_proving_twice_is_refused_with_what_happened(sent, circle, acting):
    application = sent(circle, mailed=False)
    again = Application.objects.get(pk=application.pk)
    with acting(None):
        applying.prove(application)
        with pytest.raises(Refused, match=r"Already done at \d\d[:.]\d\d.*: in review"):
            applying.prove(again)


def test_the_rules_of_submission_stay(sent, circle):
    application = sent(circle)
    circle.approvals_needed = 5
    circle.save()
    application.refresh_from_db()
    assert application.policy["approvals_needed"] == 2
    assert application.policy["pledge"] == circle.pledge


def test_a_second_application_is_refused_once_the_address_is_proven(sent, circle, acting):
    sent(circle)
    second = sent(circle, "DIRK@example.org", mailed=False)
    assert second.state == "email_pending"
    with acting(None), pytest.raises(Refused, match="already running"):
        applying.prove(second)
    second.refresh_from_db()
    assert second.state == "email_pending"


def test_one_address_may_apply_to_two_circles(sent, circle, elsewhere):
    assert sent(circle).state == sent(elsewhere).state == "review"


@pytest.mark.parametrize(
    "state",
    ["draft", "email_pending", "referees", "review", "info_requested", "objection", "waitlisted",
     "offered", "appealed"],
)  # fmt: skip
def test_withdrawing_works_from_every_open_state(state, circle, acting):
    application = make.application(circle, state=state)
    with acting(None):
        applying.withdraw(application, expected=state)
    application.refresh_from_db()
    assert application.state == "withdrawn"


def test_whoever_withdraws_gets_a_word_that_it_is_done(circle, acting, letters_of, mail_of):
    application = make.application(circle, state="review", language="en")
    with acting(None):
        applying.withdraw(application, expected="review")
    assert letters_of(application) == ["application_withdrawn"]
    mail = mail_of(application, "application_withdrawn")
    assert "Nobody looks at it any more" in mail.text


@pytest.mark.parametrize("state", ["draft", "email_pending"])
def test_an_address_nobody_proved_gets_no_word_of_it(state, circle, acting, letters_of):
    application = make.application(circle, state=state)
    with acting(None):
        applying.withdraw(application, expected=state)
    assert letters_of(application) == []


def test_withdrawing_what_was_decided_meanwhile_is_refused(circle, acting):
    application = make.application(circle, state="offered")
    with acting(None), pytest.raises(Refused):
        applying.withdraw(application, expected="review")
    application.refresh_from_db()
    assert application.state == "offered"


def test_accepting_makes_account_profile_and_membership(circle, acting):
    application = make.application(
        circle, state="offered", email="new@example.org", name="N. Oord"
    )
    with acting(None):
        member = applying.accept(application, by=None, password="a long enough pass phrase")
    assert member.check_password("a long enough pass phrase")
    assert member.profile.name == "N. Oord"
    assert Membership.objects.get(member_id=member.pk, circle=circle).state == "probation"


def test_accepting_twice_makes_one_membership(circle, acting):
    application = make.application(circle, state="offered", email="new@example.org")
    again = Application.objects.get(pk=application.pk)
    with acting(None):
        applying.accept(application, by=None, password="a long enough pass phrase")
        with pytest.raises(Refused, match="accepted"):
            applying.accept(again, by=None, password="a long enough pass phrase")
    assert Membership.objects.filter(circle=circle, state="probation").count() == 1


def test_an_address_with_an_account_signs_in_first(circle, dirk, acting):
    application = make.application(circle, state="offered", email=dirk.email)
    with acting(None), pytest.raises(Refused, match="Sign in first"):
        applying.accept(application, by=None, password="a long enough pass phrase")
    assert Member.objects.filter(email=dirk.email).count() == 1


def test_a_member_accepts_with_the_account_they_have(circle, dirk, acting):
    application = make.application(circle, state="offered", email="dirk.at.work@example.org")
    EmailAddress.objects.create(user=dirk, email=application.email, verified=True)
    with acting(dirk):
        assert applying.accept(application, by=dirk) == dirk
    assert Membership.objects.filter(circle=circle, member_id=dirk.pk).exists()
    assert not Member.objects.filter(email="dirk.at.work@example.org").exists()


def test_nobody_takes_the_seat_that_was_offered_to_another_address(circle, dirk, acting):
    application = make.application(circle, state="offered", email="somebody@example.org")
    EmailAddress.objects.create(user=dirk, email=application.email, verified=False)
    with acting(dirk), pytest.raises(Refused, match="another address"):
        applying.accept(application, by=dirk)
    assert not Membership.objects.filter(circle=circle, member_id=dirk.pk).exists()


def test_without_a_link_or_an_account_the_database_admits_nobody(circle, acting):
    application = make.application(circle, state="offered")
    with (
        pytest.raises(DatabaseError, match="not this application"),
        acting(None),
        connection.cursor() as cursor,
    ):
        cursor.execute("select kring_admit(%s, 'x')", [application.pk])


def test_an_offer_that_the_timer_forgot_has_ended_all_the_same(circle, acting):
    long_ago = timezone.now() - timedelta(days=20)
    application = make.application(circle, state="offered", moved_at=long_ago)
    with acting(None), pytest.raises(Refused, match="does not stand"):
        applying.accept(application, by=None, password="a long enough pass phrase")


def test_who_is_in_already_is_told_so(circle, bram, acting):
    application = make.application(circle, state="offered", email=bram.email)
    with acting(bram), pytest.raises(Refused, match="already"):
        applying.accept(application, by=bram)


def test_a_withdrawn_offer_cannot_be_accepted(circle, acting):
    application = make.application(circle, state="offered")
    stale = Application.objects.get(pk=application.pk)
    with acting(None):
        applying.withdraw(application, expected="offered")
        with pytest.raises(Refused, match="withdrawn"):
            applying.accept(stale, by=None, password="a long enough pass phrase")
    assert not Member.objects.filter(email=application.email).exists()


def test_lost_links_are_mailed_to_their_address_only(sent, circle, acting):
    application = sent(circle)
    other = make.application(circle, state="review")
    before = Letter.objects.count()
    with acting(None):
        applying.mail_links("DIRK@example.org")
        applying.mail_links("nobody@example.org")
    new = Letter.objects.order_by("id")[before:]
    assert [letter.link_id for letter in new] == [application.link_id]
    assert other.link_id not in {letter.link_id for letter in new}


def test_asking_for_the_link_twice_is_asking_once(sent, circle, acting):
    application = sent(circle)
    before = Letter.objects.count()
    with acting(None):
        applying.mail_links(application.email)
        applying.mail_links(application.email)
        applying.mail_again(application)
    assert Letter.objects.count() == before + 1


def test_every_waiting_state_has_its_timer(started, circle, acting):
    application = started(circle)
    assert Due.objects.filter(kind="application_draft_purge").exists()
    with acting(None):
        applying.submit(application, mailed=False)
    assert Due.objects.filter(kind="application_address_purge").exists()


def test_starting_leaves_an_audit_line_without_a_name(circle, acting):
    from circles.models import GuideEntry

    with acting(None):
        entry = GuideEntry.objects.get(pk=circle.pk)
        application = applying.start(entry, email="dirk@example.org", language="nl")
    line = AuditEntry.objects.get(act="application.started")
    assert (line.circle_id, line.subject_id, line.by_id) == (circle.pk, application.pk, None)


def test_a_steward_reads_why_they_cannot_take_an_offer(circle, sam, acting):
    application = make.application(circle, state="offered", email=sam.email)
    with acting(sam), pytest.raises(Refused, match="steward is in no circle"):
        applying.accept(application, by=sam)
