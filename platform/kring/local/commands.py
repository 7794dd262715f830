"""The commands of the stack, for the Python that runs this."""

from pathlib import Path


def prepare() -> list[str]:
    """Migrations, translations, static files, demo; it shows its own progress."""
    return ["manage.py", "prepare"]


def web(socket: int) -> list[str]:
    """Serve on a socket that is open already; loaded once, then shared by both processes."""
    return [
        *("-m", "gunicorn", "--config", "python:kring.serving", "kring.wsgi:application"),
        *("--bind", f"fd://{socket}", "--graceful-timeout", "3"),
    ]


def worker() -> list[str]:
    """One process beside its keeper; alone on this machine it has nobody to gossip with."""
    return [
        *("-m", "celery", "-A", "kring", "worker", "--concurrency", "1", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def beat(home: Path) -> list[str]:
    """The schedule lies in the home; this process is watched, so it needs no pid file."""
    return [
        *("-m", "celery", "-A", "kring.clock", "beat", "--loglevel", "INFO"),
        *("--schedule", str(home / "beat-schedule"), "--pidfile", ""),
    ]
