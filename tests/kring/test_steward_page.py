"""The page of whoever runs the installation: what waits, what is kept, and nothing of content."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kring import VERSION, health
from members.models import AuditEntry, Backup, Letter, Sweep
from tests import make


@pytest.fixture(autouse=True)
def read_anew(monkeypatch):
    monkeypatch.setattr(health, "_last", None)


@pytest.fixture
def page(sam, as_):
    def read() -> str:
        return as_(sam).get(reverse("steward_page")).content.decode()

    return read


def test_a_quiet_page_says_that_all_runs(page, db):
    text = page()
    assert "Everything runs on time" in text
    assert "No circle waits for your answer" in text
    assert "No letter is in trouble" in text
    assert "No backup was ever made here" in text


def test_nothing_of_a_circle_is_on_it(circle, bram, page):
    make.membership(circle, make.member("second"), role="admin")  # it waits for no other
    question = make.question(circle, by=bram, title="Splint or screw?")
    make.dead_letter(bram, circle_id=circle.pk)
    text = page()
    hidden = [question.title, circle.name, circle.public_id, bram.email, bram.profile.name]
    assert [word for word in hidden if word in text] == []
    assert "<b>New password</b>" in text


def test_a_queue_that_is_too_old_is_late(bram, page):
    then = timezone.now() - timedelta(hours=3, minutes=5)
    Letter.objects.create(kind="x", member=bram, subject_id=1, due_at=then)
    text = page()
    assert "Something is late" in text
    assert "3 hours" in text


def test_a_circle_that_waits_comes_first(anna, bram, page):
    make.proposal("Wrist surgeons", by=[anna, bram])
    text = page()
    assert "One circle asks for your answer" in text
    assert "proposed by 2 people" in text


def test_the_last_backup_and_the_versions_are_told(page, db):
    now = timezone.now()
    facts = {"made_at": now, "read_back_at": now, "size": 4_300_000, "rows": 120, "files": 2}
    Backup.objects.create(**facts, key_tried=True)
    text = page()
    assert "120 rows and 2 files" in text
    assert "opened with your secret key" in text
    assert VERSION in text


def test_a_letter_goes_again_by_one_button(bram, sam, page, as_):
    dead = make.dead_letter(bram)
    address = page().split('action="/steward/letters/')[1].split('"')[0]
    reply = as_(sam).post(f"/steward/letters/{address}", follow=True)
    assert "goes again within a minute" in reply.content.decode()
    dead.refresh_from_db()
    assert dead.state == "failed"
    assert AuditEntry.objects.filter(act="letter.tried_again").exists()


def test_a_steward_comes_home_to_it(sam, as_):
    assert as_(sam).get("/").headers["Location"] == reverse("steward_page")


def test_the_page_asks_as_much_for_many_as_for_few(anna, bram, page, queries):
    make.proposal(by=[anna, bram])
    make.dead_letter(bram)
    page()
    few = queries(page)
    for number in range(5):
        make.proposal(f"Circle {number}", by=[anna, bram])
        make.dead_letter(bram, seq=number + 1)
    assert queries(page) == few


def test_an_old_sign_in_is_asked_for_again(anna, bram, sam, as_):
    sam.set_password("five wise owls on a wall")
    sam.save()
    proposed = make.proposal(by=[anna, bram])
    browser = as_(sam)
    reply = browser.post(reverse("steward_confirm", args=[proposed.public_id]))
    assert "/account/again/" in reply.headers["Location"] or "reauth" in reply.headers["Location"]
    proposed.refresh_from_db()
    assert proposed.confirmed_at is None


def test_its_sweeps_are_not_named(page, db):
    Sweep.objects.create(task="members.tasks.x", ended_at=timezone.now(), seconds=1, worked=True)
    assert "members.tasks" not in page()
