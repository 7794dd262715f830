"""The queue's doors to letters, timers and sessions."""

from celery import shared_task
from django.conf import settings

from members import browsers, delivery, due, erasing
from members.sessions import SessionStore


@shared_task(name="members.tasks.deliver_letters")
def deliver_letters() -> None:
    delivery.deliver_waiting()


@shared_task(name="members.tasks.run_due")
def run_due() -> None:
    due.run_due()
    erasing.keep_outside(settings.ERASURES)


@shared_task(name="members.tasks.clear_sessions")
def clear_sessions() -> None:
    SessionStore.clear_expired()
    browsers.forget_unused()
