"""Log lines hold routes, numbers and kinds of errors, and nothing that anybody wrote."""

import json
import logging

import pytest
from django.db import IntegrityError, connection

from kring import logs
from tests.conftest import RestrictedClient

SECRET = "Dirk of Bergweg 1, dirk@example.org"


@pytest.fixture
def lines(monkeypatch):
    """What this logger writes, as it is configured; the last line first read as JSON."""
    written = []
    made = logs.config("INFO", "json")
    formatter = logs.Json(
        made["formatters"]["json"]["fmt"],
        rename_fields=made["formatters"]["json"]["rename_fields"],
    )

    class Kept(logging.Handler):
        def emit(self, record):
            written.append(formatter.format(record))

    handler = Kept()
    monkeypatch.setattr(logging.root, "level", logging.INFO)
    logging.root.addHandler(handler)
    yield written
    logging.root.removeHandler(handler)


def answered(lines) -> dict:
    return next(json.loads(line) for line in reversed(lines) if '"answered"' in line)


@pytest.mark.django_db
def test_a_request_leaves_one_line_with_its_route(lines, as_, bram, circle):
    reply = as_(bram).get(f"/c/{circle.public_id}/?q=a+patient")
    (line,) = lines
    found = json.loads(line)
    assert found["route"] == reply.resolver_match.view_name
    assert (found["method"], found["status"], found["visitor"]) == ("GET", 200, "member")
    assert found["size"] == len(reply.content)
    assert found["queries"] > 0
    assert found["request"] == reply.headers["X-Request-ID"]
    assert not [word for word in (circle.public_id, "patient", "127.0.0.1") if word in line]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/application/open/a-token-that-opens/", "application_open", 302),
        ("/nowhere/a-token-that-opens/", "-", 404),
        ("/static/css/a-token-that-opens.css", "static", 404),
    ],
)
def test_what_is_not_found_is_not_named(lines, client, path, route, status):
    client.get(path)
    found = answered(lines)
    assert (found["route"], found["status"], found["visitor"]) == (route, status, "anonymous")
    assert "a-token" not in "".join(lines)


@pytest.mark.django_db
def test_a_refused_form_is_one_line_too(lines):
    RestrictedClient(enforce_csrf_checks=True).post("/account/login/?next=/secret/", {})
    assert answered(lines)["status"] == 403
    assert "secret" not in "".join(lines)


@pytest.mark.django_db
def test_our_own_mistake_shares_its_number_with_the_request(lines, monkeypatch):
    monkeypatch.setattr("members.middleware.add_never_cache_headers", lambda _: 1 / 0)
    page = RestrictedClient(raise_request_exception=False).get("/guide/")
    found = answered(lines)
    assert (found["status"], found["route"]) == (500, "guide_page")
    assert found["request"][:6] in page.content.decode()
    assert "ZeroDivisionError" in "".join(lines)


def test_an_error_of_the_database_keeps_its_row(lines, db):
    """PostgreSQL says which values broke a rule, in its detail."""
    twice = "insert into kring_cache select %s, 'x', now() from generate_series(1, 2)"
    with connection.cursor() as cursor, pytest.raises(IntegrityError) as broken:
        cursor.execute(twice, [SECRET])
    assert SECRET in str(broken.value)
    logging.getLogger("members.delivery").error("a letter failed", exc_info=broken.value)
    (line,) = lines
    assert "IntegrityError" in line
    assert "UniqueViolation" in line
    assert __file__ in line
    assert "Bergweg" not in line


@pytest.mark.parametrize(
    "say",
    [
        lambda log: log.warning("Invalid request from ip=10.1.2.3: %s", SECRET),
        lambda log: log.error("Error handling request %s", "/application/open/Bergweg"),
        lambda log: log.error(f"Invalid HTTP request line: 'GET /open/Bergweg of {SECRET}'"),
        lambda log: log.error("Task %(name)s raised %(exc)r", {"name": "x", "exc": SECRET}),
        lambda log: log.error("gone", extra={"request": SECRET}),
        lambda log: log.error(ValueError(SECRET)),
    ],
)
def test_of_the_lines_of_others_the_words_remain(lines, say):
    say(logging.getLogger("gunicorn.base"))
    (line,) = lines
    assert json.loads(line)["logger"] == "gunicorn.base"
    assert not [word for word in ("Bergweg", "dirk", "10.1.2.3", "open") if word in line]


def test_numbers_and_kinds_of_others_remain(lines):
    log = logging.getLogger("celery.worker")
    log.error("consumer: Cannot connect after %d tries: %s", 3, ConnectionError(SECRET))
    assert (
        json.loads(lines[0])["message"]
        == "consumer: Cannot connect after 3 tries: ConnectionError"
    )


def test_a_line_that_cannot_be_made_shows_no_value(capsys, monkeypatch):
    handler = logs.Out()
    record = logging.LogRecord("kring", logging.INFO, __file__, 1, "%d", (SECRET,), None)
    handler.setFormatter(logs.Line("%(message)s"))
    monkeypatch.setattr(handler, "stream", None)
    handler.handle(record)
    assert capsys.readouterr().err == "A log line of kring:1 could not be written.\n"


def test_a_reader_at_a_terminal_gets_a_line():
    record = logging.LogRecord("kring.watch", logging.INFO, __file__, 1, "answered", (), None)
    record.route, record.ms = "home", 12.5
    line = logs.Line("%(levelname)s %(name)s %(message)s").format(record)
    assert line == "INFO kring.watch answered route=home ms=12.5"
