"""Who judges: eligibility, rounds, recusal, notes, appointed deciders, appeals. Refused by the
database, not only by the form."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from circles import appealing, checks, moves, vetting
from circles.models import Appeal, Application, Decider, Membership, Note, Vote
from kring.lib.acting import acting_as, acting_with
from kring.lib.refused import Refused
from members.letters import KINDS
from members.models import Letter
from tests import make

WHY = {"decline_code": "other", "decline_text": "You operate on feet, we on hands."}


@pytest.fixture
def application(circle):
    return make.application(circle, name="Theo Veldkamp", language="en")


@pytest.fixture
def refused(circle, anna, vera):
    """Refused by anna and vera a day ago."""
    application = make.application(circle, state="declined", name="Theo Veldkamp", **WHY)
    for voter in (anna, vera):
        make.vote(application, by=voter, choice="decline")
    yesterday = timezone.now() - timedelta(days=1)
    Vote.objects.filter(application=application).update(at=yesterday)
    return application


@pytest.fixture
def appeals(acting):
    def file(application, words="You did not see my certificate."):
        seen = Application.objects.get(pk=application.pk)
        with acting(None):
            appealing.appeal(seen, words=words)

    return file


@pytest.fixture
def appoints(acting, sam):
    """`appoints(carla)` lets the steward appoint her in the one case that waits."""

    def go(*people):
        with acting(sam):
            case = appealing.cases_for(sam)[0]
            return appealing.appoint(case, [one.pk for one in people], by=sam)

    return go


def state_of(application) -> str:
    return Application.objects.get(pk=application.pk).state


def new_vetter(circle, name, **facts):
    person = make.member(name)
    make.membership(circle, person, role="vetter", **facts)
    return person


# --- V4 -----------------------------------------------------------------------------------
def cannot_vote(application, person, acting):
    with acting(person), pytest.raises(ProgrammingError, match="row-level"), transaction.atomic():
        Vote.objects.create(
            circle_id=application.circle_id,
            application=application,
            voter_id=person.pk,
            choice="approve",
            sentence="Yes.",
        )


def test_v4_the_database_refuses_the_applicant(circle, vera, acting):
    cannot_vote(make.application(circle, email=vera.email), vera, acting)


def test_v4_the_database_refuses_whoever_vouches(application, vera, acting):
    make.endorsement(application, by=vera)
    cannot_vote(application, vera, acting)


def test_v4_the_database_refuses_the_inviter(circle, application, vera, acting):
    make.invitation(circle, by=vera, address=application.email, state="expired")
    cannot_vote(application, vera, acting)


def test_v4_the_database_refuses_whoever_joined_after_submission(circle, application, acting):
    cannot_vote(application, new_vetter(circle, "late", since=timezone.now()), acting)


@pytest.mark.parametrize("state", ["probation", "reverify_due", "grace", "paused", "suspended"])
def test_v4_the_database_refuses_whoever_is_not_active(state, circle, application, acting):
    cannot_vote(application, new_vetter(circle, "newer", state=state), acting)


def test_v4_the_database_refuses_whoever_is_not_free(application, vera, votes, acting):
    votes(application, vera, "recuse")
    with acting(vera):
        rows = Vote.objects.filter(application=application, voter_id=vera.pk)
        assert rows.update(choice="approve") == 0


def test_v4_on_an_appeal_the_database_refuses_whoever_voted_before(
    refused, anna, vera, appeals, acting
):
    appeals(refused)
    for person in (anna, vera):
        with acting(person):
            rows = Vote.objects.filter(application=refused, voter_id=person.pk)
            assert rows.update(choice="approve", at=timezone.now()) == 0
            with pytest.raises(Refused, match="voted on the refusal"):
                vetting.vote(
                    Application.objects.get(pk=refused.pk),
                    by=person,
                    choice="approve",
                    sentence=".",
                )


def test_v4_nobody_dates_a_vote_back(circle, application, vera, votes):
    votes(application, vera)
    before = Vote.objects.get().at
    assert timezone.now() - before < timedelta(minutes=1)


def test_whoever_is_not_free_reads_no_vote(application, anna, vera, votes, acting):
    votes(application, anna)
    votes(application, vera, "recuse")
    assert state_of(application) == "offered"
    with acting(vera):
        assert set(Vote.objects.values_list("voter_id", flat=True)) == {vera.pk}


# --- rounds -------------------------------------------------------------------------------
def test_votes_of_an_earlier_round_count_no_more(application, anna, vera, votes, acting):
    votes(application, anna)
    Application.objects.filter(pk=application.pk).update(review_since=timezone.now())
    with acting(vera):
        assert vetting.tally_of(application).voted == 0
    votes(application, vera)
    assert state_of(application) == "review"


def test_a_removed_vetter_s_vote_counts_no_more(circle, application, anna, vera, votes, acting):
    votes(application, vera)
    gone = {"state": "removed", "ended_at": timezone.now()}
    Membership.objects.filter(circle=circle, member_id=vera.pk).update(**gone)
    with acting(anna):
        tally = vetting.tally_of(application)
    assert (tally.eligible, tally.voted) == (1, 0)


# --- notes --------------------------------------------------------------------------------
def test_notes_of_others_open_after_ones_own_vote(application, anna, vera, votes, acting):
    with acting(anna):
        vetting.note(application, by=anna, text="Call the hospital.")
    with acting(vera):
        assert not Note.objects.exists()
    votes(application, vera, "abstain")
    with acting(vera):
        assert Note.objects.get().text == "Call the hospital."


@pytest.mark.parametrize("name", ["bram", "carla"])
def test_only_whoever_judges_leaves_a_note(name, request, application, acting):
    person = request.getfixturevalue(name)
    with acting(person), pytest.raises(Refused):
        vetting.note(application, by=person, text="Me too.")
    with pytest.raises(ProgrammingError, match="row-level"), acting(person):
        Note.objects.create(
            circle_id=application.circle_id, application=application, by_id=person.pk, text="."
        )


# --- nobody left --------------------------------------------------------------------------
def test_when_nobody_may_vote_the_steward_is_told_once(
    application, anna, vera, votes, sam, falls_due
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    falls_due("steward_needed")
    falls_due("vetting_queue")
    assert Letter.objects.filter(kind="steward_case").count() == 1


def test_a_steward_sees_circle_and_age_and_nobody(application, anna, vera, votes, sam, as_):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    text = as_(sam).get(reverse("steward_page")).content.decode()
    assert "Nobody is left who may vote." in text
    assert "Veldkamp" not in text


def test_an_appointed_admin_of_another_circle_decides(
    application, anna, vera, carla, votes, appoints
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    assert appoints(carla) == 1
    assert Letter.objects.get(kind="decider_appointed").member_id == carla.pk
    votes(application, carla)
    assert state_of(application) == "offered"


def test_the_letter_to_who_was_appointed_opens_the_application(
    circle, application, anna, vera, carla, votes, appoints, house
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    appoints(carla)
    with house(), acting_as(None):
        mail = KINDS["decider_appointed"].compose(Letter.objects.get(kind="decider_appointed"))
    assert mail.to == carla.email
    assert reverse("vetting_page", args=[circle.public_id, application.public_id]) in mail.text


def test_an_appointed_decider_sees_this_application_and_no_more(
    circle, application, anna, vera, carla, votes, appoints, acting, as_
):
    other = make.application(circle, name="Somebody Else")
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    appoints(carla)
    page = [circle.public_id, application.public_id]
    assert "Veldkamp" in as_(carla).get(reverse("vetting_page", args=page)).content.decode()
    closed = [("vetting_page", [circle.public_id, other.public_id])]
    closed += [(name, [circle.public_id]) for name in ("vetting_desk", "question_list")]
    for name, args in closed:
        assert as_(carla).get(reverse(name, args=args)).status_code == 404
    with acting(carla):
        seen = Application.objects.filter(circle=circle).values_list("pk", flat=True)
        assert list(seen) == [application.pk]


def test_an_appointed_decider_is_reminded_once_near_the_promised_day(
    application, anna, vera, carla, votes, appoints, falls_due
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    appoints(carla)
    reminders = Letter.objects.filter(kind="decider_reminder", member_id=carla.pk)
    moves.set_timer(application, "vetting_queue", timezone.now())
    Decider.objects.update(at=timezone.now() - timedelta(days=2))
    falls_due("vetting_queue")
    assert not reminders.exists()  # twelve days are left
    Application.objects.update(decide_before=timezone.now() + timedelta(days=2))
    falls_due("vetting_queue")
    falls_due("vetting_queue")
    assert reminders.count() == 1


def test_whoever_decided_already_is_reminded_of_nothing(
    application, anna, vera, carla, votes, appoints, falls_due
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    appoints(carla)
    soon = timezone.now() + timedelta(days=2)
    Decider.objects.update(at=timezone.now() - timedelta(days=2))
    Application.objects.update(decide_before=soon)
    votes(application, carla, "abstain")
    moves.set_timer(application, "vetting_queue", timezone.now())
    assert falls_due("vetting_queue")
    assert not Letter.objects.filter(kind="decider_reminder").exists()


@pytest.fixture
def judged(circle, application, anna, vera, bram, carla, votes, appoints):
    """carla, of another circle, decides on an application with all there can be beside it."""
    make.reference(application, by=bram, how="worked", words="I trust these hands.")
    make.endorsement(application, by=bram, words="A colleague of ten years.")
    make.door_answer(application, value="Both hands.")
    make.paper(application, what="Diploma of Leuven")
    make.check(application, kind="number", source="BIG")
    make.confirmation(application, by=vera, name_matches=False, source="By telephone.")
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    appoints(carla)
    return application


BESIDE = (
    "I trust these hands.",
    "Member of this circle: Bram",
    "A colleague of ten years.",
    "Both hands.",
    "Diploma of Leuven",
    "Form of the number",
    "By telephone.",
)


def test_an_appointed_decider_reads_what_the_vetters_read(circle, judged, carla, as_):
    page = [circle.public_id, judged.public_id]
    text = as_(carla).get(reverse("vetting_page", args=page)).content.decode()
    assert [words for words in BESIDE if words not in text] == []
    paper = reverse("vetting_paper", args=[*page, judged.papers.get().public_id])
    assert as_(carla).get(paper).status_code == 200


def test_an_appointed_decider_signs_where_nobody_else_is_left(judged, carla, votes, acting):
    with pytest.raises(Refused, match="second person"):
        votes(judged, carla)
    with acting(carla):
        checks.sign(judged, judged.confirmations.get().pk, by=carla)
    votes(judged, carla)
    assert state_of(judged) == "offered"


@pytest.mark.parametrize("choice", ["approve", "recuse"])
def test_what_a_decider_read_closes_with_the_decision(
    choice, circle, judged, anna, carla, votes, acting, as_
):
    checks.Confirmation.objects.update(second_by_id=anna.pk)
    votes(judged, carla, choice)
    with acting(carla):
        for beside in ("references", "referees", "door_answers", "papers", "checks"):
            assert not getattr(judged, beside).exists()
        assert not judged.confirmations.exists()
    page = reverse("vetting_page", args=[circle.public_id, judged.public_id])
    text = as_(carla).get(page).content.decode()
    assert [words for words in BESIDE if words in text] == []


def test_v9_an_appointment_ends_with_the_membership_and_waits_again(
    circle, elsewhere, application, anna, vera, carla, votes, appoints, acting, sam
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    appoints(carla)
    with acting(sam):
        assert appealing.cases_for(sam) == []
    gone = {"state": "removed", "ended_at": timezone.now()}
    Membership.objects.filter(circle=elsewhere, member_id=carla.pk).update(**gone)
    with acting(sam):
        waits = [case.application_id for case in appealing.cases_for(sam)]
        assert application.pk in waits
    with acting(carla):
        assert not Application.objects.filter(circle=circle).exists()


def test_v9_what_waited_for_a_removed_admin_waits_for_the_others(
    circle, application, anna, vera, votes, acting
):
    gone = {"state": "removed", "ended_at": timezone.now()}
    Membership.objects.filter(circle=circle, member_id=anna.pk).update(**gone)
    with acting(vera):
        mine = Application.objects.filter(circle=circle).awaiting_vote_of(vera.pk)
        assert list(mine) == [application]
    votes(application, vera)
    assert state_of(application) == "offered"  # the one who is left decides


def test_a_steward_never_decides_and_appoints_only_whom_they_may(
    application, anna, vera, dirk, votes, sam, acting, appoints
):
    votes(application, anna, "recuse")
    votes(application, vera, "recuse")
    with acting(sam), pytest.raises(LookupError):
        vetting.vote(application, by=sam, choice="approve", sentence="Me.")
    later = new_vetter(application.circle, "later")
    Membership.objects.filter(member_id=later.pk).update(role="member", since=timezone.now())
    # himself, a plain member who came later, in no circle, not free
    for person in (sam, later, dirk, anna):
        with pytest.raises(Refused, match="None of them"):
            appoints(person)
    assert not Decider.objects.exists()


@pytest.mark.parametrize("name", ["anna", "bram", "carla"])
def test_only_a_steward_appoints(name, request, application, carla, acting):
    person = request.getfixturevalue(name)
    case = appealing.Case(application.pk, "x", "nobody", timezone.now())
    with acting(person), pytest.raises(Http404):
        appealing.appoint(case, [carla.pk], by=person)
    asked = "select kring_appoint(%s, %s)"
    with pytest.raises(ProgrammingError, match="only a steward"), acting(person):
        connection.cursor().execute(asked, [application.pk, [carla.pk]])
    with pytest.raises(ProgrammingError, match="permission denied"), acting(person):
        Decider.objects.create(
            circle_id=application.circle_id,
            application=application,
            member_id=person.pk,
            stage="review",
        )


def test_where_votes_differ_and_no_admin_is_free_an_appointed_person_decides(
    circle, application, anna, vera, carla, votes, appoints, acting
):
    third = new_vetter(circle, "third")
    votes(application, anna, "recuse")
    votes(application, vera)
    votes(application, third, "decline")
    appoints(carla)
    votes(application, carla, "abstain")
    with acting(carla):
        seen = Application.objects.get(pk=application.pk)
        vetting.decide(seen, by=carla, admit=True, sentence="I read both.")
    assert state_of(application) == "offered"


# --- appeals ------------------------------------------------------------------------------
def test_an_appeal_is_judged_by_two_who_did_not_vote(circle, refused, appeals, votes, letters_of):
    first, second = new_vetter(circle, "first"), new_vetter(circle, "second")
    appeals(refused)
    assert state_of(refused) == "appealed"
    votes(refused, first)
    assert state_of(refused) == "appealed"
    votes(refused, second)
    assert state_of(refused) == "offered"
    assert letters_of(refused) == ["application_appealed", "application_offered"]


def test_a_refused_appeal_is_final_with_its_reason(
    circle, refused, appeals, votes, reason, letters_of
):
    first, second = new_vetter(circle, "first"), new_vetter(circle, "second")
    appeals(refused)
    votes(refused, first, "decline")
    with pytest.raises(Refused):
        votes(refused, second, "decline", text="No.")
    votes(refused, second, "decline", **reason)
    refused.refresh_from_db()
    assert (refused.state, refused.decline_text) == ("declined_final", reason["text"])
    assert letters_of(refused)[-1] == "application_declined_final"


def test_an_appeal_with_too_few_judges_waits_for_the_steward(
    refused, appeals, anna, carla, sam, votes, appoints, falls_due, acting
):
    appeals(refused)
    falls_due("steward_needed")
    assert Letter.objects.filter(kind="steward_case", member=sam).exists()
    other = make.member("other")
    make.circle("Wrists", admin=other)
    assert appoints(carla, other, anna) == 2  # anna voted on the refusal
    votes(refused, carla)
    votes(refused, other)
    assert state_of(refused) == "offered"


def test_of_two_judges_who_differ_a_third_is_appointed(
    circle, refused, appeals, carla, sam, votes, appoints, acting
):
    first, second = new_vetter(circle, "first"), new_vetter(circle, "second")
    appeals(refused)
    votes(refused, first)
    votes(refused, second, "decline")
    with acting(sam):
        assert [case.why for case in appealing.cases_for(sam)] == ["differ"]
    appoints(carla)
    votes(refused, carla)
    assert state_of(refused) == "offered"


def test_only_whoever_judges_reads_the_appeal(circle, refused, anna, vera, appeals, acting):
    judge = new_vetter(circle, "judge")
    appeals(refused)
    for person in (anna, vera):
        with acting(person):
            assert not Appeal.objects.exists()
    with acting(judge):
        assert Appeal.objects.get().words == "You did not see my certificate."


def test_after_21_days_there_is_no_appeal(refused, appeals, acting):
    long_ago = timezone.now() - timedelta(days=22)
    Application.objects.filter(pk=refused.pk).update(moved_at=long_ago)
    with pytest.raises(Refused, match="21 days"):
        appeals(refused)
    with (
        pytest.raises(DatabaseError, match="within 21 days"),
        acting(None),
        acting_with(refused.link_id),
    ):
        Application.objects.filter(pk=refused.pk).update(state="appealed")


def test_an_appeal_is_filed_once(circle, refused, appeals, votes, reason):
    first, second = new_vetter(circle, "first"), new_vetter(circle, "second")
    appeals(refused)
    with pytest.raises(Refused, match="appealed"):
        appeals(refused)
    votes(refused, first, "decline")
    votes(refused, second, "decline", **reason)
    with pytest.raises(Refused):
        appeals(refused)


def test_no_vetter_appeals_for_the_applicant(refused, anna, acting):
    with pytest.raises(DatabaseError, match=r"kring:|row-level"), acting(anna):
        Application.objects.filter(pk=refused.pk).update(state="appealed")


def test_words_are_erased_after_the_last_right_has_ended(
    circle, anna, vera, votes, reason, appeals, falls_due
):
    application = make.application(circle)
    votes(application, anna, "decline")
    votes(application, vera, "decline", **reason)
    application.refresh_from_db()
    erased = application.erased_on
    assert erased == application.moved_at + timedelta(days=21 + 28)
    appeals(application)
    falls_due("application_erase")  # of the refusal, while the appeal is judged
    assert Application.objects.get(pk=application.pk).email


def test_an_appeal_that_is_late_gets_a_new_date_and_the_steward_a_letter(
    refused, appeals, sam, falls_due, letters_of
):
    appeals(refused)
    for days in (22, 30):
        gone = timezone.now() - timedelta(days=days)
        facts = {"review_since": gone, "decide_before": timezone.now() - timedelta(hours=1)}
        Application.objects.filter(pk=refused.pk).update(**facts)
        falls_due("application_late")
    assert letters_of(refused)[-1] == "application_delayed"
    assert Letter.objects.filter(kind="steward_case", member=sam).exists()
