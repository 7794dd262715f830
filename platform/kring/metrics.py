"""Figures for the operator's Prometheus, behind a token: how requests went, and what waits.

Each web container counts for itself, over all its processes, and is asked by itself; what is read
from the database is the same whoever is asked. Without KRING_METRICS_TOKEN nothing is counted.
"""

import os
import sys
from collections.abc import Iterator

import django
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from kring import VERSION, health

ANSWERED = Counter("kring_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "kring_request_seconds",
    "How long an answer took.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request, if anybody may ever ask for it."""
    if settings.METRICS_TOKEN:
        ANSWERED.labels(method, route, status).inc()
        SECONDS.labels(route).observe(seconds)


def is_for(request: HttpRequest) -> bool:
    """Whether this request brings the operator's token."""
    token = settings.METRICS_TOKEN
    brought = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(brought, f"Bearer {token}")


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not is_for(request):
        raise Http404
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


class Installation(Collector):
    """What is read at the moment of asking; only whether it is ready when the database is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        reading = health.read()
        yield _gauge("kring_ready", "1 unless the installation is down.", reading.state != "down")
        yield _gauge("kring_degraded", "1 when something is late.", reading.state == "degraded")
        yield _gauge("kring_broker_answers", "1 when the broker answers.", reading.broker)
        versions = {"kring": VERSION, "django": django.__version__}
        versions["python"] = ".".join(map(str, sys.version_info[:3]))
        info = GaugeMetricFamily("kring_info", "What runs.", labels=list(versions))
        info.add_metric(list(versions.values()), 1)
        yield info
        if found := reading.condition:
            yield from _what_waits(found)
            yield _gauge("kring_database_connections", "Open ones.", reading.connections)
            yield _gauge("kring_database_connections_max", "Allowed.", reading.connections_max)


def _what_waits(found) -> Iterator[GaugeMetricFamily]:
    letters = GaugeMetricFamily(
        "kring_letters", "Letters by state; settled ones of the last 24 hours.", labels=["state"]
    )
    for state, number in found.letters.items():
        letters.add_metric([state], number)
    yield letters
    yield _gauge("kring_letters_stubborn", "Tried three times or more.", found.stubborn_letters)
    yield _gauge("kring_oldest_letter_seconds", "Past its moment.", found.oldest_letter)
    yield _gauge("kring_due", "Timers that are due.", found.due)
    yield _gauge("kring_oldest_due_seconds", "Past its moment.", found.oldest_due)
    ago = GaugeMetricFamily("kring_sweep_seconds_ago", "Since its last end.", labels=["task"])
    took = GaugeMetricFamily("kring_sweep_seconds", "How long it took.", labels=["task"])
    worked = GaugeMetricFamily("kring_sweep_worked", "1 unless it failed.", labels=["task"])
    for task, ran in found.sweeps.items():
        ago.add_metric([task], ran.seconds_ago)
        took.add_metric([task], ran.took)
        worked.add_metric([task], ran.worked)
    yield from (ago, took, worked)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _registry() -> CollectorRegistry:
    """Everything to be told: the counts of all processes of this gunicorn, and what is read."""
    registry = CollectorRegistry()
    registry.register(Installation())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        for counted in (ANSWERED, SECONDS):
            registry.register(counted)
    return registry
