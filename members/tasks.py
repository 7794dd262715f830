"""The queue's doors to letters, timers and sessions."""

from celery import shared_task

from members import browsers, delivery, due
from members.sessions import SessionStore


@shared_task(name="members.tasks.deliver_letters")
def deliver_letters() -> None:
    delivery.deliver_waiting()


@shared_task(name="members.tasks.run_due")
def run_due() -> None:
    due.run_due()


@shared_task(name="members.tasks.clear_sessions")
def clear_sessions() -> None:
    SessionStore.clear_expired()
    browsers.forget_unused()
