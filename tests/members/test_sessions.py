"""Sessions: the browser holds the key, the database only its print."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from kring.schedule import SWEEPS
from members import tasks

pytestmark = pytest.mark.django_db
COOKIE = settings.SESSION_COOKIE_NAME


def is_in(browser) -> bool:
    return browser.get("/settings/").status_code == 200


def test_a_stolen_row_opens_no_session(client, bram, as_):
    browser = as_(bram)
    assert is_in(browser)
    row = Session.objects.get()
    assert row.pk != browser.cookies[COOKIE].value
    client.cookies[COOKIE] = row.pk
    assert not is_in(client)


def test_signing_out_ends_the_session_for_every_holder_of_its_key(bram, as_):
    browser = as_(bram)
    key, row = browser.cookies[COOKIE].value, Session.objects.get()
    browser.post("/account/logout/")
    assert not Session.objects.filter(pk=row.pk).exists()
    browser.cookies[COOKIE] = key
    assert not is_in(browser)


def test_a_changed_key_leaves_one_row_and_the_old_key_opens_nothing(client, bram, as_):
    browser = as_(bram)
    session = browser.session
    session.cycle_key()
    assert Session.objects.count() == 1
    assert not is_in(browser)
    client.cookies[COOKIE] = session.session_key
    assert is_in(client)


def test_sessions_that_ended_are_cleared_every_day(bram, carla, as_, house):
    as_(bram)
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    browser = as_(carla)
    with house():
        tasks.clear_sessions()
    assert Session.objects.count() == 1
    assert is_in(browser)
    due = [row["task"] for row in SWEEPS.values()]
    assert "members.tasks.clear_sessions" in due
