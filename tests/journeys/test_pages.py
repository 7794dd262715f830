"""Every main page in Dutch, whose words are longer, on a phone and on a wide dark screen."""

import pytest

from circles.belonging import doors
from circles.models import Membership
from members import links
from members.models import Member
from tests import make
from tests.journeys.visitor import DESK, PHONE, Window
from tests.questions import digest_make

LONG = "Handtherapeutenoverlegvergaderingsverslag zonder één enkele spatie, wie heeft ervaring?"
FAR = f"{'n' * 60}@example.org"
both = pytest.mark.parametrize(
    "window", [Window(PHONE, script=True), Window(DESK, script=True, dark=True)], ids=str
)


@pytest.fixture
def pages(circle, anna, bram):
    """The addresses of all pages that anna can open, each with something on it."""
    Member.objects.update(language="nl")
    make.parameter(circle, "Aangedane hand", required=True, help="Links, rechts of beide.")
    open_one = make.question(circle, by=bram, title=LONG, body=LONG)
    own = make.question(circle, by=anna, title="Spalk of pennen?")
    digest_make.plan(anna)
    answer = digest_make.answered(own, by=bram, body=LONG)
    item = {"kind": "answers", "circle": circle.pk, "question": own.pk, "at": 1}
    digest_make.issue(anna, state="sent", items=[{**item, "answers": [answer.pk]}])
    applicant = make.application(circle, name="Handtherapeutenoverleg van der Vergadering")
    invitation = make.invitation(circle, by=bram, answer=LONG, name=LONG, address=FAR)
    make.endorsement(applicant, by=bram, words=LONG)
    make.portrait(circle, anna, expertise=[LONG[:60]], brings=LONG, seeks=LONG)
    own_id = doors.name_in_address(Membership.objects.get(circle=circle, member_id=anna.pk))
    here = f"/c/{circle.public_id}"
    return [
        "/",
        "/circles/",
        "/search/?q=vergadering",
        "/search/?q=niets",
        f"{here}/",
        f"{here}/?q=niets",
        f"{here}/about/",
        f"{here}/ask/",
        f"{here}/members/",
        f"{here}/members/?q=niets",
        f"{here}/members/{own_id}/",
        f"{here}/profile/",
        f"{here}/q/{open_one.public_id}/",
        f"{here}/q/{own.public_id}/",
        f"{here}/q/{own.public_id}/edit/",
        f"{here}/q/{own.public_id}/history/",
        f"{here}/vetting/",
        f"{here}/vetting/{applicant.public_id}/",
        f"{here}/invitations/",
        f"{here}/invitations/new/",
        f"{here}/invitations/{invitation.public_id}/revoke/",
        "/settings/",
        "/digests/",
        "/digests/2026-W48/",
        "/guide/",
        f"/guide/{circle.public_id}/",
        "/account/email/",
        "/account/password/change/",
    ]


OPEN = ["/account/login/", "/account/password/reset/", "/guide/", "/application/link/"]


@both
def test_every_page_of_a_member_fits_and_stays_in_the_house(pages, visit, anna):
    reader = visit(anna)
    for page in pages:
        reader.open(page)
        reader.sees("Geen advertenties")


@both
def test_every_page_of_a_stranger_fits_and_stays_in_the_house(kring, visit):
    reader = visit()
    for page in OPEN:
        reader.open(page)


@both
def test_the_page_of_an_invitation_fits_and_stays_in_the_house(kring, visit, circle, bram):
    invitation = make.invitation(circle, by=bram, words=LONG, address=FAR)
    invitee = visit()
    invitee.hold("django_language", "nl")
    invitee.open(f"/invitation/open/{links.token_of(invitation.link)}/")
    invitee.sees_heading("Bram de Vries staat voor u in")
    invitee.follow("Schrijf mij nooit meer")
    invitee.sees_heading("U nooit meer schrijven?")
