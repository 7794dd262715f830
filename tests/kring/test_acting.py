"""Who is acting: scopes give the outer actor back, requests roll back what went wrong."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import Http404, HttpResponse, HttpResponseServerError

from kring.lib.acting import MemberScope, acting_as, acting_with, at_the_desk, current_member_id
from members.models import AuditEntry


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting(%s, true), '')", [name])
        return cursor.fetchone()[0]


def test_a_nested_scope_gives_the_outer_member_back(db):
    with acting_as(1):
        with acting_as(2):
            assert current_member_id() == 2
        assert current_member_id() == 1
    assert current_member_id() is None


def test_a_scope_that_fails_gives_the_outer_member_back(db):
    with acting_as(1):
        with pytest.raises(ZeroDivisionError), acting_as(2):
            1 / 0  # noqa: B018
        assert current_member_id() == 1


def test_a_link_s_holder_is_no_member_meanwhile(db):
    with acting_as(1):
        with acting_with(7):
            assert (setting("kring.member_id"), setting("kring.token_id")) == ("", "7")
        assert (setting("kring.member_id"), setting("kring.token_id")) == ("1", "")


def test_the_desk_closes_again(db):
    with at_the_desk():
        assert setting("kring.desk") == "sign-in"
    assert setting("kring.desk") == ""


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_a_connection():
    with acting_as(1):
        pass
    assert current_member_id() is None
    with pytest.raises(ZeroDivisionError), acting_as(1):
        1 / 0  # noqa: B018
    assert current_member_id() is None


class Request:
    path = "/"

    def __init__(self, member_id=None):
        self.session = {"_auth_user_id": member_id} if member_id else {}
        self.user = AnonymousUser()


def writes(answer):
    def view(request):
        AuditEntry.objects.create(act="written")
        return answer

    return view


@pytest.mark.parametrize(("answer", "kept"), [(HttpResponse, 1), (HttpResponseServerError, 0)])
def test_a_server_error_keeps_nothing(db, answer, kept):
    MemberScope(writes(answer()))(Request())
    assert AuditEntry.objects.count() == kept


@pytest.mark.parametrize(("exception", "kept"), [(Http404(), 1), (ValueError(), 0)])
def test_an_unexpected_exception_keeps_nothing_but_a_missing_page_does(db, exception, kept):
    scope = MemberScope(lambda request: None)

    def as_the_handler_does(request):
        AuditEntry.objects.create(act="written")
        scope.process_exception(request, exception)
        return HttpResponse(status=200)

    scope.get_response = as_the_handler_does
    scope(Request())
    assert AuditEntry.objects.count() == kept


def test_a_session_that_has_ended_acts_as_nobody(db):
    seen = []

    def view(request):
        seen.append(current_member_id())
        return HttpResponse()

    MemberScope(view)(Request(member_id="12"))
    assert seen == [None]


def test_the_whole_request_is_one_transaction(db):
    depths = []

    def view(request):
        depths.append(transaction.get_connection().in_atomic_block)
        return HttpResponse()

    MemberScope(view)(Request())
    assert depths == [True]
