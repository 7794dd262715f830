"""Kept queries give what the query would give, whatever their arguments."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kring.lib import among  # noqa: F401 (the lookup)
from kring.lib import kept as room
from kring.lib.kept import kept
from questions.models import Answer, Event, Question
from tests import make
from tests.questions import digest_make


@kept
def _answers(circle_id: int, question_id: int):
    rows = Answer.objects.filter(circle_id=circle_id, question_id=question_id)
    return rows.select_related("author", "imported_author").defer("search").order_by("id")


@kept
def _titles(circle_ids: list[int], before, *, state: str):
    rows = Question.objects.in_circles(circle_ids).filter(created_at__lt=before, state=state)
    return rows.order_by("title").values_list("title", flat=True)


@pytest.fixture
def question(circle, bram):
    return make.question(circle, by=bram, title="A?")


def test_a_kept_query_gives_rows_with_their_people(question, anna, bram):
    other = make.question(question.circle, by=bram)
    for asked, by in ((question, anna), (question, bram), (other, anna)):
        make.answer(asked, by=by, body=f"{by.pk} on {asked.pk}")
    for asked in (question, other):
        expected = list(Answer.objects.filter(question=asked).order_by("id"))
        found = _answers(asked.circle_id, asked.pk)
        assert [(row.pk, row.body, row.created_at) for row in found] == [
            (row.pk, row.body, row.created_at) for row in expected
        ]
        assert [row.author.name for row in found] == [row.author.name for row in expected]
        assert found[0].imported_author is None


def test_lists_moments_and_chosen_values_have_their_places(question, elsewhere):
    here, there = question.circle_id, elsewhere.pk
    soon, long_ago = (timezone.now() + timedelta(days=days) for days in (1, -1))
    assert _titles([here], soon, state="open") == ["A?"]
    assert _titles([here, there], soon, state="open") == ["A?", "Only for keepers?"]
    assert _titles([here, there], long_ago, state="open") == []
    assert _titles([here], soon, state="closed") == []
    assert _titles([], soon, state="open") == []


def test_nothing_of_one_asker_is_kept_for_another(question, bram, carla, acting):
    make.answer(question, by=bram)
    with acting(bram):
        assert len(_answers(question.circle_id, question.pk)) == 1
    with acting(carla):
        assert _answers(question.circle_id, question.pk) == []


def test_an_argument_that_is_changed_on_its_way_is_refused(question):
    @kept
    def changed(title: str):
        return Question.objects.filter(title=title.upper())

    with pytest.raises(TypeError, match="changed"):
        changed("a?")


def test_without_keeping_the_query_is_composed_anew(question, bram, monkeypatch):
    make.answer(question, by=bram)
    monkeypatch.setattr(room, "KEEPS", False)
    assert [row.author.name for row in _answers(question.circle_id, question.pk)] == [
        "Bram de Vries"
    ]


def test_a_long_list_is_asked_for_whole_or_composed_anew(circle, bram):
    ids = [make.question(circle, by=bram, title=f"{n}?").pk for n in range(12)]

    @kept
    def whole(question_ids: list[int], state: str):
        rows = Question.objects.filter(pk__among=question_ids, state=state).order_by("id")
        return rows.values_list("pk", flat=True)

    @kept
    def one_of(question_ids: list[int], state: str):
        rows = Question.objects.filter(pk__in=question_ids, state=state).order_by("id")
        return rows.values_list("pk", flat=True)

    for some in (ids, ids[:10], ids[:9], ids[:2], []):
        assert whole(some, "open") == one_of(some, "open") == some
        assert whole(some, "closed") == one_of(some, "closed") == []


def test_rows_as_dictionaries_and_unions_are_kept_too(question, elsewhere):
    @kept
    def oldest(circle_ids: list[int]):
        parts = [Question.objects.filter(circle_id=c).values("title")[:1] for c in circle_ids]
        return parts[0].union(*parts[1:]).order_by("title")

    both = [question.circle_id, elsewhere.pk]
    assert oldest(both) == [{"title": "A?"}, {"title": "Only for keepers?"}]
    assert oldest(both[::-1]) == [{"title": "A?"}, {"title": "Only for keepers?"}]


@kept
def _written_between(circle_id: int, *xids: int):
    first, until = xids
    rows = Event.objects.filter(circle_id=circle_id, xid__gte=first, xid__lt=until)
    return rows.order_by("id").values_list("xid", flat=True)


def test_a_number_may_be_of_a_type_of_its_own(question, bram):
    for xid in (3, 5, 2**40):
        digest_make.event(question, "asked", bram, xid=xid)
    assert _written_between(question.circle_id, 0, 6) == [3, 5]
    assert _written_between(question.circle_id, 5, 2**41) == [5, 2**40]
