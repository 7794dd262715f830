"""The digest: from the mail to the question behind a sign-in, and how one stops it."""

import pytest

from questions.models import DigestPlan
from tests import make
from tests.journeys.visitor import phone_with_script
from tests.live import link_in
from tests.questions import digest_make

QUESTION = "Splint or pins for this fracture?"


@pytest.fixture
def digest(kring, circle, bram, vera):
    """The mail that tells bram of an answer, sent by the worker when the digests are due."""
    question = make.question(circle, by=bram, title=QUESTION)
    digest_make.plan(bram)
    digest_make.answered(question, by=vera)
    digest_make.below_every_window()
    kring.send("questions.tasks.plan_digests")
    return kring.mailbox.wait_for("weekly_digest", bram.email)


@phone_with_script
def test_a_link_of_the_digest_asks_to_sign_in_and_lands_on_the_question(
    digest, visit, bram, with_password
):
    reader = visit()
    reader.open(link_in(digest, "/d/"))
    reader.sees_heading("Sign in")
    reader.write("Email address", bram.email)
    reader.write("Password", with_password(bram))
    reader.press("Sign in")
    reader.sees_heading(QUESTION)
    reader.sees("Try a splint.")


@phone_with_script
def test_only_the_button_stops_the_digest(digest, visit, bram):
    plan = DigestPlan.objects.get(member=bram)
    reader = visit()
    reader.open(link_in(digest, "/unsubscribe/"))
    reader.sees_heading("No digest any more?")
    assert every(bram) == plan.every
    reader.press("Stop the digest")
    reader.sees_heading("The digest is stopped")
    assert every(bram) == "never"


def every(member) -> str:
    return DigestPlan.objects.get(member=member).every
