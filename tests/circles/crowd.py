"""Several people at the same moment: real threads, each with its own restricted connection."""

from threading import Barrier, Thread

from django.db import connection
from django.utils import translation

from kring.lib.refused import Refused


def at_once(*acts) -> list[str]:
    """Run each act in a thread of its own under the role of the web, or another one it is marked
    with; return what each heard."""
    heard = [""] * len(acts)
    start = Barrier(len(acts))

    def run(number, act):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"set role {getattr(act, 'role', 'kring_web')}")
            start.wait(timeout=10)
            with translation.override("en"):
                act()
        except Refused as refused:
            heard[number] = refused.sentence
        except Exception as error:
            heard[number] = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return heard


def as_house(act):
    """Let the worker do this."""
    act.role = "kring_worker"
    return act
