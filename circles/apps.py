"""Circles as an app: its letters and timers are known as soon as anything runs."""

from django.apps import AppConfig


class CirclesConfig(AppConfig):
    name = "circles"

    def ready(self) -> None:
        from importlib import import_module

        from django.conf import settings

        from circles import (  # noqa: F401 (importing registers)
            checks,
            founding_letters,
            inviting_letters,
            letters,
            referee_letters,
            referees,
            timers,
        )

        for name in settings.CHECKERS:
            import_module(name)
