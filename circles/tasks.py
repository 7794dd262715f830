"""The queue's door to the checks of applicants."""

from celery import shared_task

from circles import checks


@shared_task(name="circles.tasks.run_checks")
def run_checks() -> None:
    checks.run_waiting()
