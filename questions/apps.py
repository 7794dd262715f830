"""Questions as an app: its letters and timers are known as soon as anything runs."""

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "questions"

    def ready(self) -> None:
        from questions import (  # noqa: F401 (importing registers)
            at_once_letters,
            closing,
            digest_letters,
            own_data,
            own_export,
        )
