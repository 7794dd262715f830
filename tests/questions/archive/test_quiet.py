"""An archive moves in without waking anybody, and for nobody but an admin."""

import re

import pytest
from django.db import ProgrammingError

from circles.models import Membership
from members.models import AuditEntry, Due, Letter, Member, Profile
from questions.models import Event, ImportedAuthor, Question
from tests.questions.archive_rows import (
    answer,
    everything,
    question,
)


def test_authors_get_no_account_and_nobody_gets_a_letter(move, circle, real):
    still = (Member, Profile, Membership, Due, Letter, Event)
    before = [model.objects.count() for model in still]
    move(real)
    assert [model.objects.count() for model in still] == before


def test_who_never_wrote_is_not_taken_along(dump, move, circle):
    users = [{"Id": 7, "DisplayName": "Ada"}, {"Id": 8, "DisplayName": "Reader"}]
    move(dump([question(1, OwnerUserId=7)], users=users))
    assert ImportedAuthor.objects.filter(circle=circle).get().name == "Ada"


def test_nothing_comes_into_another_circle(move, elsewhere, real):
    before = everything(elsewhere)
    move(real)
    assert everything(elsewhere) == before


def test_the_audit_says_what_came_and_by_whom(dump, move, circle, anna):
    folder = dump([question(1), answer(2, to=1), question(3, title="")])
    move(folder)
    move(folder)
    line = AuditEntry.objects.get(act="archive.imported")
    assert (line.circle_id, line.by_id) == (circle.pk, anna.pk)
    assert (line.facts["questions"], line.facts["answers"], line.facts["left_out"]) == (1, 1, 1)


@pytest.mark.parametrize("who", ["bram", "vera", "carla"])
def test_the_policies_refuse_whoever_is_no_admin(dump, move, circle, request, who):
    with pytest.raises(ProgrammingError, match="row-level security"):
        move(dump([question(1)]), by=request.getfixturevalue(who))
    assert not Question.objects.filter(circle=circle).exists()


def test_a_dry_run_writes_nothing_and_says_what_would_come(command, circle, real):
    before = everything(circle)
    said = command(real, circle.public_id, dry_run=True).out
    assert re.search(r"answers +749 +749 +0 +0\n", said)
    assert re.search(r"comments +1,165 +1,165 +0 +0\n", said)
    assert re.search(r"accepted answers +212 +212 +0 +0\n", said)
    assert "Nothing was written." in said
    assert everything(circle) == before
