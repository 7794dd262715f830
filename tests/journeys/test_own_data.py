"""What is one's own, before a real browser: taken along, taken back, and gone. Afterwards no word of
it is found in any table, file, log, queue or session of the Kring that served it."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import expect
from redis import Redis

from members.models import Member
from members.sessions import SessionStore
from questions import own_export
from tests import make
from tests.journeys.conftest import PASSWORD
from tests.journeys.visitor import DESK, PHONE, seen, takes
from tests.live import wait_until

CANARY = "sleutelbloem"
ADDRESS = f"{CANARY}@example.org"


@pytest.fixture
def lived(circle, anna, bram):
    """bram wrote in the circle; the canary stands in all of it, and in who he is."""
    for left in with_canary():  # by a journey that broke off
        left.unlink()
    Member.objects.filter(pk=bram.pk).update(email=ADDRESS)
    bram.refresh_from_db()
    bram.set_password(PASSWORD)
    bram.save()
    EmailAddress.objects.create(user=bram, email=ADDRESS, verified=True, primary=True)
    type(bram.profile).objects.filter(pk=bram.pk).update(name=f"Bram {CANARY}", about=CANARY)
    question = make.question(circle, by=bram, title=f"{CANARY} one?", body=f"{CANARY} two")
    make.answer(question, by=anna, body="What anna says stays.")
    make.answer(make.question(circle, by=anna), by=bram, body=f"{CANARY} three")
    admitted = make.application(circle, "approved", member_id=bram.pk, email=ADDRESS)
    make.paper(admitted, content=CANARY.encode(), what=CANARY)
    return bram


@seen((PHONE, False, "nl"), (DESK, True, "en"))
def test_all_of_one_s_own_is_taken_along_then_back_and_nothing_of_it_is_left(
    kring, circle, lived, anna, say, come
):
    visitor = come()
    comes_in(visitor, say)
    writes_and_seeks(visitor, circle, say)
    takes_along(visitor, say)
    withdraws(visitor, circle, say)
    erases(visitor, say)

    reader = come(anna)
    reader.open(f"/search/?q={CANARY}")
    expect(reader.page.get_by_text(f"{CANARY} one")).to_have_count(0)
    again = come()
    again.open("/account/login/")
    signs_in(again, say)
    expect(again.page).to_have_url(f"{kring.address}/account/login/")
    wait_until(lambda: not traces(kring, lived), what=f"the end of {traces(kring, lived)}")
    assert CANARY not in kring.log.read_text()
    assert '"route"' in kring.log.read_text()


def signs_in(visitor, say) -> None:
    visitor.write(say("Email address"), ADDRESS)
    visitor.write(say("Password"), PASSWORD)
    visitor.press(say("Sign in", "button"))


def comes_in(visitor, say) -> None:
    """Once with a wrong password: that is written down nowhere either."""
    visitor.open("/account/login/")
    visitor.write(say("Email address"), ADDRESS)
    visitor.write(say("Password"), f"{CANARY} no")
    visitor.press(say("Sign in", "button"))
    signs_in(visitor, say)


def writes_and_seeks(visitor, circle, say) -> None:
    visitor.open(f"/search/?q={CANARY}")
    visitor.sees(f"{CANARY} one?")
    visitor.open(f"/c/{circle.public_id}/?q={CANARY}")


def takes_along(visitor, say) -> None:
    visitor.open("/own/")
    visitor.press(say("Make an archive"))
    ready = visitor.page.get_by_role("link", name=say("Download the archive"))
    wait_until(lambda: visitor.page.reload() and ready.count(), what="the archive")
    visitor.look()
    with visitor.page.expect_download() as taken:
        ready.click()
    with zipfile.ZipFile(io.BytesIO(taken.value.path().read_bytes())) as archive:
        whole = json.loads(archive.read("all.json"))
        paper = archive.read(f"papers/{whole['papers'][0]['file']}")
    assert whole["questions"][0]["title"] == f"{CANARY} one?"
    assert (paper, "anna says" in str(whole)) == (CANARY.encode(), False)


def withdraws(visitor, circle, say) -> None:
    visitor.follow(circle.name)
    visitor.sees_heading(say("Withdraw all you wrote in %(circle)s?", circle=circle.name))
    visitor.press(say("Withdraw what I wrote"))
    visitor.sees(say("Your data"))


def erases(visitor, say) -> None:
    visitor.follow(say("Erase my account"))
    visitor.press(say("Erase my account"))
    visitor.sees(say("Choose what happens to what you wrote."))
    takes(visitor, say("Withdraw all of it"))
    visitor.choose(say("I know that this cannot be undone"))
    visitor.press(say("Erase my account"))
    visitor.sees(say("Your account is erased. Thank you for what you gave."))


# --- looking everywhere ---------------------------------------------------------------------
def traces(kring, member) -> list[str]:
    """Wherever the canary still stands."""
    found = [path.name for path in with_canary()]
    found += ["the archive"] * own_export.path_of(member.pk).exists()
    return found + in_tables() + in_sessions() + in_queue(kring.broker)


def with_canary() -> list[Path]:
    files = [path for path in settings.FILES.rglob("*") if path.is_file()]
    return [path for path in files if CANARY.encode() in path.read_bytes()]


def in_tables() -> list[str]:
    with connection.cursor() as cursor:
        hits = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'select exists (select from "{table}" t where t::text ilike %s)', [f"%{CANARY}%"]
            )
            hits += [table] * cursor.fetchone()[0]
    return hits


def in_sessions() -> list[str]:
    """What they carry is sealed; open it to look."""
    opened = [
        SessionStore().decode(data)
        for data in Session.objects.values_list("session_data", flat=True)
    ]
    return ["a session"] * (CANARY in str(opened))


def in_queue(broker: str) -> list[str]:
    """Every key of the broker, with what it holds as it lies there."""
    queue = Redis.from_url(broker.replace("virtual_host", "db"))
    held = {key: queue.dump(key) or b"" for key in queue.scan_iter()}
    return [str(key) for key, value in held.items() if CANARY.encode() in key + value]
