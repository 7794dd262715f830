"""A row that cannot come is told with its line and its reason, and costs only itself."""

import pytest
from django.core.management import CommandError

from questions.models import Answer, Comment, Question
from tests.questions.archive_rows import (
    Listener,
    answer,
    comment,
    question,
)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (question("", title="x"), "it has no Id"),
        (question("seven"), "its Id is 'seven'"),
        (question(3, title=" "), "its title is empty"),
        (question(3, title="t" * 301), "its title has 301 characters; 300 fit"),
        (question(3, body="<script>x</script>"), "its text is empty"),
        (question(3, body="t" * 100_001), "its text has 100001 characters; 100000 fit"),
        (question(3, CreationDate="yesterday"), "its CreationDate is 'yesterday'"),
        (question(3, AcceptedAnswerId=8), "only its accepted answer, which is not there"),
        (
            question(3, Tags=f"<{'t' * 61}>"),
            "only its tag tttttttttttttttttttt…, which is too long",
        ),
        (answer(3, to=9), "its question 9 is not there"),
        (answer(3, to=""), "it has no ParentId"),
        ({"Id": 3, "Body": "x"}, "it has no PostTypeId"),
    ],
)
def test_a_bad_post_is_told_with_its_line_and_left_out(dump, move, circle, row, reason):
    listener = Listener()
    move(dump([question(1), row, answer(2, to=1)]), watch=listener)
    assert listener.said == [("Posts.xml", 3, reason)]
    came = Question.objects.filter(circle=circle).count() + Answer.objects.count()
    assert came == (4 if "only" in reason else 3)  # with the answer among the keepers


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (comment(3, on=9), "its post 9 is not there"),
        (comment(3, on=1, text=" "), "its text is empty"),
        (comment(3, on=1, CreationDate=""), "it has no CreationDate"),
    ],
)
def test_a_bad_comment_is_told_with_its_line_and_left_out(dump, move, circle, row, reason):
    listener = Listener()
    move(dump([question(1)], [row, comment(4, on=1)]), watch=listener)
    assert listener.said == [("Comments.xml", 2, reason)]
    assert Comment.objects.filter(circle=circle).count() == 1


def test_a_title_of_300_characters_comes(dump, move, circle):
    move(dump([question(1, title=f" {'t' * 300} ")]))
    assert len(Question.objects.get(circle=circle).title) == 300


def test_bad_rows_fail_nothing_unless_nothing_came(dump, command, circle):
    folder = dump([question(1), question(2, title="")])
    said = command(folder, circle.name, site="a.example.org").out
    assert "Posts.xml line 3 left out: its title is empty" in said
    with pytest.raises(CommandError, match=r"Nothing could be moved in\."):
        command(dump([question(2, title="")]), circle.name, site="b.example.org")
