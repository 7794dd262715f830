"""Requests of signed-in members over HTTP, one or several at a time, and how long each took."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from psycopg import Connection

from kring.bench.bare import COUNTED
from members.models import Member
from members.sessions import SessionStore, _print

PROOF = "b" * 32  # of a form, the same in its cookie


@dataclass(frozen=True)
class Request:
    """One address as one member; with `form` it is posted."""

    member: int
    path: str
    form: dict | None = None
    expected: int = 200


@dataclass
class Visit:
    """What came of a number of requests."""

    seconds: float
    times: list[float] = field(default_factory=list)


class Visitor:
    """A browser on one kept connection; each request brings the cookies of its member."""

    def __init__(self, port: int):
        self.port = port
        self.line: HTTPConnection | None = None

    def ask(self, request: Request, **headers: str) -> tuple[bytes, dict[str, str]]:
        """Return the reply's body and headers. Raises AssertionError on any other status."""
        headers |= {"Cookie": f"sessionid={key_of(request.member)}; csrftoken={PROOF}"}
        method, body = "GET", None
        if request.form is not None:
            method = "POST"
            body = urlencode({"csrfmiddlewaretoken": PROOF, **request.form}, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        reply = self._reply(method, request.path, body, headers)
        text = reply.read()
        if reply.status != request.expected:
            raise AssertionError(f"{request.path}: {reply.status} instead of {request.expected}")
        return text, dict(reply.headers)

    def _reply(self, method, path, body, headers):
        """Send on the kept connection; the server may have closed one that rested."""
        for fresh in (False, True):
            if fresh or self.line is None:
                self.close()
                self.line = HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.line.request(method, path, body, headers)
                return self.line.getresponse()
            except (HTTPException, OSError):
                if fresh:
                    raise

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def queries_of(port: int, request: Request) -> int:
    """How many statements the page takes, without those of transactions; not the first time, when
    somebody who comes in is written down."""
    visitor = Visitor(port)
    visitor.ask(request)
    _, headers = visitor.ask(request, **{COUNTED: "1"})
    visitor.close()
    return int(headers[COUNTED])


def visit(port: int, requests: Sequence[Request], at_once: int = 1) -> Visit:
    """Send all requests, so many at once, and wait for the last reply."""
    waiting, done, failed = iter(list(requests)), [], []
    lock = threading.Lock()

    def go() -> None:
        visitor = Visitor(port)
        try:
            while True:
                with lock:
                    request = next(waiting, None)
                if request is None or failed:
                    return
                began = time.perf_counter()
                visitor.ask(request)
                done.append(time.perf_counter() - began)
        except Exception as error:
            failed.append(error)
        finally:
            visitor.close()

    threads = [threading.Thread(target=go) for _ in range(at_once)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return Visit(time.perf_counter() - began, done)


def turns(requests: Sequence[Request]) -> Iterator[Request]:
    """The requests one after another, and again from the first."""
    return cycle(requests)


def some(source: Iterator[Request], count: int) -> list[Request]:
    return list(islice(source, count))


# --- signing in ---------------------------------------------------------------------------
def key_of(member: int) -> str:
    """The session key in the cookie of a member of the bench."""
    return f"benchmember{member:021d}"


def sign_in(connection: Connection, members: Sequence[int]) -> None:
    """Give these members a session, as signing in does. As a superuser."""
    rows = connection.execute(
        "select id, password from members_member where id = any (%s)", [list(members)]
    ).fetchall()
    connection.execute(
        "delete from django_session where session_key = any (%s)",
        [[_print(key_of(number)) for number in members]],
    )
    until = datetime.now(UTC) + timedelta(days=7)
    for number, password in rows:
        session = {
            SESSION_KEY: str(number),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: Member(password=password).get_session_auth_hash(),
        }
        connection.execute(
            "insert into django_session (session_key, session_data, expire_date) "
            "values (%s, %s, %s)",
            [_print(key_of(number)), SessionStore().encode(session), until],
        )
