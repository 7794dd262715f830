"""Who is acting, told to PostgreSQL, where the row policies read it.

Transaction-local settings only: `kring.member_id`, `kring.token_id`, `kring.desk`. They end with
their transaction, so nothing is left behind on a connection that is used again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse

_HARMLESS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)


def _become(member_id: int | None, token_id: int | None, desk: str = "") -> tuple[str, str, str]:
    """Set the actor for this transaction and return who it was before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with before as materialized (
                select coalesce(current_setting('kring.member_id', true), '') as member,
                       coalesce(current_setting('kring.token_id', true), '') as token,
                       coalesce(current_setting('kring.desk', true), '') as desk)
            select member, token, desk,
                   set_config('kring.member_id', %s, true),
                   set_config('kring.token_id', %s, true),
                   set_config('kring.desk', %s, true)
            from before
            """,
            [str(member_id or ""), str(token_id or ""), desk],
        )
        return cursor.fetchone()[:3]


@contextmanager
def _scope(
    member_id: int | None, token_id: int | None, desk: str = "", savepoint: bool = True
) -> Iterator[None]:
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(savepoint=savepoint):
        before = _become(member_id, token_id, desk)
        yield
        # Neither the end of the transaction nor an exception needs any restoring: the settings
        # end with the one, and the rollback of the other takes them back too.
        if not is_outermost:
            _become(*(value or None for value in before[:2]), desk=before[2])


def acting_as(member_id: int | None, *, savepoint: bool = True):
    """Run a block as this member (None: as nobody, or as the house in a worker).

    Opens a transaction or savepoint; a nested scope gives the outer actor back on its exit.
    Without a savepoint an exception within is the end of the whole transaction.
    """
    return _scope(member_id, None, savepoint=savepoint)


def acting_with(token_id: int):
    """Run a block as the holder of a verified mailed link."""
    return _scope(None, token_id)


def acting_as_holder(member_id: int | None, token_id: int | None):
    """Run a block as a member, or as nobody, who came by a verified mailed link."""
    return _scope(member_id, token_id)


def at_the_desk():
    """Run a block at the sign-in desk: accounts can be found by address, nothing else opens."""
    return _scope(None, None, "sign-in")


def current_member_id() -> int | None:
    """Say as which member this transaction acts."""
    with connection.cursor() as cursor:
        cursor.execute("select nullif(current_setting('kring.member_id', true), '')::bigint")
        return cursor.fetchone()[0]


class MemberScope:
    """One transaction around each request, in which PostgreSQL knows who asks.

    Stands after AuthenticationMiddleware. The member comes from the session before the account
    is read, so the account itself is read under its own policy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            member_id = request.session.get(SESSION_KEY)
            if member_id:
                _become(member_id, None)
                if not request.user.is_authenticated:  # signed out elsewhere, password changed
                    _become(None, None)
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_view(self, request, view, args, kwargs):
        if view.__module__.startswith("allauth.") and not request.user.is_authenticated:
            _become(None, None, "sign-in")

    def process_exception(self, request, exception):
        # Http404 and its like roll nothing back: the error page may follow a harmless answer.
        if not isinstance(exception, _HARMLESS):
            transaction.set_rollback(True)
