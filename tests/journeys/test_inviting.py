"""From a member's word to a new member, on a phone and without script, in both languages: the
invitee has only the mail, two vetters vote, and the inviter reads how it ended."""

import pytest
from django.utils import translation
from django.utils.translation import gettext, pgettext

from members.models import Member
from tests.journeys.visitor import PHONE, windows
from tests.live import link_in

NOOR = "noor@example.org"
OPENED = "/application/open/"
phone_without_script = windows((PHONE, False))


@pytest.fixture(params=["nl", "en"])
def say(request, circle):
    """`say(text)` is that text in the language everybody speaks this time."""
    Member.objects.update(language=request.param)
    circle.language = request.param
    circle.save()

    def in_it(text: str, context: str = "", **facts) -> str:
        with translation.override(request.param):
            said = pgettext(context, text) if context else gettext(text)
        return said % facts if facts else said

    in_it.language = request.param
    return in_it


@phone_without_script
def test_a_members_word_leads_by_the_vetting_to_a_new_member(
    kring, visit, circle, anna, vera, bram, say
):
    inviter = visit(bram)
    inviter.open(f"/c/{circle.public_id}/about/")
    inviter.follow(say("Invite a colleague"))
    inviter.write(say("Their name"), "Noor Haddad")
    inviter.write(say("Their email address at work"), NOOR)
    inviter.choose(say("We worked or trained together"))
    inviter.write(say("Your words"), "We ran the elbow clinic together.")
    inviter.press(say("Send the invitation"))
    inviter.sees(say("Open"))
    inviter.sees(NOOR)

    invitee = visit()
    invitee.hold("django_language", say.language)
    invitee.open(link_in(kring.mailbox.wait_for("invitation", NOOR), "/invitation/open/"))
    invitee.sees_heading(say("%(name)s vouches for you", name="Bram de Vries"))
    invitee.sees("We ran the elbow clinic together.")
    invitee.press(say("Begin your application"))
    invitee.write(say("Profession"), "Hand surgeon in Zwolle")
    invitee.write(say("What do you bring?"), "Twelve years of tendons.")
    invitee.write(say("What do you seek?"), "A second pair of eyes.")
    invitee.choose(say("I subscribe to the charter and the commitment"))
    invitee.press(say("Send the application"))
    invitee.sees_heading(say("You need do nothing"))
    inviter.open(f"/c/{circle.public_id}/invitations/")
    inviter.sees(say("Is being vetted"))

    for vetter in (visit(anna), visit(vera)):
        vetter.open(f"/c/{circle.public_id}/vetting/")
        vetter.follow(say("Open the first"))
        vetter.sees("We ran the elbow clinic together.")
        vetter.choose(say("Admit"))
        vetter.write(say("One sentence why"), "I know the work.")
        vetter.press(say("Record your vote"))

    invitee.open(link_in(kring.mailbox.wait_for("application_offered", NOOR), OPENED))
    invitee.write(say("Choose a password"), "a long enough pass phrase")
    invitee.choose(say("I subscribe to the charter and the commitment"))
    invitee.choose(say("What I read in the circle stays in the circle"))
    invitee.press(say("Become a member"))
    invitee.sees(say("Welcome. You are a member now."))

    inviter.open(f"/c/{circle.public_id}/invitations/")
    inviter.sees(say("Became a member"))
    kinds = ["invitation", "application_received", "application_offered"]
    assert kring.mailbox.kinds(NOOR) == kinds


@phone_without_script
def test_whoever_says_never_again_hears_no_more(kring, visit, circle, bram, say):
    inviter = visit(bram)
    invite_again(inviter, circle, say)
    reader = visit()
    reader.hold("django_language", say.language)
    mail = kring.mailbox.wait_for("invitation", NOOR)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    reader.open(link_in(mail, "/never/"))
    reader.press(say("Never write to me again"))
    reader.sees_heading(say("We do not write to you again"))

    invite_again(inviter, circle, say)
    inviter.sees(
        say(
            "Whoever reads mail at this address asked never to be written to, and that stays so. "
            "Talk to them yourself."
        )
    )
    assert kring.mailbox.kinds(NOOR) == ["invitation"]


def invite_again(inviter, circle, say):
    inviter.open(f"/c/{circle.public_id}/invitations/new/")
    inviter.write(say("Their name"), "Noor Haddad")
    inviter.write(say("Their email address at work"), NOOR)
    inviter.choose(say("We have met"))
    inviter.write(say("Your words"), "Noor asks the questions we forget.")
    inviter.press(say("Send the invitation"))
