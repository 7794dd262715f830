"""The queue's doors to the digest."""

from celery import shared_task

from questions.digests import building, planning


@shared_task(name="questions.tasks.plan_digests")
def plan_digests() -> None:
    for issue_id in planning.plan_due():
        build_digest.delay(issue_id)


@shared_task(name="questions.tasks.build_digest")
def build_digest(issue_id: int) -> None:
    building.build(issue_id)
