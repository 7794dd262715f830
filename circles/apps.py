"""Circles as an app: its letters and timers are known as soon as anything runs."""

from django.apps import AppConfig


class CirclesConfig(AppConfig):
    name = "circles"

    def ready(self) -> None:
        from circles import founding_letters, inviting_letters, letters, timers  # noqa: F401 (importing registers)
