"""Applicants, judges, referees and the clock at the same moment: one is first, and the other reads
so. Whatever happens first, all that follows from it happens once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from circles import appealing, applying, inquiries, objecting, referees, references, vetting
from circles.models import (
    Appeal,
    Application,
    Decider,
    Inquiry,
    Membership,
    Objection,
    Reference,
    Step,
    Vote,
)
from kring.lib.acting import acting_as
from members import due
from members.models import AuditEntry, Due, Letter
from tests import make
from tests.circles.conftest import REASON
from tests.circles.crowd import as_house, at_once

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = {"decline_code": "other", "decline_text": "You operate on feet, we on hands."}
ONE_VOTE = {"approvals_needed": 1, "declines_to_stop": 1, "objection_days": 0}
ANSWER = {"how": "worked", "place": "Assen", "own_case": "yes", "words": "Careful."}


def doing(person, act, *args, **facts):
    """An act of this person, or (None) of the holder of a link, on the row of this moment."""

    def go():
        with acting_as(person and person.pk):
            row = args[0].__class__.objects.get(pk=args[0].pk) if person else args[0]
            act(row, *args[1:], **facts)

    return go


def voting(person, application, choice="approve", **reason):
    said = {"choice": choice, "sentence": "I know the work.", **reason}
    return doing(person, vetting.vote, application, by=person, **said)


@as_house
def sweeping():
    due.run_due()


def timer(kind, application) -> None:
    Due.objects.create(
        kind=kind,
        subject_id=application.pk,
        circle_id=application.circle_id,
        due_at=timezone.now() - timedelta(minutes=1),
    )


def now(application) -> Application:
    return Application.objects.get(pk=application.pk)


def one_was_first(heard: list[str]) -> str:
    """Of two acts one was done, and the other was told a sentence; return it."""
    first, told = sorted(heard)
    assert first == "", heard
    assert told, "both were done"
    assert "Error" not in told, told
    return told


def letters_about(application) -> list[str]:
    rows = Letter.objects.filter(subject_id=application.pk, link_id=application.link_id)
    return sorted(rows.values_list("kind", flat=True))


# --- applicant and judges -----------------------------------------------------------------
def test_an_application_withdrawn_at_the_last_vote_ends_in_one_of_both(circle, anna):
    application = make.application(circle, policy=ONE_VOTE)
    withdrawing = doing(None, applying.withdraw, now(application), expected="review")
    told = one_was_first(at_once(voting(anna, application), withdrawing))
    ended = now(application).state
    assert ended in ("withdrawn", "offered")
    assert told.startswith("Already")
    assert letters_about(application) == [f"application_{ended}"]
    assert Vote.objects.filter(application=application).count() == (ended == "offered")


def test_two_admins_who_decide_at_once_decide_once(circle, anna, vera):
    application = make.application(circle)
    Membership.objects.filter(member_id=vera.pk).update(role="admin")
    for person, choice in ((anna, "approve"), (vera, "decline")):
        make.vote(application, by=person, choice=choice)
    heard = at_once(
        *(
            doing(
                by, vetting.decide, application, by=by, admit=yes, sentence="We spoke.", **REASON
            )
            for by, yes in ((anna, True), (vera, False))
        )
    )
    assert one_was_first(heard).startswith("Already decided by")
    assert len(letters_about(application)) == 1
    assert Step.objects.filter(application=application).count() == 1


def test_two_vetters_who_ask_at_once_ask_one_question(circle, anna, vera):
    application = make.application(circle)
    heard = at_once(
        *(doing(by, inquiries.ask, application, by=by, question="Where?") for by in (anna, vera))
    )
    one_was_first(heard)
    assert Inquiry.objects.count() == 1
    assert letters_about(application) == ["application_question"]


def test_an_answer_sent_from_two_devices_is_kept_once(circle, anna):
    application = make.application(circle, state="info_requested")
    asked = {"circle": circle, "application": application, "by_id": anna.pk, "question": "Where?"}
    Inquiry.objects.create(**asked)
    acts = [doing(None, inquiries.answer, now(application), text=text) for text in ("One", "Two")]
    one_was_first(at_once(*acts))
    assert Inquiry.objects.get().answer in ("One", "Two")
    assert now(application).state == "review"


def test_of_two_offers_for_the_last_seat_one_is_taken(anna, vera):
    full = make.circle("Nearly full", admin=anna, vetters=[vera], size_cap=3)
    two = [make.application(full, state="offered") for _ in range(2)]
    password = "a long enough pass phrase"
    acts = [doing(None, applying.accept, now(row), by=None, password=password) for row in two]
    assert one_was_first(at_once(*acts)).startswith("The circle is full")
    assert Membership.objects.filter(circle=full).count() == 3
    assert sorted(now(row).state for row in two) == ["approved", "offered"]


# --- appeals ------------------------------------------------------------------------------
def test_an_appeal_filed_in_two_browsers_is_filed_once(circle):
    application = make.application(circle, state="declined", **REFUSED)
    acts = [doing(None, appealing.appeal, now(application), words="Again.") for _ in range(2)]
    one_was_first(at_once(*acts))
    assert Appeal.objects.count() == 1
    assert letters_about(application) == ["application_appealed"]


def test_an_appeal_that_two_judges_decide_at_once_is_decided_once(circle, anna, vera):
    third = make.member("third")
    make.membership(circle, third, role="vetter")
    application = make.application(circle, state="appealed", **REFUSED)
    make.vote(application, by=anna)
    one_was_first(at_once(voting(vera, application), voting(third, application)))
    assert now(application).state == "offered"
    assert letters_about(application) == ["application_offered"]


def test_a_steward_who_appoints_in_two_windows_appoints_once(circle, anna, vera, carla, sam):
    application = make.application(circle)
    for person in (anna, vera):
        make.vote(application, by=person, choice="recuse")
    case = appealing.Case(application.pk, circle.name, "nobody", timezone.now())

    def appointing():
        with acting_as(sam.pk):
            appealing.appoint(case, [carla.pk], by=sam)

    one_was_first(at_once(appointing, appointing))
    assert Decider.objects.count() == 1
    assert Letter.objects.filter(kind="decider_appointed").count() == 1
    appointed = AuditEntry.objects.filter(act="application.decider_appointed")
    assert appointed.count() == 1


# --- the clock ----------------------------------------------------------------------------
def objected_to(circle, bram):
    policy = {**ONE_VOTE, "objection_days": 7}
    application = make.application(circle, state="objection", policy=policy)
    row = {"circle": circle, "application": application, "by_id": bram.pk, "words": "No hands."}
    return application, Objection.objects.create(**row)


def test_an_objection_upheld_while_the_sweep_looks_sends_it_back(circle, anna, bram):
    application, objection = objected_to(circle, bram)
    timer("application_objection_over", application)
    told = {"by": anna, "uphold": True, "note": "Look again."}
    settling = doing(anna, lambda row: objecting.settle(objection, row, **told), application)
    assert at_once(settling, sweeping) == ["", ""]
    assert now(application).state == "review"  # an open objection waits for people


def test_two_admins_who_settle_an_objection_at_once_settle_it_once(circle, anna, vera, bram):
    Membership.objects.filter(member_id=vera.pk).update(role="admin")
    application, objection = objected_to(circle, bram)

    def settling(by, uphold):
        told = {"by": by, "uphold": uphold, "note": "We spoke."}
        return doing(by, lambda row: objecting.settle(objection, row, **told), application)

    one_was_first(at_once(settling(anna, True), settling(vera, False)))
    objection.refresh_from_db()
    assert (objection.outcome == "upheld") == (now(application).state == "review")


def test_an_offer_taken_while_it_expires_is_taken_or_has_expired(circle):
    application = make.application(circle, state="offered")
    timer("application_offer_expiry", application)
    password = "a long enough pass phrase"
    taking = doing(None, applying.accept, now(application), by=None, password=password)
    told = at_once(taking, sweeping)[0]
    taken = now(application).state == "approved"
    assert taken or now(application).state == "expired"
    assert told.startswith("Already done") != taken
    assert letters_about(application) == ["application_expired"] * (not taken)


def test_a_vote_while_the_sweep_ends_it_after_90_days_counts_or_does_not(circle, anna):
    application = make.application(circle, policy=ONE_VOTE)
    timer("application_over", application)
    told = at_once(voting(anna, application), sweeping)[0]
    ended = now(application).state
    assert ended == ("expired" if told else "offered")
    assert letters_about(application) == ["application_ended" if told else "application_offered"]


def test_two_sweeps_at_once_do_everything_once(circle):
    rows = [make.application(circle, state="offered") for _ in range(4)]
    for application in rows:
        timer("application_offer_expiry", application)
    assert at_once(sweeping, sweeping, sweeping) == ["", "", ""]
    assert {now(row).state for row in rows} == {"expired"}
    assert Letter.objects.filter(kind="application_expired").count() == 4


# --- referees -----------------------------------------------------------------------------
@pytest.fixture
def waits(circle):
    """An application that waits for one referee, who is asked."""
    rules = {**ONE_VOTE, "required_referees": 1}
    return make.application(circle, state="referees", policy=rules, review_since=None)


def test_a_referee_who_answers_at_the_deadline_counts_or_does_not(waits):
    reference = make.reference(waits)
    Due.objects.create(
        kind="reference_deadline",
        subject_id=reference.pk,
        circle_id=waits.circle_id,
        due_at=timezone.now(),
    )
    told = at_once(doing(None, references.answer, reference, by=None, **ANSWER), sweeping)[0]
    due.run_due()
    reference.refresh_from_db()
    assert bool(reference.answered_at) == (told == "")
    assert bool(reference.ended_at) == (told != "")
    assert now(waits).state == ("referees" if told else "review")


def test_of_an_answer_and_a_no_at_once_one_counts(waits):
    reference = make.reference(waits)
    other = Reference.objects.get(pk=reference.pk)
    answering = doing(None, references.answer, reference, by=None, **ANSWER)
    one_was_first(at_once(answering, doing(None, references.decline, other, by=None)))
    reference.refresh_from_db()
    assert bool(reference.answered_at) != bool(reference.ended_at)


def test_another_is_named_in_two_browsers_once(waits):
    make.referee(waits, state="unconfirmed")
    another = {"name": "Gijs", "address": "gijs@example.org", "relation": "Same practice."}
    acts = [doing(None, referees.replace, now(waits), **another) for _ in range(2)]
    one_was_first(at_once(*acts))
    assert waits.referees.filter(replaces=1).count() == 1


def test_the_last_answer_comes_while_another_referee_is_named(circle):
    """Two are asked for; one could not confirm. The other answers while the applicant names a
    third: both count, and the vetters wait for the third."""
    rules = {**ONE_VOTE, "required_referees": 2}
    application = make.application(circle, state="referees", policy=rules, review_since=None)
    make.referee(application, state="unconfirmed")
    reference = make.reference(application)
    another = {"name": "Gijs", "address": "gijs@example.org", "relation": "Same practice."}
    answering = doing(None, references.answer, reference, by=None, **ANSWER)
    naming = doing(None, referees.replace, now(application), **another)
    assert at_once(answering, naming) == ["", ""]
    due.run_due()
    states = application.referees.order_by("number").values_list("state", flat=True)
    assert list(states) == ["unconfirmed", "confirmed", "asked"]
    assert now(application).state == "referees"


def test_a_member_asked_by_four_at_once_vouches_for_three(circle, bram):
    rules = {**ONE_VOTE, "required_referees": 1}
    rows = [make.application(circle, state="referees", policy=rules) for _ in range(4)]
    asked = [make.reference(row, by=bram) for row in rows]
    acts = [doing(bram, references.answer, one, by=bram, **ANSWER) for one in asked]
    heard = sorted(at_once(*acts))
    assert heard[:3] == ["", "", ""]
    assert "three people" in heard[3]
    assert Reference.objects.filter(vouches=True).count() == 3
