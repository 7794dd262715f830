"""What the machine beside us asks: does the process live, and may it be given visitors.

Answered before sessions, members and host names are looked at, so also when PostgreSQL is away.
A reading tells numbers and sentences for the operator, and is kept for two seconds: whoever asks
often asks no more of the database.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from kring import guard
from members import condition
from members.condition import Condition

KEPT = 2  # seconds
SWEEP = "members.tasks.deliver_letters"  # every minute: when it is not seen, nothing is
UNSEEN, LATE_LETTER, LATE_DUE = 300, 900, 1800  # seconds
_lock = threading.Lock()
_last: tuple[float, "Reading"] | None = None


@dataclass(frozen=True)
class Reading:
    """How the installation is: ready, degraded or down, why, and what was counted."""

    state: str
    says: list[str]
    broker: bool = False
    condition: Condition | None = None
    connections: int = 0
    connections_max: int = 0


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    reading = read()
    body = {"state": reading.state, "says": reading.says}
    if found := reading.condition:
        body["oldest_letter_seconds"] = round(found.oldest_letter)
        body["oldest_due_seconds"] = round(found.oldest_due)
    reply = JsonResponse(body, status=503 if reading.state == "down" else 200)
    reply._has_been_logged = True  # by the line of this request
    return reply


def machine_doors(get_response: Callable[[HttpRequest], HttpResponse]):
    """Lead the machine beside us straight to its page; /metrics only with the token."""
    from kring import metrics

    def reply(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path in ("/healthz", "/readyz") or (path == "/metrics" and metrics.is_for(request)):
            request.resolver_match = resolve(path)
            return request.resolver_match.func(request)
        return get_response(request)

    return reply


def read() -> Reading:
    """Return how the installation is, as of at most two seconds ago."""
    global _last
    with _lock:
        if _last is None or time.monotonic() - _last[0] > KEPT:
            _last = time.monotonic(), _read()
        return _last[1]


def _read() -> Reading:
    broker = _broker_answers()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local statement_timeout = '2s'")
            if wrong := _down():
                return Reading("down", wrong, broker)
            found = condition.read()
            cursor.execute(
                "select numbackends, current_setting('max_connections')::int "
                "from pg_stat_database where datname = current_database()"
            )
            connections = cursor.fetchone()
    except Error as error:
        return Reading("down", [f"The database does not answer ({type(error).__name__})."], broker)
    late = _late(found, broker)
    return Reading("degraded" if late else "ready", late, broker, found, *connections)


def _down() -> list[str]:
    """Say why no visitor should come here yet; empty when they may."""
    wrong = []
    if guard.weakness():
        wrong.append("The database role is too strong. Set DATABASE_URL to kring_web.")
    if missing := _wanted() - set(MigrationRecorder(connection).applied_migrations()):
        wrong.append(
            f"{len(missing)} migrations are missing. Run manage.py migrate as kring_owner."
        )
    return wrong


def _late(found: Condition, broker: bool) -> list[str]:
    """Say what is late. Pages work all the same, and nothing is lost by waiting."""
    late = []
    if not broker:
        late.append("The broker does not answer. Letters and timers wait; look at REDIS_URL.")
    ran = found.sweeps.get(SWEEP)
    if ran is None:
        late.append("No worker was ever seen. Start worker and beat.")
    elif ran.seconds_ago > UNSEEN:
        minutes = round(ran.seconds_ago / 60)
        late.append(f"No worker was seen for {minutes} minutes. Look at worker and beat.")
    elif not ran.worked:
        late.append("The last sweep of letters failed. Look at the worker's log.")
    if found.oldest_letter > LATE_LETTER:
        minutes = round(found.oldest_letter / 60)
        late.append(f"A letter waits for {minutes} minutes. Look at the worker's log.")
    if found.stubborn_letters:
        late.append(
            f"{found.stubborn_letters} letters were tried three times or more. Look at SMTP_HOST."
        )
    if found.oldest_due > LATE_DUE:
        minutes = round(found.oldest_due / 60)
        late.append(f"A timer is {minutes} minutes late. Look at the worker's log.")
    return late


def _broker_answers() -> bool:
    """Ask once, for a second at most; the queue's own client would try for many."""
    url = settings.REDIS_URL.replace("virtual_host=", "db=")  # what Celery calls it in a path
    patience = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}
    try:
        with Redis.from_url(url, **patience) as line:
            return line.ping()
    except (RedisError, OSError, ValueError):
        return False


@cache
def _wanted() -> set[tuple[str, str]]:
    """The migrations this code brings. They do not change while it runs."""
    return set(MigrationLoader(None).disk_migrations)
