"""The bench on a tiny size: what it fills is what the product reads, and it can be asked and taken
back. No time is judged here."""

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from django.db.models import Count, F

from kring.bench import filling, measuring, pages, standing, tidying, visiting
from kring.bench.measuring import BARE, Subject
from kring.bench.place import Place
from kring.bench.sizes import TINY
from kring.lib.acting import acting_as
from kring.local.servers import Servers
from members.models import Member
from questions.digests import building
from questions.models import Answer, Question
from tests import live


@pytest.fixture
def filled(transactional_db):
    """The test's database with the tiny size in it, and a connection of the superuser."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + _database())
    with psycopg.connect(urlunsplit(url), autocommit=True) as superuser:
        filling.fill(superuser, TINY)
        yield superuser


def _database() -> str:
    return connection.settings_dict["NAME"]


def test_the_filled_rows_are_as_triggers_would_have_left_them(filled):
    counted = Question.objects.annotate(real=Count("answers")).exclude(answer_count=F("real"))
    assert Question.objects.count() == TINY.questions
    assert not counted.exists()
    before = Question.objects.values_list("search", flat=True).get(pk=7)
    Question.objects.filter(pk=7).update(title=Question.objects.get(pk=7).title)
    after = Question.objects.values_list("search", flat=True).get(pk=7)
    assert set(before.split("'")[1::2]) <= set(after.split("'")[1::2])


def test_a_filled_member_has_a_digest_and_finds_words(filled, house):
    member = Member.objects.get(pk=pages.readers(TINY)[0])
    with house(), acting_as(member.pk):
        arranged, _ = building.preview(member)
        assert {"help", "solved"} <= {line.section for line in arranged.lines}


def test_every_page_of_the_bench_can_be_asked_and_taken_back(filled, tmp_path):
    where = Place(tmp_path, Servers(tmp_path, os.environ["DATABASE_URL"], os.environ["REDIS_URL"]))
    visiting.sign_in(filled, pages.everybody(TINY))
    before, answers = tidying.highest(filled), Answer.objects.count()
    figures = measuring.Figures()
    with standing.web(where, _database(), KRING_STATIC_ROOT=live.static_files()) as (web, port):
        subjects = [
            Subject("tiny", page, port, pages.requests(page, TINY), 2)
            for page in (BARE, *pages.READ, *pages.WRITTEN)
        ]
        measuring.in_turns(figures, subjects, [web.pid], rounds=1, at_once=2)
        queries = visiting.queries_of(port, next(pages.requests(BARE, TINY)))
    assert queries == 4  # session, who acts, account, one question
    assert all(figures.cpu("tiny", subject.page, 2) > 0 for subject in subjects)
    assert Answer.objects.count() > answers
    tidying.take_back(filled, before)
    assert Answer.objects.count() == answers
    assert not Question.objects.filter(pk__gt=TINY.questions).exists()
