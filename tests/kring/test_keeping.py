"""A backup is worth what comes back of it: real pg_dump, real age, a database of its own."""

import io
import os
import re
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import psycopg
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from circles import forgetting
from circles.models import Application
from kring.keeping import database, keys, making, reading, sheaf
from kring.keeping.keys import x25519
from kring.lib.acting import acting_as
from kring.local import postgres
from kring.local.home import Trouble
from members import erasing, links
from members.models import Backup, Erasure
from tests import live, make
from tests.conftest import RestrictedClient, role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(tmp_path, settings):
    """A folder for files, keys and backups; the ledger of this installation lies in it."""
    settings.FILES, settings.ERASURES = tmp_path / "files", tmp_path / "erasures.jsonl"
    (settings.FILES / "a").mkdir(parents=True)
    (settings.FILES / "a" / "picture").write_bytes(os.urandom(70_000))
    secret = tmp_path / "secret"
    (tmp_path / "public").write_text(keys.make(secret) + "\n")
    return tmp_path


@pytest.fixture
def backup(place):
    def run(name="backup.age", **options) -> Path:
        call_command("backup", place / name, key=place / "public", stdout=io.StringIO(), **options)
        return place / name

    return run


@pytest.fixture
def restore(place):
    """`restore(file)` puts a backup back into the database of now; returns what was said."""

    def run(file, **options) -> str:
        said = io.StringIO()
        given = {"key": place / "secret", **options}
        call_command("restore", file, stdout=said, stderr=said, **given)
        return said.getvalue()

    return run


@pytest.fixture
def another():
    """An empty database beside the test's own, whose name this is; Django speaks to the empty one."""
    first = connection.settings_dict["NAME"]
    database.make_empty(f"{first}_again")
    with database.turned_to(f"{first}_again"):
        yield first
    database.remove(f"{first}_again")


@pytest.fixture
def world(circle, anna, bram):
    """A question with an answer, and two applications of which one will be erased."""
    question = make.question(circle, by=bram, title="When do you splint?")
    make.answer(question, by=anna, body="After the second week.")
    make.application(circle, state="expired", name="Stays Here")
    make.application(circle, state="expired", name="Goes Away", email="away@example.org")
    return question


def page(question, reader) -> str:
    """The question page, without what is new in every reply: tokens, and the moment of it."""
    browser = RestrictedClient()
    browser.force_login(reader)
    address = reverse("question_page", args=[question.circle.public_id, question.public_id])
    text = browser.get(address).content.decode()
    assert "After the second week." in text
    new = r'(?:nonce|(?:csrfmiddlewaretoken|public_id)"\s+value)="[^"]*"|value="[-\d]+T[^"]*"'
    return re.sub(new, "", text)


def erase(name: str) -> None:
    with role("kring_worker"):
        forgetting.erase(Application.objects.select_related("link").get(name=name))


def test_a_restored_backup_serves_the_same_pages(
    place, world, bram, backup, restore, another, settings
):
    with database.turned_to(another):
        before, file = page(world, bram), backup(verify_with=place / "secret")
        erase("Goes Away")
        with role("kring_worker"):
            erasing.keep_outside(settings.ERASURES)
    picture = (settings.FILES / "a" / "picture").read_bytes()
    (settings.FILES / "a" / "picture").unlink()
    (settings.FILES / "later").write_text("made after the backup")
    said = restore(file)
    assert page(world, bram) == before
    assert "Erased again: 2" in said  # the application, and by what it was known
    assert sorted(Application.objects.values_list("name", flat=True)) == [
        "",
        "Applicant of the keepers",
        "Stays Here",
    ]
    assert [path.name for path in settings.FILES.rglob("*")] == ["a", "picture"]
    assert (settings.FILES / "a" / "picture").read_bytes() == picture


def test_what_was_erased_is_found_in_the_living_database_too(world, backup, restore):
    file = backup()
    erase("Goes Away")
    said = restore(file, replace=True, yes=True)
    assert "Erased again: 2, of 2 in the ledger (from the database)." in said
    assert not Application.objects.filter(email="away@example.org").exists()
    assert Erasure.objects.count() == 2


def test_without_a_ledger_the_operator_hears_what_may_be_back(world, backup, restore, another):
    with database.turned_to(another):
        file = backup()
    said = restore(file)
    at = datetime.now().strftime("%Y-%m-%d")
    assert "NO LEDGER OF ERASURES WAS FOUND" in said
    assert f"between {at}" in said


def test_no_number_is_given_out_twice(world, circle, backup, restore):
    """An old link would open what is somebody else's."""
    file = backup()
    lost = make.application(circle, name="Lost")
    mailed = links.token_of(lost.link)
    restore(file, replace=True, yes=True)
    new = make.application(circle, name="New")
    assert new.link_id > lost.link_id
    assert links.alive("application", mailed) is None


def test_the_owner_counts_every_row_and_reads_every_one_back(world, backup, place):
    kept = backup()
    manifest = reading.check(kept, keys.identities(place / "secret"))
    assert manifest["tables"]["questions_answer"] == 2  # the keepers' too
    assert manifest["tables"]["members_member"] == 4
    assert Backup.objects.get().rows == sum(manifest["tables"].values())


def test_a_dump_with_fewer_rows_than_the_database_is_no_backup(world, tmp_path):
    """What a forced policy without the owner's would silently leave out."""
    once = x25519.Identity.generate()
    dump = database.Program(
        *("pg_dump", "--format=custom", "--enable-row-security"),
        *("--exclude-table-data=questions_answer", f"--dbname={database.address()}"),
        stdout=subprocess.PIPE,
    )
    facts = {"format": 1, **database.facts()}
    pieces = sheaf.written(dump.process.stdout, dump.ended, tmp_path / "none", facts)
    with (tmp_path / "short").open("wb") as file:
        pyrage.encrypt_io(making._Flow(pieces), file, [once.to_public()])
    dump.stop()
    with pytest.raises(Trouble, match=r"another number of rows.*questions_answer"):
        reading.check(tmp_path / "short", [once])


def test_a_table_its_owner_cannot_see_stops_the_backup(backup, place):
    with connection.cursor() as cursor:
        cursor.execute('alter policy "owner migrates" on questions_answer using (false)')
    try:
        with pytest.raises(CommandError, match="not see every row of questions_answer"):
            backup()
    finally:
        with connection.cursor() as cursor:
            cursor.execute('alter policy "owner migrates" on questions_answer using (true)')
    assert not list(place.glob("backup*"))


def test_only_the_owner_makes_and_puts_back(backup, restore, place):
    with role("kring_web"):
        with pytest.raises(CommandError, match="kring_web does not own the tables"):
            backup()
        with pytest.raises(CommandError, match="as kring_owner, and not as kring_web"):
            restore(place / "none")


def test_another_key_opens_nothing(backup, restore, place):
    keys.make(place / "other")
    file = backup()
    with pytest.raises(CommandError, match="This key does not open"):
        restore(file, key=place / "other", replace=True, yes=True)
    with pytest.raises(CommandError, match="holds no secret key"):
        restore(file, key=place / "public", replace=True, yes=True)


def test_a_flipped_bit_or_a_missing_end_is_noticed_anywhere(backup, restore, place):
    whole = backup().read_bytes()
    for at in (100, len(whole) // 3, len(whole) - 30):
        flipped = bytearray(whole)
        flipped[at] ^= 4
        (place / "bad").write_bytes(flipped)
        with pytest.raises(CommandError, match=r"damaged|does not open"):
            restore(place / "bad", replace=True, yes=True)
    for end in (20, len(whole) // 2, len(whole) - 1):
        (place / "bad").write_bytes(whole[:end])
        with pytest.raises(CommandError, match="damaged"):
            restore(place / "bad", replace=True, yes=True)


def test_a_backup_that_was_ended_leaves_no_file(place):
    file, key = place / "half.age", place / "public"
    command = [sys.executable, "manage.py", "backup", file, "--key", key]
    with connection.cursor() as cursor:
        cursor.execute("begin; lock table django_content_type in access exclusive mode")
        process = subprocess.Popen(
            command, cwd=live.ROOT, env=live.environment("kring_owner", KRING_DEMO="0")
        )
        try:
            live.wait_until((place / "half.age.partial").exists, what="the beginning")
        finally:
            process.send_signal(signal.SIGTERM)
            cursor.execute("rollback")
    assert process.wait(10) == 143
    assert not list(place.glob("half*"))
    assert not Backup.objects.exists()


def test_what_serves_is_replaced_only_when_told(world, backup, restore, monkeypatch):
    file = backup()
    with pytest.raises(CommandError, match="is not empty"):
        restore(file)
    monkeypatch.setattr("builtins.input", lambda: "another name")
    with pytest.raises(CommandError, match="not its name"):
        restore(file, replace=True)
    with psycopg.connect(database.address()), pytest.raises(CommandError, match="are connected"):
        restore(file, replace=True, yes=True)
    world.refresh_from_db()


def test_a_restore_that_fails_leaves_what_serves(world, backup, restore, settings):
    file = backup()
    name = connection.settings_dict["NAME"]
    make.question(world.circle, by=make.member("zoe"), title="Asked since?")
    (settings.FILES / ".replaced").write_text("in the way of a folder")
    with pytest.raises(OSError, match="replaced"):
        restore(file, replace=True, yes=True)
    assert type(world).objects.filter(title="Asked since?").exists()
    assert (settings.FILES / "a" / "picture").exists()
    assert not database.ask("select 1 from pg_database where datname = %s", f"{name}_restoring")


def test_the_rights_of_today_are_in_a_restored_database(world, bram, carla, backup, restore):
    restore(backup(), replace=True, yes=True)
    for reader, seen in ((bram, 1), (carla, 0)):
        with role("kring_web"), acting_as(reader.pk):
            assert type(world).objects.filter(pk=world.pk).count() == seen


def test_programs_of_another_version_are_not_taken():
    with pytest.raises(Trouble, match="install postgresql-client-99"):
        postgres.client("pg_dump", 99)
