"""A second start prepares nothing, unless something has changed."""

import os

from kring.local import prepared, servers
from kring.local.environment import OWNER_COMMANDS


def test_a_change_of_a_source_or_setting_prepares_again(monkeypatch, tmp_path):
    monkeypatch.setattr(prepared, "REPOSITORY", tmp_path)
    (tmp_path / "static").mkdir()
    words = [prepared.fingerprint({})]
    (tmp_path / "static" / "page.css").write_text("p {}")
    words.append(prepared.fingerprint({}))
    os.utime(tmp_path / "static" / "page.css", (1, 1))
    words.append(prepared.fingerprint({}))
    words.append(prepared.fingerprint({"KRING_DEMO": "1"}))
    assert len(set(words)) == 4


def test_what_is_made_from_the_sources_changes_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(prepared, "REPOSITORY", tmp_path)
    (tmp_path / "locale").mkdir()
    before = prepared.fingerprint({})
    (tmp_path / "locale" / "django.mo").touch()
    assert prepared.fingerprint({}) == before


def test_it_is_done_once_it_ended_well(tmp_path):
    assert not prepared.is_done(tmp_path, "word")
    prepared.done(tmp_path, "word")
    assert prepared.is_done(tmp_path, "word")
    assert not prepared.is_done(tmp_path, "another")


def test_a_new_cluster_is_not_prepared(home):
    home.mkdir()
    prepared.done(home, "word")
    servers.ensure(home, fast=True).stop()
    assert not prepared.is_done(home, "word")


def test_a_command_that_may_change_tables_undoes_it(another, kept):
    assert "flush" in OWNER_COMMANDS
    prepared.done(kept, "word")
    text = "from kring import local; local.prepare_environment(['manage.py', 'flush'])"
    another("-c", text, KRING_HOME=str(kept)).communicate()
    assert not prepared.is_done(kept, "word")
