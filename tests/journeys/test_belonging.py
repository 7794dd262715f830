"""A membership before a real browser, from probation to farewell: its member, and the admins of its
circle. Seen on a phone and at a desk, in both languages, with and without script; and one way is
gone by the keyboard alone."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect

from circles.models import Membership
from members.models import Due
from questions.models import Mark
from tests import make
from tests.journeys.visitor import DESK, PHONE, seen, takes
from tests.live import wait_until

OWN, CIRCLE = "/memberships/", "/c/"
SHORT, WHY = "Rude.", "Told a patient's name outside the circle, on 3 May."
ANSWER = "It was a colleague, and he knew the case."


@pytest.fixture
def led(circle, vera):
    """anna and vera lead the circle."""
    Membership.objects.filter(circle=circle, member_id=vera.pk).update(role="admin")
    return circle


@pytest.fixture
def days_pass(kring, led):
    """`days_pass(90)` lets days go by for the circle, and the calendar look."""

    def go(days: int) -> None:
        gone = timedelta(days=days)
        dates = ("since", "moved_at", "verified_at", "renewed_at")
        Membership.objects.filter(circle=led).update(**{name: F(name) - gone for name in dates})
        Due.objects.filter(kind="membership", done_at=None).update(due_at=timezone.now())
        kring.send("members.tasks.run_due")

    return go


@pytest.fixture
def is_now(led, bram):
    """`is_now("active")` waits until the house has done it."""

    def wait(state: str) -> None:
        rows = Membership.objects.filter(circle=led, member_id=bram.pk, state=state)
        wait_until(rows.exists, what=f"bram is {state}")

    return wait


@pytest.fixture
def person(come, led, say):
    """`person(anna, "Bram de Vries")` is that person's page before an admin."""

    def opened(admin, name):
        visitor = come(admin)
        visitor.open(f"/c/{led.public_id}/settings/members/")
        visitor.follow(name)
        return visitor

    return opened


# --- a year, and a role -------------------------------------------------------------------
@seen((PHONE, True, "nl"), (DESK, False, "en"))
def test_a_member_comes_through_probation_and_a_year_and_takes_over(
    led, anna, bram, say, come, by_mail, person, days_pass
):
    rows = Membership.objects.filter(circle=led, member_id=bram.pk)
    rows.update(state="probation", since=timezone.now(), verified_at=timezone.now())
    newcomer = come(bram)
    newcomer.open(f"{OWN}{led.public_id}/")
    newcomer.sees(say("probation").capitalize())
    days_pass(91)
    active = by_mail("probation_over", bram.email, CIRCLE, bram)
    active.open(f"{OWN}{led.public_id}/")
    active.sees(say("Everything is open to you."))

    make.answer(make.question(led, by=anna), by=bram)
    days_pass(250)
    asked = by_mail("renewal_asked", bram.email, OWN, bram)
    asked.sees_heading(say("Your year"))
    asked.press(say("Say so"))
    asked.sees(say("Choose what you do."))
    takes(asked, say("Yes"))
    takes(asked, say("I stay"))
    asked.press(say("Say so"))
    asked.sees(say("Good that you stay."))
    asked.sees(say("Yes, I still practise"))
    asked.press(say("Yes, I still practise"))
    asked.sees(say("Thank you. An admin confirms it against the register."))

    admin = person(anna, "Bram de Vries")
    admin.press(say("Confirm the right to practise"))
    admin.sees(say("Say where you looked."))
    admin.write(say("Where did you look?"), "BIG register, 22 November")
    admin.press(say("Confirm the right to practise"))
    takes(admin, say("Met in person"))
    admin.press(say("Confirm who this is"))
    admin.sees(say("Both facts are confirmed, for another year."))
    takes(admin, say("admin"))
    admin.press(say("Save the role"))
    admin.sees("Bram de Vries")
    leads = by_mail("role_changed", bram.email, OWN, bram)
    leads.sees_heading(say("Your role"))
    admin.open(f"{OWN}{led.public_id}/")
    admin.press(say("Become member"))
    admin.sees(say("You have laid it down. Thank you."))
    assert set(led_by(led)) == {"Bram de Vries", "Vera de Vries"}


def led_by(circle) -> list[str]:
    rows = Membership.objects.filter(circle=circle, role="admin", state="active")
    return list(rows.values_list("member__name", flat=True))


# --- against a member, and what stands written of it ----------------------------------------
@seen((DESK, True, "nl"), (PHONE, False, "en"))
def test_a_suspension_takes_two_is_answered_and_ends_in_a_removal(
    led, anna, vera, bram, say, come, by_mail, person
):
    question = make.question(led, by=anna, title="Which splint?")
    tab = come(bram)
    tab.open(f"/c/{led.public_id}/q/{question.public_id}/")
    first = person(anna, "Bram de Vries")
    first.follow(say("Suspend"))
    takes(first, say("Broke what was pledged"))
    first.write(say("What the member reads"), SHORT)
    first.press(say("Suspend at once"))
    first.sees(say("Give a reason of at least 20 characters; the member reads it."))
    expect(first.field(say("What the member reads"))).to_have_value(SHORT)
    first.write(say("What the member reads"), WHY)
    first.press(say("Suspend at once"))
    said = "%(name)s is suspended. A second admin confirms it or ends it."
    first.sees(say(said, name="Bram de Vries"))
    shut(tab)

    out = by_mail("membership_suspended", bram.email, OWN, bram)
    out.sees(WHY)
    out.press(say("Send the answer"))
    out.sees(say("Write your answer."))
    out.page.get_by_role("textbox", name=say("Your answer")).fill(ANSWER)
    out.press(say("Send the answer"))
    out.sees(say("Your answer is with the admins of the circle."))

    second = by_mail("suspension_waits", vera.email, CIRCLE, vera)
    second.sees(say("waits for a second admin"))
    second.follow("Bram de Vries")
    second.sees(ANSWER)
    second.press(say("Confirm the suspension"))
    second.sees(say("Confirmed."))
    out.page.reload()
    out.sees(ANSWER)
    second.follow(say("Remove"))
    takes(second, say("Something else"))
    second.write(say("What the member reads"), "We could not agree on what happened.")
    second.press(say("End the membership"))
    gone = by_mail("membership_removed", bram.email, OWN, bram)
    gone.sees("We could not agree on what happened.")
    expect(gone.page.get_by_text("Vera")).to_have_count(0)
    shut(tab)
    reads_the_audit(come(anna), led, say)


def shut(tab) -> None:
    """The next page of a tab that stood open is none, and what it fetches is nothing."""
    answer = tab.page.reload()
    assert answer.status == 404
    tab.troubles.clear()  # the browser says so too
    expect(tab.page.get_by_text("Which splint?")).to_have_count(0)


def reads_the_audit(admin, circle, say) -> None:
    """Who did what, in sentences, filtered, and taken along."""
    admin.open(f"/c/{circle.public_id}/settings/audit/")
    admin.field(say("What")).select_option(label=say("Members and roles"))
    admin.press(say("Show"))
    who = {"who": "Vera de Vries", "about": "Bram de Vries"}
    admin.sees(say("%(who)s confirmed the suspension of %(about)s.", **who))
    admin.sees(say("%(who)s removed %(about)s.", **who))
    with admin.page.expect_download() as taken:
        admin.page.get_by_role("link", name=say("Take along as a file (CSV)")).click()
    lines = taken.value.path().read_text("utf-8-sig")
    assert say("%(who)s removed %(about)s.", **who) in lines
    assert say("%(who)s asked a question.", who="Anna de Vries") not in lines


# --- away, and out ------------------------------------------------------------------------
@seen((PHONE, False, "nl"), (DESK, True, "en"))
def test_silence_leads_to_reading_only_and_then_out_and_words_stay_one_s_own(
    led, bram, say, by_mail, days_pass, window
):
    question = make.question(led, by=bram, title="Which splint?", body="Wood or plaster?")
    Membership.objects.filter(circle=led).update(renewed_at=timezone.now() + timedelta(days=99))
    days_pass(366)
    due = by_mail("verification_due", bram.email, OWN, bram)
    due.sees(say("Yes, I still practise"))
    days_pass(31)
    reads = by_mail("membership_grace", bram.email, OWN, bram)
    expect(reads.page.get_by_role("button", name=say("Come back now"))).to_have_count(0)
    reads.open(f"/c/{led.public_id}/q/{question.public_id}/")
    reads.sees("Wood or plaster?")
    if window.script:
        wait_until(Mark.objects.filter(member=bram).exists, what="the mark of having read it")
    expect(reads.page.get_by_role("link", name=say("Edit"), exact=True)).to_have_count(0)
    days_pass(31)
    lapsed = by_mail("membership_lapsed", bram.email, OWN, bram)
    assert lapsed.page.goto(reads.page.url).status == 404
    lapsed.troubles.clear()
    lapsed.open("/own/")
    lapsed.follow(led.name)
    lapsed.press(say("Withdraw what I wrote"))
    lapsed.sees(say("One text is withdrawn."))
    question.refresh_from_db()
    assert "plaster" not in question.body


@seen((DESK, True, "en"), (DESK, True, "nl"))
def test_the_keyboard_alone_is_enough_to_pause_to_come_back_and_to_leave(
    led, bram, say, come, is_now
):
    visitor = come(bram)
    visitor.open("/circles/")
    visitor.open(f"{OWN}{led.public_id}/")
    visitor.tab_to(say("Away up to and including"))
    day = timezone.localdate() + timedelta(days=20)
    visitor.type(f"{day:%d%m%Y}")  # as both languages write it
    visitor.tab_to(say("Pause until then"))
    visitor.enter()
    visitor.sees(say("Your membership is paused. Come back whenever you like."))
    visitor.tab_to(say("Come back now"))
    visitor.enter()
    visitor.sees(say("You are back."))
    visitor.open(f"{OWN}{led.public_id}/")
    visitor.tab_to(say("Leave the circle"))
    visitor.enter()
    visitor.tab_to(say("Leave the circle"))
    visitor.enter()
    visitor.sees(say("You have left the circle."))
    is_now("left")
