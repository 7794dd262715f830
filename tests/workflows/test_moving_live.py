"""Moving in, in earnest: the worker is killed while it writes, and another one goes on."""

import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from questions.archive import imports
from questions.models import ArchiveImport, Question
from tests import live

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 1500


@pytest.fixture
def ordered(circle, anna):
    """A list of many questions to which anna has said yes."""
    made = ArchiveImport.objects.create(
        circle=circle, by_id=anna.pk, kind="csv", source="Mail list", size=1, state="moving"
    )
    path = imports.path_of(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("question\n" + "".join(f"Question {n}?\n" for n in range(MANY)))
    yield made
    path.unlink(missing_ok=True)


def test_a_killed_worker_loses_and_doubles_no_question(ordered, circle):
    broker = live.broker(2)
    here = ArchiveImport.objects.filter(pk=ordered.pk)
    with live.worker(1, REDIS_URL=broker) as worker:
        live.send("questions.tasks.run_imports", to=broker)
        live.wait_until(lambda: here.filter(done__gt=0).exists(), 30, what="the first bundle")
        live.stop(worker, signal.SIGKILL)
    live.wait_until(live.at_rest, what="the end of its last transaction")
    assert 0 < Question.objects.filter(circle=circle).count() < MANY
    here.update(held_until=timezone.now() - timedelta(seconds=1))  # a minute later
    with live.worker(1, REDIS_URL=broker):
        live.send("questions.tasks.run_imports", to=broker)
        live.wait_until(lambda: here.filter(state="done").exists(), 60, what="the rest")
    ordered.refresh_from_db()
    assert Question.objects.filter(circle=circle).count() == MANY
    assert (ordered.counts["moved"]["question"], ordered.counts["there"]) == (
        MANY,
        {"question": 0},
    )
    assert not imports.path_of(ordered).exists()
