"""The wiring of Kring: settings, addresses, the queue. Nobody imports it except its cellar, kring.lib."""

from kring.celery import app as celery_app

__all__ = ["celery_app"]
