"""Every door in the house, walked by those who may not enter. A new address is tested the day it
is added: an argument nobody taught, or a page nobody listed as open, fails here."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import get_resolver

from circles.belonging import doors as doors_of_people
from circles.models import Membership, Objection
from circles.views.cases import CASE, SHORT
from members import access, links, stewards
from members.models import Browser
from questions.digest_letters import PLACE
from questions.models import ArchiveImport, DigestIssue, DigestPlan
from tests import make

# Pages a stranger may see, and why they hold nothing of a circle.
OPEN = {
    "home": "leads a stranger to the guide",
    "language_choose": "a cookie",
    "theme_choose": "a cookie",
    "healthz": "no rows",
    "readyz": "ages of the oldest letter and timer",
    "metrics": "only with the operator's token",
    "guide_page": "listed circles only",
    "guide_compare": "listed circles only",
    "charter_page": "listed circles only",
    "unsubscribe_page": "the token is the key",
    "mail_webhook": "the provider's secret is the key",
    "mfa_authenticate": "the sign-in desk, after a right password",
    "mfa_login_webauthn": "the sign-in desk",
    "silence_page": "the token is the key",
    "invitation_open": "the token is the key",
    "invitation_page": "a link of one's own",
    "invitation_answer": "a link of one's own",
    "reference_open": "the token is the key",
    "reference_page": "a link of one's own",
    "cofounder_open": "the token is the key",
    "cofounder_page": "a link of one's own",
}
OPEN_PREFIXES = {
    "account_": "the sign-in desk",
    "application_": "a link of one's own, or the guide",
}


ABOUT_OBJECTIONS = ("newcomer_object", "vetting_settle")
OBJECTION = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 7}


def doors(patterns=None, prefix=""):
    for entry in patterns or get_resolver().url_patterns:
        path = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from doors(entry.url_patterns, path)
        else:
            yield entry.name, "/" + path


def is_open(name: str) -> bool:
    return name in OPEN or name.startswith(tuple(OPEN_PREFIXES))


ALL = sorted(set(doors()))
STEWARDS = [door for door in ALL if (door[0] or "").startswith("steward_")]
CLOSED = [door for door in ALL if not is_open(door[0]) and door not in STEWARDS]
CIRCLES = [door for door in CLOSED if "circle_id" in door[1]]
PLAIN = [door for door in ALL if "^" not in door[1]]  # not allauth's own patterns with a key
names = [door[0] for door in CIRCLES]


@pytest.fixture
def keys(circle, anna, vera, bram):
    """One real row for every argument that stands in an address."""
    EmailAddress.objects.create(user=anna, email=anna.email, verified=True, primary=True)
    make.first_hour(circle)
    question = make.question(circle, by=anna)
    answer = make.answer(question, by=anna)
    item = {
        "kind": "answers",
        "circle": circle.pk,
        "question": question.pk,
        "at": 1,
        "answers": [answer.pk],
    }
    link = links.draw("unsubscribe")
    plan = DigestPlan.objects.create(member=anna, link=link, next_due_at="2026-11-24T06:30Z")
    issue = DigestIssue.objects.create(member=anna, week="2026-W48", state="sent", items=[item])
    DigestIssue.objects.create(member=anna, week=issue.week, scope=circle.pk, state="sent")
    nobody_votes = make.application(circle)
    for person in (anna, vera):
        make.vote(nobody_votes, by=person, choice="recuse")
    objected = make.application(circle, state="objection", policy=OBJECTION)
    about = {"circle": circle, "application": objected, "by_id": bram.pk, "words": "I know more."}
    application = make.application(circle)
    paper = make.paper(application)
    return {
        "objection_id": Objection.objects.create(**about).public_id,
        "objected_id": objected.public_id,
        "short_id": links.token(SHORT, make.circle("Short", admin=make.member("gijs")).pk),
        "case_id": links.token(CASE, nobody_votes.pk),
        "browser_id": Browser.objects.create(member=anna, print="x").public_id,
        "passkey_id": access.name_in_address(make.passkey(anna)),
        "circle_id": circle.public_id,
        "own_id": circle.public_id,
        "person_id": doors_of_people.name_in_address(
            Membership.objects.get(circle=circle, member_id=bram.pk)
        ),
        "question_id": question.public_id,
        "answer_id": answer.public_id,
        "application_id": application.public_id,
        "paper_id": paper.public_id,
        "reference_id": make.reference(make.application(circle, "referees"), by=anna).public_id,
        "invitation_id": make.invitation(circle, by=anna).public_id,
        "week": issue.week,
        "asked": "0",
        "provider": "postmark",
        "import_id": ArchiveImport.objects.create(
            circle=circle, by_id=anna.pk, kind="csv", size=1
        ).public_id,
        "cofounder_id": make.cofounder(make.founding(anna)).public_id,
        "asked_id": make.cofounder(make.founding(bram), anna).public_id,
        "proposal_id": make.proposal(by=[anna]).public_id,
        "letter_id": links.token(stewards.LETTER, make.dead_letter(bram).pk),
        "token": links.token_of(plan.link),
        "item": links.token(PLACE, issue.pk, 0),
    }


def filled(door, keys) -> str:
    keys = {**keys, "token": keys["item"]} if door[0] == "digest_item" else keys
    if door[0] in ABOUT_OBJECTIONS:
        keys = {**keys, "application_id": keys["objected_id"]}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(keys[found[1]]), door[1])


def enter(browser, door, keys) -> set[int]:
    address = filled(door, keys)
    return {browser.get(address).status_code, browser.post(address).status_code}


@pytest.mark.parametrize("outsider", ["carla", "dirk", "eva"])
@pytest.mark.parametrize("door", CIRCLES, ids=names)
def test_an_outsider_finds_nothing(door, outsider, keys, as_, request):
    found = enter(as_(request.getfixturevalue(outsider)), door, keys)
    assert 404 in found
    assert found <= {404, 405}


@pytest.mark.parametrize("who", ["anna", "carla"])
@pytest.mark.parametrize("door", STEWARDS, ids=lambda door: door[0])
def test_who_is_no_steward_finds_no_page_of_one(door, who, keys, as_, request):
    assert enter(as_(request.getfixturevalue(who)), door, keys) <= {404, 405}


@pytest.mark.parametrize("door", STEWARDS, ids=lambda door: door[0])
def test_a_steward_finds_every_page_of_one(door, keys, sam, as_):
    found = enter(as_(sam), door, keys)
    assert found - {404, 405}
    assert 500 not in found


@pytest.mark.parametrize("door", CIRCLES, ids=names)
def test_a_steward_finds_no_circle(door, keys, sam, as_):
    assert enter(as_(sam), door, keys) <= {404, 405}


@pytest.mark.parametrize("door", [*CLOSED, *STEWARDS], ids=lambda door: door[0])
def test_a_stranger_is_sent_to_sign_in(door, keys, client):
    assert enter(client, door, keys) == {302}


@pytest.mark.parametrize("door", CLOSED, ids=[door[0] for door in CLOSED])
def test_the_admin_finds_every_door(door, keys, anna, as_):
    """Or else the 404s above prove nothing."""
    found = enter(as_(anna), door, keys)
    assert found - {404, 405}
    assert 500 not in found


@pytest.mark.parametrize("door", [d for d in CIRCLES if "vetting" in d[0]], ids=lambda d: d[0])
def test_a_member_who_does_not_vet_finds_no_desk(door, keys, bram, as_):
    assert enter(as_(bram), door, keys) <= {404, 405}


def test_a_vetter_who_does_not_administer_finds_no_objection(keys, vera, as_):
    for door in CIRCLES:
        if door[0] == "vetting_settle":
            assert enter(as_(vera), door, keys) <= {404, 405}


@pytest.mark.parametrize("who", ["bram", "vera"])
@pytest.mark.parametrize("door", [d for d in CIRCLES if "person_" in d[0]], ids=lambda d: d[0])
def test_only_an_admin_looks_after_people(door, who, keys, as_, request):
    assert enter(as_(request.getfixturevalue(who)), door, keys) <= {404, 405}


@pytest.mark.parametrize("who", ["bram", "vera"])
@pytest.mark.parametrize("door", [d for d in CIRCLES if "import" in d[0]], ids=lambda d: d[0])
def test_a_member_who_does_not_administer_finds_no_moving_in(door, who, keys, as_, request):
    assert enter(as_(request.getfixturevalue(who)), door, keys) <= {404, 405}


OWN = [
    "own_proposal",
    "cofounder_asked",
    "member_reference",
    "digest_page",
    "digest_of_circle",
    "digest_item",
    "session_end",
    "passkey_rename",
    "passkey_remove",
]


@pytest.mark.parametrize("name", OWN)
def test_what_is_another_s_own_is_not_there(name, keys, bram, as_):
    for door in CLOSED:
        if door[0] == name:
            assert enter(as_(bram), door, keys) <= {404, 405}


@pytest.mark.parametrize("door", PLAIN, ids=[door[0] for door in PLAIN])
def test_reading_a_page_changes_nothing(door, keys, anna, as_, unchanged):
    """GET and HEAD change no row of ours, whoever asks."""
    address = filled(door, keys)
    browser = as_(anna)
    with unchanged():
        page = browser.get(address).getvalue()
        browser.head(address)
    assert b" object at 0x" not in page, "a template shows a method instead of calling it"


def test_the_demo_has_no_doors_without_the_demo():
    assert settings.DEMO or not any(name and name.startswith("demo_") for name, _path in ALL)
