"""The ledger of erasures: no content, kept outside as well, applied again."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from circles import forgetting
from circles.models import Application
from members import erasing, links, silence
from members.models import Due, Erasure, Silence
from members.tasks import run_due
from tests import make

INVITATION = ("invitation", "invitation_key")


@pytest.fixture
def file(tmp_path, settings):
    settings.ERASURES = tmp_path / "elsewhere" / "erasures.jsonl"
    return settings.ERASURES


@pytest.fixture
def ended(circle):
    """An application whose time to be erased has come."""
    application = make.application(circle, state="withdrawn", name="Dirk", email="d@example.org")
    then = timezone.now() - timedelta(minutes=1)
    Due.objects.create(kind="application_erase", subject_id=application.pk, due_at=then)
    return application


def kept(file) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_what_the_clock_erases_stands_in_the_file_outside(ended, file, house):
    with house():
        run_due()
    lines = [(line["kind"], line["row"]) for line in kept(file)]
    assert lines == [("application_key", ended.pk), ("application", ended.pk)]
    assert "Dirk" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_each_line_is_written_once(ended, file, house):
    with house():
        run_due()
        run_due()
        assert erasing.keep_outside(file) == 0
    assert len(kept(file)) == 2


def test_a_line_that_was_cut_spoils_none_that_follows(ended, file, house):
    file.parent.mkdir()
    file.write_text('{"kind": "applica')
    with house():
        run_due()
    lines, bad = erasing.read_file(file)
    assert [line.row_id for line in lines] == [ended.pk, ended.pk]
    assert bad == 1


def test_an_erasure_that_fails_leaves_no_line(ended, house):
    with house(), pytest.raises(LookupError, match="registered"):
        erasing.record("nobody's kind", 1)
    assert not Erasure.objects.exists()


def test_what_came_back_is_erased_again_and_ends(circle):
    """At the time of the backup it was under review still."""
    came_back = make.application(circle, state="review")
    text = links.token_of(came_back.link)
    line = erasing.Line("application", came_back.pk, timezone.now())
    assert erasing.apply_again([line, line]).erased == 1
    came_back.refresh_from_db()
    assert (came_back.email, came_back.brings, came_back.state) == ("", "", "expired")
    assert links.alive("application", text) is None


def test_erasing_again_touches_nobody_else(circle):
    make.application(circle, name="Stays")
    line = erasing.Line("application", 10**9, timezone.now())
    again = erasing.apply_again([line, erasing.Line("later", 1, timezone.now())])
    assert (again.erased, again.gone, again.unknown) == (0, 1, 1)
    assert Application.objects.filter(name="Stays").exists()
    assert Erasure.objects.count() == 2  # remembered for the next restore all the same


def test_never_again_outlives_the_database(file, house):
    silence.ask(silence.key_of("dirk@example.org"))
    with house():
        erasing.keep_outside(file)
    Silence.objects.all().delete()
    lines, _bad = erasing.read_file(file)
    assert erasing.apply_again(lines).erased == 1
    assert silence.is_asked("Dirk@example.org")
    assert "dirk" not in file.read_text()


def test_an_invitation_that_came_back_is_erased_and_forgotten_again(circle, bram):
    came_back = make.invitation(circle, bram, address="eline@example.org")
    lines = [erasing.Line(kind, came_back.pk, timezone.now()) for kind in INVITATION]
    assert erasing.apply_again(lines).erased == 2
    came_back.refresh_from_db()
    assert (came_back.address, came_back.address_key, came_back.state) == ("", "", "expired")


def test_a_refused_application_keeps_its_end(circle):
    reason = {"decline_code": "other", "decline_text": "Not of this profession, alas."}
    refused = make.application(circle, state="declined", **reason)
    assert forgetting.erase_again(erasing.Line("application", refused.pk, timezone.now()))
    refused.refresh_from_db()
    assert refused.state == "declined"
