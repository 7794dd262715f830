"""The wiring as an app: its commands."""

from django.apps import AppConfig


class KringConfig(AppConfig):
    name = "kring"
    verbose_name = "Kring"

    def ready(self):
        from kring import celery  # noqa: F401 (tasks find their queue)
        from kring.lib import moments  # noqa: F401 (each connection asks for it)
