"""From the guide to the first question read: an applicant, two vetters and three letters."""

from playwright.sync_api import expect

from tests import make
from tests.journeys.visitor import desk_with_script
from tests.live import link_in

DIRK = "dirk@example.org"
OPENED = "/application/open/"


@desk_with_script
def test_an_applicant_comes_in_by_two_votes_and_own_consent(kring, visit, circle, anna, vera):
    make.question(circle, by=anna, title="Who has seen this before?")

    stranger = visit()
    stranger.open("/guide/")
    stranger.follow("Hand surgeons")
    stranger.sees("What is said here stays here.")
    stranger.write("Email address at work", DIRK)
    stranger.press("Start")
    stranger.sees_heading("We mailed you a link")

    applicant = visit()  # another device: all it has is the mail
    applicant.open(link_in(kring.mailbox.wait_for("application_address", DIRK), OPENED))
    applicant.write("Name as it stands in the register", "Dirk de Boer")
    applicant.write("Profession", "Hand surgeon in Zwolle")
    applicant.write("What do you bring?", "Twelve years of tendons.")
    applicant.write("What do you seek?", "A second pair of eyes.")
    applicant.choose("I subscribe to the charter and the commitment")
    applicant.press("Send the application")
    applicant.sees_heading("You need do nothing")
    kring.mailbox.wait_for("application_received", DIRK)

    for vetter in (anna, vera):
        votes_for_the_first(visit(vetter))

    offer = link_in(kring.mailbox.wait_for("application_offered", DIRK), OPENED)
    applicant.open(offer)
    applicant.sees_heading("You are welcome")
    applicant.write("Choose a password", "a long enough pass phrase")
    applicant.choose("I subscribe to the charter and the commitment")
    applicant.choose("What I read in the circle stays in the circle")
    applicant.press("Become a member")
    applicant.sees("Welcome. You are a member now.")
    applicant.follow("Hand surgeons")
    applicant.follow("Who has seen this before?")
    applicant.sees("What would you do?")
    assert kring.mailbox.kinds(DIRK) == [
        "application_address",
        "application_received",
        "application_offered",
    ]


def votes_for_the_first(vetter):
    vetter.open("/")
    vetter.follow("Review")
    vetter.follow("Open the first")
    vetter.sees_heading("Dirk de Boer")
    vetter.press("Record your vote")
    expect(vetter.field("Admit")).not_to_be_checked()
    vetter.sees("Choose how you vote.")
    vetter.choose("Admit")
    vetter.write("One sentence why", "I know the work.")
    vetter.press("Record your vote")
    vetter.sees("Your vote is recorded.")
