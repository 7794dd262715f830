"""The queue's doors to the checks and the papers of applicants."""

from celery import shared_task

from circles import checks, evidence


@shared_task(name="circles.tasks.run_checks")
def run_checks() -> None:
    ids = checks.claim()
    for check_id in ids:
        run_check.delay(check_id)
    if len(ids) == checks.MOST_AT_ONCE:
        run_checks.delay()


@shared_task(
    name="circles.tasks.run_check",
    soft_time_limit=checks.SECONDS,
    time_limit=checks.SECONDS + 10,
)
def run_check(check_id: int) -> None:
    checks.run(check_id)


@shared_task(name="circles.tasks.sweep_papers")
def sweep_papers() -> None:
    evidence.sweep()
