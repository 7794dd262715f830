"""The queue's doors to the digest and to what is moved in."""

from celery import shared_task

from questions.archive import running
from questions.digests import building, planning


@shared_task(name="questions.tasks.plan_digests")
def plan_digests() -> None:
    for issue_id in planning.plan_due():
        build_digest.delay(issue_id)


@shared_task(name="questions.tasks.build_digest")
def build_digest(issue_id: int) -> None:
    building.build(issue_id)


@shared_task(name="questions.tasks.run_import")
def run_import(import_id: int) -> None:
    if running.run(import_id):
        run_import.delay(import_id)


@shared_task(name="questions.tasks.run_imports")
def run_imports() -> None:
    running.tidy()
    for import_id in running.waiting():
        run_import.delay(import_id)
