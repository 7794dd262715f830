"""The one table of what is asked of the worker when. Always UTC."""

from celery.schedules import crontab

SWEEPS = {
    "letters": {"task": "members.tasks.deliver_letters", "schedule": 60.0},
    "due": {"task": "members.tasks.run_due", "schedule": 300.0},
    "digests": {"task": "questions.tasks.plan_digests", "schedule": 600.0},
    "imports": {"task": "questions.tasks.run_imports", "schedule": 60.0},
    "checks": {"task": "circles.tasks.run_checks", "schedule": 60.0},
    "papers": {"task": "circles.tasks.sweep_papers", "schedule": crontab(hour=3, minute=40)},
    "sessions": {"task": "members.tasks.clear_sessions", "schedule": crontab(hour=3, minute=10)},
}
