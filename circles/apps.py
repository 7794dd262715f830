"""Circles as an app: its letters and timers are known as soon as anything runs."""

from django.apps import AppConfig


class CirclesConfig(AppConfig):
    name = "circles"

    def ready(self) -> None:
        from importlib import import_module

        from django.conf import settings

        from circles import (  # noqa: F401 (importing registers)
            archiving,
            archiving_letters,
            asking_referees,
            checks,
            evidence,
            forgetting,
            founding_letters,
            inviting_letters,
            letters,
            referee_letters,
            timers,
        )
        from circles.belonging import calendar as belonging_calendar  # noqa: F401
        from circles.belonging import letters as belonging_letters  # noqa: F401
        from circles.proposing import cofounders, drafts  # noqa: F401
        from circles.proposing import letters as proposing_letters  # noqa: F401

        for name in settings.CHECKERS:
            import_module(name)
