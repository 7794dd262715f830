"""The queue's doors to letters and timers."""

from celery import shared_task

from members import delivery, due


@shared_task(name="members.tasks.deliver_letters")
def deliver_letters() -> None:
    delivery.deliver_waiting()


@shared_task(name="members.tasks.run_due")
def run_due() -> None:
    due.run_due()
