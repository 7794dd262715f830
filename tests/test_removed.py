"""One moment after a removal: whatever address somebody knew, whatever tab stood open, whatever
letter was written to them, nothing of the circle comes out.

First everything is crawled as the admin they are: every door, and whatever those pages lead to,
also in their letters. Then they are removed, and everything is asked for once more.
"""

import re
from functools import partial
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.urls import reverse

from circles.belonging import sanctions
from circles.models import Membership
from members import delivery
from members.models import Letter, Member
from questions.models import DigestIssue
from tests import letter_samples, make
from tests.letter_samples import Stage
from tests.test_doors import CLOSED, filled, keys  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
CANARY = "zwanebloem"
WHY = {"code": "breach", "why": "Told a patient's name outside the circle, on 3 May."}
LED = re.compile(r'(?:href|action|src|data-hx-(?:get|post))="([^"]+)"')
OUT = ("/account/logout", "/static/", "/language", "/theme")  # ends the crawl, or holds no row
MOST = 600  # pages; more would mean that addresses breed


@pytest.fixture
def inside(circle, anna, vera, bram):
    """bram leads the circle with the others; words of theirs stand in it."""
    rows = Membership.objects.filter(circle=circle, member_id__in=[bram.pk, vera.pk])
    rows.update(role="admin")
    question = make.question(circle, by=anna, title=f"{CANARY} drijft?", body=CANARY)
    make.answer(question, by=vera, body=CANARY)
    make.comment(question, by=vera, body=CANARY)
    mine = make.question(circle, by=bram, title="My own?", body="Mine.")
    make.answer(mine, by=anna, body=f"{CANARY} to bram")
    make.paper(make.application(circle, name=CANARY, brings=CANARY), what=CANARY)
    make.invitation(circle, by=vera, name=CANARY, words=CANARY)
    told = {"kind": "help", "circle": circle.pk, "question": question.pk, "at": 1}
    DigestIssue.objects.create(member=bram, week="2026-W47", state="sent", items=[told])
    return Membership.objects.get(circle=circle, member_id=bram.pk)


def remove(membership, acting, anna, vera) -> None:
    """By two, as an admin is."""
    with acting(anna):
        suspension = sanctions.suspend(membership, by=anna, **WHY)
    with acting(vera):
        sanctions.confirm(suspension, membership, by=vera)
        membership.refresh_from_db()
        sanctions.remove(membership, by=vera, **WHY)


def body(answer) -> str:
    return answer.getvalue().decode(errors="replace")


def crawled(browser, first) -> dict[str, str]:
    """Every page that can be come to from these, with what it says."""
    waiting, found = list(dict.fromkeys(first)), {}
    while waiting:
        address = waiting.pop(0)
        answer = browser.get(address)
        found[address] = body(answer)
        assert answer.status_code < 500, address
        assert len(found) < MOST, "addresses breed"
        led = [answer.headers["Location"]] if "Location" in answer.headers else []
        if "html" in answer.headers.get("Content-Type", ""):
            led += map(unescape, LED.findall(found[address]))
        for name in led:
            there = urlsplit(urljoin(address, name))
            path = there.path + ("?" + there.query if there.query else "")
            is_ours = there.netloc in ("", "testserver", "localhost", "localhost:8000")
            is_page = path.startswith("/") and not path.startswith(OUT)
            if is_ours and is_page and path not in found and path not in waiting:
                waiting.append(path)
    return found


def is_of(circle, address: str) -> bool:
    return f"/c/{circle.public_id}/" in address


def test_a_removed_admin_finds_nothing_at_any_address_they_ever_saw(
    circle,
    inside,
    anna,
    vera,
    bram,
    acting,
    as_,
    keys,  # noqa: F811
):
    browser = as_(bram)
    starts = [filled(door, keys) for door in CLOSED]
    before = crawled(browser, [*starts, "/", "/search/?q=drijft"])
    shown = {address for address, said in before.items() if CANARY in said}
    assert any("digest" in address for address in shown)
    assert len(shown) > 9, "the crawl saw too little to prove anything"
    assert len([address for address in before if is_of(circle, address)]) > 60

    remove(inside, acting, anna, vera)
    for address in before:
        said = body(browser.get(address))
        assert CANARY not in said, address
        assert "Vera" not in said, address
    for address in filter(partial(is_of, circle), before):
        part = browser.get(address, headers={"HX-Request": "true"})
        for answer in (browser.get(address), part, browser.post(address)):
            assert answer.status_code in {404, 405}, address
            assert CANARY not in body(answer), address


def test_no_letter_that_waited_reaches_a_removed_member_and_no_link_of_one_opens(
    circle, inside, anna, vera, bram, acting, as_, house
):
    at = Stage(circle, bram, [anna, vera], words={})
    letter_samples.set_up(at)
    with house():
        letter_samples.bring()
    links = set()
    for message in mail.outbox:
        if bram.email in message.to:
            links |= set(re.findall(r"https?://[^/\s]+(/\S+)", message.body))
    assert len(links) > 9
    Letter.objects.filter(member=bram).update(state="queued", settled_at=None)
    DigestIssue.objects.filter(member=bram).update(state="built", settled_at=None)

    remove(inside, acting, anna, vera)
    mail.outbox.clear()
    with house():
        delivery.deliver_waiting()
    said = "".join(message.body for message in mail.outbox if bram.email in message.to)
    assert "You are no longer a member" in said
    assert f"/c/{circle.public_id}/" not in said
    assert "Vera" not in said
    browser = as_(Member.objects.get(pk=bram.pk))
    for link in links:
        answer = browser.get(link.rstrip(".>)"))
        assert not is_of(circle, link) or answer.status_code == 404, link
        assert "Vera" not in body(answer), link


def test_nothing_is_kept_for_whoever_presses_the_button_back(circle, bram, as_):
    """An open tab shows what it shows; but no browser keeps a page to show it once more."""
    for name in ("question_list", "own_membership"):
        answer = as_(bram).get(reverse(name, args=[circle.public_id]))
        assert "no-store" in answer.headers["Cache-Control"]
