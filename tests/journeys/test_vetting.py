"""Everybody at the door of a circle before a real browser: applicant, referees, vetters, an admin, a
steward and those whom the steward asks. Each is seen on a phone and at a desk, in both languages, with
and without script; and one and the same way is gone by the keyboard alone."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from circles.models import Application, Circle
from members.models import Letter, Member
from tests import make
from tests.journeys.visitor import DESK, PHONE, seen, takes, unfold
from tests.live import wait_until

DIRK, WIM = "dirk@example.org", "wim@example.org"
OPENED, ASKED = "/application/open/", "/reference/open/"
NOT_HANDS = "We admit hand surgeons only, and you operate on feet."


@pytest.fixture
def desk(come, circle, say, window):
    """`desk(anna)` sits down at the desk and opens the first application."""

    def sit(member):
        vetter = come(member)
        if window.script:
            vetter.page.clock.install()
        vetter.open(f"/c/{circle.public_id}/vetting/")
        vetter.follow(say("Open the first"))
        return vetter

    return sit


def diploma() -> dict:
    """A small picture, as a browser takes it from a disk."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "JPEG")
    return {"name": "diploma.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


# --- in -----------------------------------------------------------------------------------
@seen((PHONE, False, "nl"), (DESK, True, "en"))
def test_an_applicant_is_vouched_for_asked_and_admitted(
    kring, circle, anna, vera, say, come, by_mail, desk, window
):
    Circle.objects.filter(pk=circle.pk).update(required_referees=1)
    make.door_question(circle, label="Which hands do you treat?")
    writes_the_first_lines(come(), circle, say)
    sends_it_in(by_mail("application_address", DIRK, OPENED), say)
    answers_for_the_applicant(by_mail("reference_asked", WIM, ASKED), say)
    kring.mailbox.wait_for("application_received", DIRK)

    first, second = desk(anna), desk(vera)
    first.sees("Careful with nerves.")
    unfold(first, say("Ask the applicant something first"))
    first.write(say("Your question"), "Where do you work on Fridays?")
    first.press(say("Ask the question"))
    asked = by_mail("application_question", DIRK, OPENED)
    asked.sees("Where do you work on Fridays?")
    asked.press(say("Send the answer"))
    asked.sees(say("Write your answer."))
    asked.write(say("Your answer"), "In Assen.")
    asked.press(say("Send the answer"))
    asked.sees_heading(say("You need do nothing"))

    first.page.reload()
    first.sees("In Assen.")
    votes(first, say("Admit"), "Anna knows the work.", say)
    second.page.reload()
    expect(second.page.get_by_text("Anna knows the work.")).to_have_count(0)
    second.sees(say("You see the direction after you have voted."))
    votes(second, say("Admit"), "Vera does too.", say)
    second.sees("Anna knows the work.")
    hears_of_it(first, say, window)

    offered = by_mail("application_offered", DIRK, OPENED)
    offered.press(say("Become a member"))
    offered.sees(say("Choose a password."))
    offered.write(say("Choose a password"), "a long enough pass phrase")
    offered.choose(say("I subscribe to the charter and the commitment"))
    offered.choose(say("What I read in the circle stays in the circle"))
    offered.press(say("Become a member"))
    offered.sees(say("Welcome. You are a member now."))


def writes_the_first_lines(stranger, circle, say):
    """At one device: an address, a name, and off."""
    stranger.open(f"/guide/{circle.public_id}/")
    stranger.write(say("Email address at work"), DIRK)
    stranger.press(say("Start", "application"))
    stranger.follow(say("Go on in this browser"))
    stranger.write(say("Name as it stands in the register"), "Dirk de Boer")
    stranger.press(say("Keep for later"))
    stranger.sees(say("Kept. The link we mailed opens it anywhere."))


def sends_it_in(applicant, say):
    """At another device, by the link: what was written is there; what is missing is said beside
    its field, and nothing is lost."""
    name = applicant.field(say("Name as it stands in the register"))
    expect(name).to_have_value("Dirk de Boer")
    applicant.write("Which hands do you treat?", "Both, of pianists.")
    applicant.press(say("Send the application"))
    for missing in ("Enter your profession.", "Enter their name."):
        applicant.sees(say(missing))
    expect(name).to_have_value("Dirk de Boer")
    expect(applicant.field("Which hands do you treat?")).to_have_value("Both, of pianists.")
    applicant.field(say("Add a file")).set_input_files(diploma())
    applicant.write(say("What is it?"), "Diploma of 2014")
    applicant.press(say("Add this file"))
    applicant.sees("Diploma of 2014")
    applicant.write(say("Profession"), "Hand surgeon in Zwolle")
    applicant.write(say("Their name"), "Wim Oudshoorn")
    applicant.write(say("Their email address at work"), WIM)
    applicant.write(say("How they know you"), "Trained me in Assen.")
    applicant.choose(say("I subscribe to the charter and the commitment"))
    applicant.press(say("Send the application"))
    applicant.sees_heading(say("You need do nothing"))
    applicant.sees("Wim Oudshoorn")


def answers_for_the_applicant(referee, say):
    """A referee without an account, by the link in the mail."""
    referee.sees_heading(say("What do you know of %(name)s?", name="Dirk de Boer"))
    referee.press(say("Send the reference"))
    referee.sees(say("Choose how you know them."))
    speaks_well(referee, say)
    expect(referee.field(say("Your name as it stands in the register"))).to_have_value(
        "Wim Oudshoorn"
    )
    referee.write(say("Your register number"), "19012345601")
    referee.press(say("Send the reference"))
    referee.sees_heading(say("Thank you, your reference is in"))


def speaks_well(referee, say):
    referee.choose(say("We worked or trained together"))
    group = referee.page.get_by_role(
        "group", name=say("Would you take your own hard case to this colleague?")
    )
    group.get_by_label(say("Yes"), exact=True).check()
    referee.write(say("What else must the vetters know?"), "Careful with nerves.")
    referee.choose(say("I fill this in myself and answer for what I write"))


def votes(vetter, choice: str, why: str, say):
    takes(vetter, choice)
    vetter.write(say("One sentence why"), why)
    vetter.press(say("Record your vote"))


def hears_of_it(vetter, say, window):
    """Who looks at the page meanwhile, reads what the other decided: by itself where there is
    script, at the next page where there is none."""
    if window.script:
        vetter.page.clock.fast_forward(21_000)
        expect(vetter.page.get_by_role("link", name=say("Show how it stands"))).to_be_visible()
        vetter.look()
        vetter.follow(say("Show how it stands"))
    else:
        vetter.page.reload()
    vetter.sees("Vera does too.")


# --- no application at all ----------------------------------------------------------------
@seen((PHONE, False, "nl"))
def test_two_vetters_set_spam_aside(kring, circle, anna, vera, say, desk):
    sent = make.application(circle, name="Win Big", email=DIRK)
    first, second = desk(anna), desk(vera)
    votes(first, say("This is spam"), "", say)
    first.sees(say("Say in one sentence why."))
    votes(first, say("This is spam"), "Advertising.", say)
    votes(second, say("This is spam"), "A lottery.", say)
    second.sees(say("Set aside as spam"))
    assert not Letter.objects.filter(subject_id=sent.pk).exists()


# --- out, and in after all ----------------------------------------------------------------
@seen((DESK, True, "nl"), (PHONE, False, "en"))
def test_a_refusal_is_read_appealed_and_judged_by_others(
    kring, circle, anna, vera, bram, carla, sam, say, come, by_mail, desk, language
):
    otto = make.member("otto")
    make.circle("Wrists", admin=otto)
    Member.objects.update(language=language)
    application = asked_of(circle, bram, language)
    answers_as_a_member(come(bram), say)
    kring.mailbox.wait_for("application_received", DIRK)

    conflicted = desk(vera)
    takes(conflicted, say("I am not free to vote"))
    conflicted.press(say("Record your vote"))
    conflicted.sees(say("You said that you are not free to vote here."))
    refuses(desk(anna), say)

    refused = by_mail("application_declined", DIRK, OPENED)
    refused.sees(NOT_HANDS)
    refused.press(say("Appeal the refusal"))
    refused.sees(say("Say what we did not see well."))
    refused.write(say("What did we not see well?"), "Twelve years of tendons.")
    refused.press(say("Appeal the refusal"))
    refused.sees_heading(say("Your appeal is being judged"))

    kring.send("members.tasks.run_due")
    kring.mailbox.wait_for("steward_case", sam.email)
    appoints(come(sam), say)
    for judge in (carla, otto):
        path = f"/c/{circle.public_id}/vetting/"
        visitor = by_mail("decider_appointed", judge.email, path, judge)
        visitor.sees("Twelve years of tendons.")
        votes(visitor, say("Admit"), "They were wrong.", say)
    by_mail("application_offered", DIRK, OPENED).sees_heading(say("You are welcome"))
    application.refresh_from_db()
    assert application.state == "offered"


def asked_of(circle, member, language) -> Application:
    """An application that waits for the word of one member."""
    rules = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 0}
    application = make.application(
        circle,
        state="referees",
        name="Dirk de Boer",
        email=DIRK,
        language=language,
        review_since=None,
        policy={**rules, "required_referees": 1},
    )
    referee = make.referee(application, address=member.email, state="asked")
    make.reference(application, by=member, referee=referee)
    return application


def answers_as_a_member(member, say):
    member.open("/")
    member.follow(say("Answer"))
    speaks_well(member, say)
    member.press(say("Send the reference"))
    member.sees_heading(say("Thank you, your reference is in"))


def refuses(admin, say):
    """The vote that refuses needs the reason the applicant reads; what was typed stays."""
    takes(admin, say("Refuse"))
    admin.write(say("One sentence why"), "These are no hands.")
    admin.press(say("Record your vote"))
    admin.sees(say("Your vote is the one that refuses. Choose the reason the applicant reads."))
    expect(admin.field(say("One sentence why"))).to_have_value("These are no hands.")
    admin.field(say("Reason")).select_option("other")
    admin.write(say("What the applicant reads"), NOT_HANDS)
    admin.press(say("Record your vote"))
    admin.sees(say("The applicant reads this."))


def appoints(steward, say):
    steward.open("/steward/")
    steward.follow(say("Ask people to decide"))
    expect(steward.page.get_by_text("Dirk de Boer")).to_have_count(0)
    steward.press(say("Ask them to decide"))
    steward.sees(say("Choose one or more."))
    steward.page.get_by_label(re.compile("Carla de Vries")).check()
    steward.page.get_by_label(re.compile("Otto de Vries")).check()
    steward.press(say("Ask them to decide"))


# --- by the keyboard ----------------------------------------------------------------------
@seen((DESK, True, "en"), (DESK, True, "nl"))
def test_the_keyboard_alone_is_enough_to_apply_and_to_vote(
    kring, circle, anna, say, come, by_mail, language
):
    Circle.objects.filter(pk=circle.pk).update(approvals_needed=1)
    stranger = come()
    stranger.open(f"/guide/{circle.public_id}/")
    stranger.tab_to(say("Email address at work"))
    stranger.type(DIRK)
    stranger.enter()
    applicant = by_mail("application_address", DIRK, OPENED)
    for label, text in (
        ("Name as it stands in the register", "Dirk de Boer"),
        ("Profession", "Hand surgeon in Zwolle"),
        ("What do you bring?", "Twelve years of tendons."),
        ("What do you seek?", "A second pair of eyes."),
    ):
        applicant.tab_to(say(label))
        applicant.type(text)
    applicant.tab_to(say("I subscribe to the charter and the commitment"))
    applicant.page.keyboard.press("Space")
    applicant.tab_to(say("Send the application"))
    applicant.enter()
    applicant.sees_heading(say("You need do nothing"))
    wait_until(Application.objects.filter(email=DIRK, state="review").exists)

    vetter = come(anna)
    vetter.open(f"/c/{circle.public_id}/vetting/")
    vetter.tab_to(say("Open the first"))
    vetter.enter()
    vetter.tab_to(say("To the vote"))
    vetter.page.keyboard.press("Enter")
    vetter.tab_to(say("Admit"))
    vetter.page.keyboard.press("Space")
    vetter.tab_to(say("One sentence why"))
    vetter.type("I know the work.")
    vetter.tab_to(say("Record your vote"))
    vetter.enter()
    kring.mailbox.wait_for("application_offered", DIRK)
