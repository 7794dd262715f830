"""An admin brings a file in the browser: a dry run, then the move, in slices that can be stopped."""

import gzip
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from struct import pack, unpack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from circles.models import Membership
from members.models import AuditEntry
from questions.archive import imports, running
from questions.models import ArchiveImport, ImportFinding, Question
from tests.questions.archive.conftest import LIST, address_of
from tests.questions.archive_rows import attributes, question


@pytest.fixture
def made(bring, work):
    """A list that was looked at."""
    assert bring().status_code == 302
    work()
    return ArchiveImport.objects.get()


# --- bringing --------------------------------------------------------------------------------
def test_a_file_is_kept_apart_under_no_name_of_its_own(bring, files):
    bring(name="../../../etc/passwd.csv")
    made = ArchiveImport.objects.get()
    kept = imports.path_of(made)
    assert kept.parent == files / "imports"
    assert kept.read_text() == LIST
    assert oct(kept.stat().st_mode)[-3:] == "600"
    assert made.file_name == "passwd.csv"


def test_a_dry_run_shows_what_would_come_and_writes_nothing(made, as_, anna, circle, page):
    shown = page(as_(anna), made).content.decode()
    assert made.state == "checked"
    assert "Splint or pins?" in shown
    assert "<b>Line 3</b>: its title is empty" in " ".join(shown.split())
    assert "Two rows stay out" in shown
    assert not Question.objects.filter(circle=circle).exists()


def test_a_yes_moves_it_in_and_the_file_goes(made, as_, anna, work, circle, press):
    press(as_(anna), made, "go")
    work()
    made.refresh_from_db()
    assert (made.state, made.done, made.total) == ("done", made.total, made.total)
    titles = Question.objects.filter(circle=circle).order_by("created_at")
    assert list(titles.values_list("title", flat=True)) == ["Splint or pins?", "And then?"]
    assert not imports.path_of(made).exists()
    acts = AuditEntry.objects.filter(circle_id=circle.pk).order_by("id")
    assert [line.act for line in acts] == ["import.started", "import.ordered", "archive.imported"]
    assert acts.last().by_id == anna.pk


def test_the_report_is_a_list_of_the_bad_rows(made, as_, anna):
    report = as_(anna).get(f"{address_of(made)}report/")
    lines = report.content.decode().lstrip("\ufeff").splitlines()
    assert lines[0] == "file,line,reason"
    assert lines[1] == "list.csv,3,its title is empty"
    assert lines[2].startswith("list.csv,4,")
    assert "attachment" in report["Content-Disposition"]


def test_what_came_with_a_source_says_so(bring, work, as_, anna, bram, circle, press):
    bring(licence="CC0 1.0", link="https://example.org/list")
    work()
    press(as_(anna), ArchiveImport.objects.get(), "go")
    work()
    asked = Question.objects.get(circle=circle, title="Splint or pins?")
    shown = as_(bram).get(f"/c/{circle.public_id}/q/{asked.public_id}/").content.decode()
    assert '<a href="https://example.org/list"' in shown
    assert "from Mail list</a>, CC0 1.0" in shown


def test_one_at_a_time(bring, as_, anna):
    bring()
    again = bring()
    assert "There is one under way" in again.content.decode()
    assert ArchiveImport.objects.count() == 1


def test_a_second_file_after_the_first_was_dropped(made, bring, as_, anna, press):
    press(as_(anna), made, "drop")
    made.refresh_from_db()
    assert made.state == "discarded"
    assert not ImportFinding.objects.filter(kind="coming").exists()
    assert bring().status_code == 302


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"content": b""}, "This file is empty."),
        ({"source": ""}, "Say where it comes from."),
        ({"link": "no address"}, "Enter a web address"),
        ({"kind": "poems"}, "Select a valid choice"),
    ],
)
def test_a_mistake_in_the_form_is_a_sentence(bring, given, sentence):
    assert sentence in bring(**given).content.decode()
    assert not ArchiveImport.objects.exists()


def test_a_file_that_is_too_large_is_a_sentence(bring, monkeypatch, files):
    from questions.views import moving

    monkeypatch.setattr(moving.archive_import, "most_bytes", 10)
    assert "larger than 100 MB" in bring().content.decode()
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_other_pages_take_no_file(as_, bram, circle, files):
    as_(bram).post(f"/c/{circle.public_id}/ask/", {"file": SimpleUploadedFile("a", b"x")})
    assert not files.exists()


# --- what a file can do ------------------------------------------------------------------------
POSTS = f"<posts>\n<row {attributes(question(1))} />\n</posts>"


def packed(**files) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return into.getvalue()


def brought(bring, work, content) -> ArchiveImport:
    bring(content, name="dump.zip", kind="stackexchange", source="ai.stackexchange.com")
    work()
    return ArchiveImport.objects.get()


def test_a_zip_of_a_dump_moves_in(bring, work, as_, anna, circle, files, press):
    made = brought(bring, work, packed(**{"..__..__Posts_xml": POSTS}))
    press(as_(anna), made, "go")
    work()
    assert Question.objects.get(circle=circle).source_key == "ai:q:1"
    assert [path for path in files.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"7z\xbc\xaf\x27\x1c rest", "This is a 7z file"),
        (b"nothing of the kind", "This is no zip that can be read."),
        (packed(Users_xml="<users/>"), "There is no Posts.xml in the zip."),
        (packed(Posts_xml="<!DOCTYPE x [<!ENTITY a 'b'>]><posts/>"), "declares a document type"),
        (packed(Posts_xml=b"\0" * 11 * 1024**2), "unpacks to more than"),
        (packed(Posts_xml=POSTS).replace(b"PK\3\4", b"PK\3\5"), "no zip that can be read."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_a_sentence(bring, work, as_, anna, content, sentence, page):
    made = brought(bring, work, content)
    assert made.state == "refused"
    assert sentence in page(as_(anna), made).content.decode()
    assert not imports.path_of(made).exists()


def test_what_unpacks_twice_is_stopped_while_it_does(bring, work, monkeypatch):
    monkeypatch.setattr("questions.archive.places.MOST_UNPACKED", 2000)
    bomb = gzip.compress((POSTS + "\n" * 5000).encode())
    made = brought(bring, work, packed(**{"Posts_xml.gz": bomb}))
    assert made.state == "refused"
    assert "unpacks to more than" in ImportFinding.objects.get(kind="refusal").text


def test_a_zip_with_an_endless_list_is_not_opened(bring, work, monkeypatch):
    monkeypatch.setattr("questions.archive.places.LONGEST_CONTENTS", 50)
    made = brought(bring, work, packed(Posts_xml=POSTS, Users_xml="<users/>"))
    assert "far more files" in ImportFinding.objects.get(archive_import=made).text


def lied_about(content: bytes, how: str) -> bytes:
    """A zip whose last words say that its list is short."""
    last = bytearray(content[-22:])
    if how == "twice":  # the older words say nothing, the newer ones before them the length
        length, begin = unpack("<LL", last[12:20])
        newer = pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, length, begin)
        found = pack("<4sLQL", b"PK\6\7", 0, len(content) - 22, 1)
        last[12:16] = bytes(4)
        return content[:-22] + newer + found + last
    last[16:20] = b"PK\5\6"  # a beginning of other last words
    return content[:-22] + last


@pytest.mark.parametrize("how", ["twice", "inside"])
def test_a_zip_that_lies_about_its_list_is_not_opened(how, bring, work, monkeypatch):
    monkeypatch.setattr("questions.archive.places.LONGEST_CONTENTS", 50)
    content = packed(Posts_xml=POSTS, Users_xml="<users/>")
    made = brought(bring, work, lied_about(content, how))
    assert "far more files" in ImportFinding.objects.get(archive_import=made).text


def test_a_wrong_header_names_the_columns(bring, work, as_, anna, page):
    bring("naam;adres\nx;y\n")
    work()
    shown = page(as_(anna), ArchiveImport.objects.get()).content.decode()
    assert "Found: naam, adres." in shown


# --- in slices --------------------------------------------------------------------------------
@pytest.fixture
def long_list(bring, work, monkeypatch):
    """A list of ten bundles, ready to move in, a slice a bundle."""
    monkeypatch.setattr("questions.archive.move.BUNDLE", 2)
    monkeypatch.setattr(running, "SLICE", -1)
    bring("question\n" + "".join(f"Question {n}?\n" for n in range(20)))
    work()
    return ArchiveImport.objects.get()


def test_a_slice_ends_and_the_next_goes_on(long_list, as_, anna, house, work, circle, press):
    press(as_(anna), long_list, "go")
    with house():
        assert running.run(long_list.pk)
    long_list.refresh_from_db()
    assert (long_list.done, long_list.state) == (2, "moving")
    work()
    long_list.refresh_from_db()
    assert (long_list.done, long_list.state) == (20, "done")
    assert long_list.counts["moved"]["question"] == 20
    assert Question.objects.filter(circle=circle).count() == 20


def test_an_admin_stops_it_and_goes_on(long_list, as_, anna, house, work, circle, press):
    browser = as_(anna)
    press(browser, long_list, "go")
    with house():
        running.run(long_list.pk)
    assert "Stopped half-way" in press(browser, long_list, "stop").content.decode()
    work()
    assert Question.objects.filter(circle=circle).count() == 2
    press(browser, long_list, "go")
    work()
    assert Question.objects.filter(circle=circle).count() == 20


def test_a_bundle_after_the_stop_is_not_written(
    long_list, as_, anna, house, circle, monkeypatch, press
):
    press(as_(anna), long_list, "go")

    def stopped_meanwhile(watch, count):
        ArchiveImport.objects.filter(pk=long_list.pk).update(state="stopped")

    monkeypatch.setattr(running.Keeper, "moves", stopped_meanwhile)
    with house():
        assert not running.run(long_list.pk)
    assert Question.objects.filter(circle=circle).count() == 2


def test_two_workers_do_not_do_it_twice(long_list, as_, anna, house, press):
    press(as_(anna), long_list, "go")
    ArchiveImport.objects.update(held_until=timezone.now() + timedelta(seconds=30))
    with house():
        assert running.waiting() == []
        assert not running.run(long_list.pk)


def test_what_a_killed_worker_held_is_free_after_a_minute(long_list, as_, anna, house, press):
    press(as_(anna), long_list, "go")
    ArchiveImport.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    with house():
        assert running.waiting() == [long_list.pk]


def test_a_mistake_of_ours_leaves_it_to_be_gone_on_with(
    made, as_, anna, work, monkeypatch, caplog, page, press
):
    def breaks(*args):
        raise ValueError("Splint or pins?")

    monkeypatch.setattr("questions.archive.running.go_on", breaks)
    press(as_(anna), made, "go")
    work()
    assert "This went wrong on our side" in page(as_(anna), made).content.decode()
    assert "ValueError" in caplog.text
    assert "Splint" not in caplog.text
    monkeypatch.undo()
    press(as_(anna), made, "go")


def test_nothing_goes_on_for_somebody_who_administers_no_more(
    made, as_, anna, vera, work, circle, press
):
    press(as_(anna), made, "go")
    Membership.objects.filter(circle=circle, member_id=anna.pk).update(role="member")
    work()
    made.refresh_from_db()
    assert made.state == "stopped"
    assert not Question.objects.filter(circle=circle).exists()


# --- the page ---------------------------------------------------------------------------------
def test_while_it_works_the_page_asks_again_and_then_no_more(made, as_, anna, work, page, press):
    browser = as_(anna)
    press(browser, made, "go")
    part = page(browser, made, **{"HX-Request": "true"})
    assert 'data-hx-trigger="every 2s"' in part.content.decode()
    assert "HX-Refresh" not in part
    work()
    part = page(browser, made, **{"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    assert "data-hx-trigger" not in part.content.decode()


def test_while_nobody_is_at_it_the_page_says_that_it_waits(bring, as_, anna, page):
    bring()
    made = ArchiveImport.objects.get()
    assert "waits for its turn" not in page(as_(anna), made).content.decode()
    ArchiveImport.objects.update(state_at=timezone.now() - timedelta(minutes=1))
    assert "It waits for its turn and starts by itself." in page(as_(anna), made).content.decode()


def test_pressed_twice_is_a_sentence_and_not_a_fault(made, as_, anna, press):
    press(as_(anna), made, "go")
    assert "This changed meanwhile." in press(as_(anna), made, "go").content.decode()


@pytest.mark.parametrize("who", ["bram", "vera", "carla"])
def test_whoever_is_no_admin_finds_nothing(made, as_, who, request, address, page, press):
    browser = as_(request.getfixturevalue(who))
    assert browser.get(address).status_code == 404
    assert page(browser, made).status_code == 404
    assert press(browser, made, "go").status_code == 404


def test_the_admin_of_another_circle_finds_nothing_by_its_own_address(made, as_, carla, elsewhere):
    theirs = f"/c/{elsewhere.public_id}/settings/moving-in/{made.public_id}/"
    assert as_(carla).get(theirs).status_code == 404


def test_only_admins_are_shown_the_way(as_, anna, bram, circle, address):
    settings = f"/c/{circle.public_id}/settings/"
    assert address in as_(anna).get(settings).content.decode()
    assert as_(bram).get(settings).status_code == 404


# --- tidying ----------------------------------------------------------------------------------
def test_what_nobody_said_yes_to_is_gone_after_a_day(made, house):
    ArchiveImport.objects.update(state_at=timezone.now() - timedelta(hours=25))
    kept = imports.path_of(made)
    yesterday = timezone.now().timestamp() - 90_000
    os.utime(kept, (yesterday, yesterday))
    with house():
        running.tidy()
    made.refresh_from_db()
    assert made.state == "expired"
    assert not Path(kept).exists()
    assert set(ImportFinding.objects.values_list("kind", flat=True)) == {"bad"}


def test_findings_are_forgotten_after_a_month(made, house):
    ArchiveImport.objects.update(state="done", state_at=timezone.now() - timedelta(days=31))
    with house():
        running.tidy()
    assert not ImportFinding.objects.exists()
