"""The duty of a steward: who gets it, what goes with it, and the letters that did not arrive."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import translation

from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import links, stewards
from members.letters import KINDS
from members.models import AuditEntry, Letter, Member
from tests import make
from tests.conftest import role


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def test_the_first_steward_gets_an_account_and_a_way_to_a_password(db, capsys):
    call_command("create_steward", "Jo@Example.org", name="Jo Terpstra", language="en")
    jo = Member.objects.get(email="jo@example.org")
    assert jo.is_steward
    assert not jo.has_usable_password()
    assert jo.profile.name == "Jo Terpstra"
    with role("kring_worker"):
        mail = KINDS["password_reset"].compose(Letter.objects.get(member=jo))
    assert mail.to == "jo@example.org"
    assert "http" not in capsys.readouterr().out  # no link, no password
    assert AuditEntry.objects.filter(act="steward.appointed", about_id=jo.pk).count() == 1


def test_the_link_in_that_letter_chooses_a_password(db, client):
    call_command("create_steward", "jo@example.org", name="Jo")
    with role("kring_worker"):
        mail = KINDS["password_reset"].compose(Letter.objects.get())
    path = next(word for word in mail.text.split() if "/password/reset/key/" in word)
    page = client.get(path.split("8000")[1], follow=True)
    words = "five wise owls on a wall"
    client.post(page.request["PATH_INFO"], {"password1": words, "password2": words})
    assert Member.objects.get().check_password(words)


def test_a_second_time_says_so(sam):
    with pytest.raises(CommandError, match="is a steward already"):
        call_command("create_steward", sam.email)


def test_the_duty_is_taken_back(sam):
    call_command("create_steward", sam.email, remove=True)
    sam.refresh_from_db()
    assert not sam.is_steward
    assert AuditEntry.objects.filter(act="steward.dismissed", about_id=sam.pk).exists()
    with pytest.raises(CommandError, match="is no steward"):
        call_command("create_steward", sam.email, remove=True)


def test_whoever_is_in_a_circle_is_no_steward(circle, bram):
    with pytest.raises(CommandError, match="is in a circle"):
        call_command("create_steward", bram.email)
    bram.refresh_from_db()
    assert not bram.is_steward


def test_a_steward_takes_no_seat(circle, sam):
    with pytest.raises(DatabaseError, match="a steward is in no circle"), transaction.atomic():
        make.membership(circle, sam)


def test_whoever_has_left_every_circle_may_become_one(eva):
    call_command("create_steward", eva.email)
    eva.refresh_from_db()
    assert eva.is_steward


def test_no_page_and_no_worker_makes_a_steward(bram):
    for name in ("kring_web", "kring_worker"):
        with role(name), acting_as(bram.pk), pytest.raises(DatabaseError), transaction.atomic():
            Member.objects.filter(pk=bram.pk).update(is_steward=True)


# --- letters that did not arrive ----------------------------------------------------------
def test_a_steward_sees_how_a_letter_fared_and_not_whose_it_is(bram, sam, acting):
    make.dead_letter(bram)
    with acting(sam):
        told = stewards.troubled_letters()
        assert not Letter.objects.exists()
    assert [(one.kind, one.state, one.reason) for one in told] == [
        ("password_reset", "dead", "550")
    ]
    assert not {"member_id", "circle_id", "subject_id"} & vars(told[0]).keys()


def test_nobody_else_is_told(bram, anna, acting):
    make.dead_letter(bram)
    with acting(anna):
        assert stewards.troubled_letters() == []


def test_a_letter_that_must_arrive_goes_again(bram, sam, acting, house):
    dead = make.dead_letter(bram)
    with acting(sam):
        stewards.try_again(stewards.troubled_letters()[0], by=sam)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.settled_at) == ("failed", 0, None)
    assert Letter.objects.waiting().get() == dead
    assert AuditEntry.objects.get(act="letter.tried_again").by_id == sam.pk


@pytest.mark.parametrize(
    ("kind", "state"), [("weekly_digest", "dead"), ("password_reset", "unknown")]
)
def test_what_may_have_arrived_or_need_not_does_not_go_again(bram, sam, acting, kind, state):
    kept = make.dead_letter(bram, kind, state=state)
    with acting(sam), pytest.raises(Refused, match="not sent a second time"):
        stewards.try_again(stewards.troubled_letters()[0], by=sam)
    kept.refresh_from_db()
    assert kept.state == state


def test_a_letter_that_went_meanwhile_is_left(bram, sam, acting):
    dead = make.dead_letter(bram)
    with acting(sam):
        told = stewards.troubled_letters()[0]
    Letter.objects.filter(pk=dead.pk).update(state="sent")
    with acting(sam), pytest.raises(Refused, match="has gone meanwhile"):
        stewards.try_again(told, by=sam)


def test_the_name_of_a_letter_cannot_be_made_up(bram, sam, as_):
    dead = make.dead_letter(bram)
    for name in (str(dead.pk), links.token("another", dead.pk)):
        assert as_(sam).post(f"/steward/letters/{name}/").status_code == 404
