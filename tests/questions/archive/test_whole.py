"""A dump moves in whole: every text with its author, its state, its tags and its source."""

import re

import pytest
from django.db.models import Sum

from questions.models import Comment, ImportedAuthor, Question
from tests.questions.archive_rows import (
    DAY,
    answer,
    comment,
    everything,
    question,
)


def test_a_real_archive_comes_in_whole(command, circle, real):
    said = command(real, circle.public_id).out
    assert re.search(r"questions +421 +421 +0 +0\n", said)
    assert re.search(r"accepted answers +212 +212 +0 +0\n", said)
    assert everything(circle)[:5] == [421, 749, 1165, 0, 387]


def test_the_triggers_count_answers_that_come_in_bulk(move, circle, real):
    move(real)
    questions = Question.objects.filter(circle=circle)
    assert questions.aggregate(total=Sum("answer_count"))["total"] == 749
    first = questions.get(source_key="ai:q:1")
    texts = [first, *first.answers.all(), *first.comments.all()]
    assert first.last_activity_at == max(text.created_at for text in texts)


def test_what_came_in_can_be_searched(dump, move, circle):
    move(dump([question(1, body="<p>About tendons</p>")]))
    assert Question.objects.filter(circle=circle, search="tendon").exists()


def test_every_text_links_to_its_original_and_its_author(dump, move, circle):
    users = [{"Id": 7, "DisplayName": "Ada"}]
    owner = {"OwnerUserId": 7}
    move(dump([question(1, **owner), answer(2, to=1)], [comment(3, on=2)], users))
    asked = Question.objects.get(circle=circle)
    assert asked.source_url == "https://ai.stackexchange.com/questions/1"
    assert asked.imported_author.name == "Ada"
    assert asked.imported_author.url == "https://ai.stackexchange.com/users/7"
    assert asked.answers.get().source_url == "https://ai.stackexchange.com/a/2"
    remark = Comment.objects.get(circle=circle)
    assert remark.source_url == "https://ai.stackexchange.com/a/2#comment3_2"
    assert (remark.question, remark.answer) == (asked, asked.answers.get())


def test_without_names_an_author_is_a_number(dump, move, circle):
    nameless = question(1, OwnerUserId=21)
    move(dump([nameless, answer(2, to=1, OwnerDisplayName="gone5"), answer(3, to=1)]))
    people = ImportedAuthor.objects.filter(circle=circle).order_by("id").values_list("name", "url")
    page = "https://ai.stackexchange.com/users/21"
    assert list(people) == [("user 21", page), ("gone5", ""), ("deleted user", "")]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "open"),
        ({"AcceptedAnswerId": 2}, "answered"),
        ({"ClosedDate": DAY}, "abandoned"),
        ({"ClosedDate": DAY, "AcceptedAnswerId": 2}, "answered"),
    ],
)
def test_a_question_comes_in_its_state(dump, move, circle, facts, state):
    move(dump([question(1, **facts), answer(2, to=1)]))
    asked = Question.objects.get(circle=circle)
    accepted = asked.answers.get().pk if "AcceptedAnswerId" in facts else None
    assert (asked.state, asked.accepted_answer_id) == (state, accepted)


@pytest.mark.parametrize("tags", ["<a-b><c>", "|a-b|c|"])
def test_tags_come_in_both_ways_of_writing(dump, move, circle, tags):
    move(dump([question(1, Tags=tags)]))
    taggings = Question.objects.get(circle=circle).taggings
    assert sorted(taggings.values_list("tag__name", flat=True)) == ["a-b", "c"]


@pytest.mark.parametrize(
    ("facts", "licence"),
    [
        ({"CreationDate": "2011-04-07T00:00:00"}, "CC BY-SA 2.5"),
        ({"CreationDate": "2018-05-01T23:59:59"}, "CC BY-SA 3.0"),
        ({"CreationDate": "2018-05-02T00:00:00"}, "CC BY-SA 4.0"),
        ({"ContentLicense": "CC BY-SA 4.0"}, "CC BY-SA 4.0"),
    ],
)
def test_a_text_keeps_its_licence(dump, move, circle, facts, licence):
    move(dump([question(1, **facts)], [comment(3, on=1, **facts)]))
    assert Question.objects.get(circle=circle).licence == licence
    assert Comment.objects.get(circle=circle).licence == licence
