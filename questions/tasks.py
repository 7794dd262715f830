"""The queue's doors to the digest and to what is moved in."""

from celery import shared_task

from questions.archive import running
from questions.digests import building, planning


@shared_task(name="questions.tasks.plan_digests")
def plan_digests() -> None:
    if planning.plan_due():
        build_digests.delay()


@shared_task(name="questions.tasks.build_digests")
def build_digests(after: int = 0) -> None:
    if last := building.build_some(after):
        build_digests.delay(last)


@shared_task(name="questions.tasks.run_import")
def run_import(import_id: int) -> None:
    if running.run(import_id):
        run_import.delay(import_id)


@shared_task(name="questions.tasks.run_imports")
def run_imports() -> None:
    running.tidy()
    for import_id in running.waiting():
        run_import.delay(import_id)
