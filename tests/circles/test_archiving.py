"""Archiving a circle: two admins, what stops at once, what its members keep, and opening it again."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from circles import appealing, archiving
from circles.models import Application, Archiving, Circle, GuideEntry, Invitation, Membership
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import due
from members.letters import KINDS
from members.models import AuditEntry, Due, Letter
from tests import make
from tests.conftest import role

WHY = "Our guideline is written and in use."


def mail(letter: Letter):
    with role("kring_worker"):
        return KINDS[letter.kind].compose(letter)


@pytest.fixture
def led(circle, anna, vera):
    """anna and vera lead the circle; bram is in it."""
    Membership.objects.filter(circle=circle, member_id=vera.pk).update(role="admin")
    return circle


@pytest.fixture
def archived(led, anna, vera, acting):
    with acting(anna):
        archiving.ask(led, by=anna, why=WHY)
    with acting(vera):
        archiving.confirm(led, by=vera)
    led.refresh_from_db()
    return led


def rights(member, acting) -> list[list[int]]:
    with acting(member), connection.cursor() as cursor:
        cursor.execute(
            "select kring_reads(), kring_writes(), kring_vets(), kring_administers(),"
            " kring_invites(), kring_leads()"
        )
        return list(cursor.fetchone())


# --- two admins ---------------------------------------------------------------------------
def test_one_admin_asks_and_nothing_happens(led, anna, vera, acting):
    with acting(anna):
        archiving.ask(led, by=anna, why=WHY)
        with pytest.raises(Refused, match="another admin"):
            archiving.confirm(led, by=anna)
    assert not Circle.objects.get(pk=led.pk).is_archived
    told = mail(Letter.objects.get(kind="archiving_waits"))
    assert told.to == vera.email
    assert reverse("circle_archive", args=[led.public_id]) in told.text


def test_the_database_keeps_two(led, anna):
    with pytest.raises(DatabaseError, match="a_second_admin_archives"), transaction.atomic():
        make.archiving(led, by=anna, second_by_id=anna.pk, second_at=timezone.now())


def test_no_member_archives_a_circle(led, anna, bram, acting, as_):
    asked = make.archiving(led, by=anna)
    with acting(bram):
        assert not Archiving.objects.filter(pk=asked.pk).exists()
        with pytest.raises(DatabaseError, match="no admin"), transaction.atomic():
            archiving.confirm(led, by=bram)
    assert as_(bram).get(reverse("circle_archive", args=[led.public_id])).status_code == 404


def test_a_reason_says_something_and_stays_in_the_field(led, anna, as_):
    address = reverse("circle_archive", args=[led.public_id])
    page = as_(anna).post(address, {"ask": "1", "why": "Done."}).content.decode()
    assert "at least 20 characters" in page
    assert ">Done.<" in page.replace("\n", "")


def test_what_was_asked_can_be_taken_back(led, anna, vera, acting):
    with acting(anna):
        archiving.ask(led, by=anna, why=WHY)
        archiving.take_back(led, by=anna)
    with acting(vera), pytest.raises(Refused, match="meanwhile"):
        archiving.confirm(led, by=vera)


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_confirming_at_once_one_is_refused(anna, bram, vera):
    place = make.circle(admin=anna)
    for second in (bram, vera):
        make.membership(place, second, role="admin")
    make.archiving(place, by=anna)
    barrier, said = threading.Barrier(2), []

    def press(member):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local role kring_web")
                with acting_as(member.pk):
                    barrier.wait()
                    said.append(archiving.confirm(place, by=member))
        except Refused as refused:
            said.append(refused.sentence)
        finally:
            connection.close()

    both = [threading.Thread(target=press, args=[member]) for member in (bram, vera)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(said)[1] == "archive"
    assert len(said) == 2
    assert AuditEntry.objects.filter(act="circle.archived").count() == 1


# --- what stops at once -------------------------------------------------------------------
def test_an_archived_circle_is_read_and_not_written(archived, anna, bram, acting):
    assert rights(bram, acting) == [[archived.pk], [], [], [], [], []]
    assert rights(anna, acting) == [[archived.pk], [], [], [], [], [archived.pk]]


def test_nobody_asks_or_answers_by_any_door(archived, anna, bram, acting, as_):
    question = make.question(archived, by=anna)
    page = as_(bram).get(reverse("question_list", args=[archived.public_id])).content.decode()
    assert "was archived" in page
    assert reverse("question_ask", args=[archived.public_id]) not in page
    assert as_(bram).get(reverse("question_ask", args=[archived.public_id])).status_code == 404
    address = reverse("question_answer", args=[archived.public_id, question.public_id])
    told = as_(bram).post(address, {"body": "Try a splint."}).content.decode()
    assert "You can read here, but not write" in told
    assert not question.answers.exists()


def test_its_admins_set_nothing_any_more(archived, anna, as_):
    for name in ("circle_settings", "person_list", "vetting_desk", "archive_import"):
        assert as_(anna).get(reverse(name, args=[archived.public_id])).status_code == 404


def test_everybody_in_it_gets_a_letter_with_the_last_day(archived, bram):
    told = mail(Letter.objects.get(kind="circle_archived", member=bram))
    assert reverse("own_data_page") in told.text
    assert Letter.objects.filter(kind="circle_archived").count() == 3


def test_it_leaves_the_guide(archived):
    assert not GuideEntry.objects.filter(pk=archived.pk).exists()


@pytest.mark.parametrize("state", ["review", "objection", "waitlisted", "offered"])
def test_whoever_applies_is_told_and_the_words_are_erased(led, anna, vera, acting, state):
    running = make.application(led, state=state)
    other = make.invitation(led, by=anna)
    with acting(anna):
        archiving.ask(led, by=anna, why=WHY)
    with acting(vera):
        archiving.confirm(led, by=vera)
    assert Application.objects.get(pk=running.pk).state == "expired"
    assert Invitation.objects.get(pk=other.pk).state == "expired"
    told = mail(Letter.objects.get(kind="application_archived"))
    assert "gearchiveerd" in told.text
    assert Due.objects.filter(kind="application_erase", subject_id=running.pk).exists()


def test_nobody_appeals_at_an_archived_circle(archived):
    refused = make.application(archived, "declined", decline_code="other", decline_text="Feet.")
    with translation.override("en"), role("kring_web"), pytest.raises(Refused, match="archived"):
        appealing.appeal(refused, words="Look again.")


def test_the_calendar_lets_its_members_be(archived, bram, house):
    mine = Membership.objects.filter(circle=archived, member_id=bram.pk)
    mine.update(verified_at=timezone.now() - timedelta(days=500))
    with house():
        due.run_due()
    assert mine.get().state == "active"


def test_an_admin_may_leave_though_one_is_left(archived, anna, acting):
    with acting(anna):
        changed = Membership.objects.filter(circle=archived, member_id=anna.pk)
        assert changed.update(state="left") == 1


# --- again, or never ----------------------------------------------------------------------
def test_two_admins_open_it_again(archived, anna, vera, bram, acting, as_):
    with acting(vera):
        archiving.ask(archived, by=vera, why="There is a second guideline to write.")
    with acting(anna):
        assert archiving.confirm(archived, by=anna) == "reopen"
    assert rights(bram, acting)[1] == [archived.pk]
    assert GuideEntry.objects.filter(pk=archived.pk).exists()
    assert "open again" in mail(Letter.objects.get(kind="circle_reopened", member=bram)).text


def test_after_ninety_days_it_closes_for_everybody(archived, anna, bram, acting, house, as_):
    long_ago = timezone.now() - timedelta(days=91)
    Circle.objects.filter(pk=archived.pk).update(
        archived_at=long_ago, closes_at=long_ago + timedelta(days=90)
    )
    assert rights(bram, acting)[0] == []
    page = reverse("question_list", args=[archived.public_id])
    assert as_(bram).get(page).status_code == 404
    Due.objects.filter(kind="circle_closes").update(due_at=long_ago)
    with house():
        due.run_due()
    assert set(Membership.objects.filter(circle=archived).values_list("state", flat=True)) == {
        "left"
    }


def test_nobody_closes_a_circle_before_its_day(archived, house):
    Due.objects.filter(kind="circle_closes").update(due_at=timezone.now())
    with house():
        due.run_due()
    assert Membership.objects.filter(circle=archived, state="active").count() == 3


def test_what_one_wrote_is_one_s_own_after_it_closed(archived, bram, acting, as_):
    make.question(archived, by=bram, title="My own question?")
    Circle.objects.filter(pk=archived.pk).update(closes_at=timezone.now())
    assert archived.name in as_(bram).get(reverse("own_data_page")).content.decode()


def test_an_archived_circle_is_asked_nothing_by_hand(archived, bram, acting):
    with acting(bram), pytest.raises(DatabaseError), transaction.atomic():
        make.question(archived, by=bram)
