"""Set aside as spam: two say so, nobody writes, and only an admin opens the door again."""

import pytest
from django.db import DatabaseError, connection

from circles import applying, inviting, moves
from circles.models import Application, Membership, Vote
from kring.lib.refused import Refused
from members import silence
from members.models import AuditEntry
from tests import make

SPAMMER = "win@example.org"
WORDS = {"name": "Win Big", "words": "I know him.", "how": "worked", "language": "en"}


@pytest.fixture
def application(circle):
    return make.application(
        circle, email=SPAMMER, address_key=silence.key_of(SPAMMER), language="en"
    )


@pytest.fixture
def set_aside(application):
    Application.objects.filter(pk=application.pk).update(state="discarded")
    return application


def state_of(application) -> str:
    return Application.objects.get(pk=application.pk).state


def test_two_who_judge_set_it_aside_and_no_letter_goes(application, anna, vera, votes, letters_of):
    votes(application, anna, "spam")
    assert state_of(application) == "review"
    votes(application, vera, "spam")
    assert state_of(application) == "discarded"
    assert letters_of(application) == []
    assert AuditEntry.objects.filter(act="application.moved", subject_id=application.pk).exists()


def test_one_who_calls_it_spam_stands_in_the_way_of_admitting(application, anna, vera, votes):
    votes(application, anna, "spam")
    votes(application, vera)
    assert state_of(application) == "review"


def test_one_refusal_and_one_spam_refuse_with_a_reason(application, anna, vera, votes, reason):
    votes(application, anna, "spam")
    votes(application, vera, "decline", **reason)
    assert state_of(application) == "declined"


def test_where_one_alone_may_judge_that_one_sets_it_aside(application, anna, vera, votes):
    Membership.objects.filter(member_id=vera.pk).update(role="member")
    votes(application, anna, "spam")
    assert state_of(application) == "discarded"


def test_the_database_counts_those_who_call_it_spam(application, anna, votes, acting):
    votes(application, anna, "spam")
    alone = Application.objects.get(pk=application.pk)
    with pytest.raises(DatabaseError, match="two call it spam"), acting(anna):
        moves.move(alone, "discarded", who=moves.CIRCLE, by=anna)


def test_what_is_appealed_is_no_spam(circle, anna, votes, acting):
    appealed = make.application(circle, state="appealed", decline_code="other", decline_text="No.")
    with pytest.raises(Refused, match="taken seriously"):
        votes(appealed, anna, "spam")
    facts = {"circle": circle, "application": appealed, "voter_id": anna.pk, "sentence": "."}
    with pytest.raises(DatabaseError, match="only under review"), acting(anna):
        Vote.objects.create(**facts, choice="spam")


def test_the_page_of_an_appeal_does_not_offer_it(circle, anna, client):
    client.force_login(anna)
    facts = {"decline_code": "other", "decline_text": "No."}
    for state, offered in (("review", True), ("appealed", False)):
        seen = make.application(circle, state=state, **facts)
        page = client.get(f"/c/{circle.public_id}/vetting/{seen.public_id}/")
        assert ('value="spam"' in page.content.decode()) is offered


def test_whoever_was_set_aside_cannot_apply_again(set_aside, circle, sent):
    with pytest.raises(Refused, match="decided about you"):
        sent(circle, SPAMMER)


def test_a_vetter_reads_that_an_admin_alone_may_invite_them(set_aside, circle, vera, acting):
    with acting(vera), pytest.raises(Refused, match="An admin alone"):
        inviting.invite(circle, by=vera, address=SPAMMER, **WORDS)


def test_an_admin_who_invites_them_opens_the_door_again(set_aside, circle, anna, acting, sent):
    with acting(anna):
        inviting.invite(circle, by=anna, address=SPAMMER, **WORDS)
    assert sent(circle, SPAMMER).state == "review"
    assert AuditEntry.objects.filter(act="application.pardoned", by_id=anna.pk).exists()


def test_nobody_else_makes_the_circle_forget(set_aside, circle, vera, carla, acting):
    for person in (vera, carla):
        with acting(person), connection.cursor() as cursor:
            cursor.execute("select kring_pardon(%s, %s)", [circle.pk, silence.key_of(SPAMMER)])
            assert cursor.fetchall() == []


def test_whoever_looks_reads_that_it_was_set_aside(set_aside, client, link_in):
    applying.mail_again(set_aside)
    client.get(link_in(set_aside))
    assert "als spam terzijde gelegd" in client.get("/application/").content.decode()
