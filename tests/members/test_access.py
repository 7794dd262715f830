"""What nobody may do with accounts, whatever the code forgets."""

import pytest
from django.db import DatabaseError
from django.utils import timezone

from members.models import Due, Letter, Member


def test_nobody_makes_themselves_a_steward(bram, acting):
    with pytest.raises(DatabaseError, match="nobody makes a steward"), acting(bram):
        Member.objects.filter(pk=bram.pk).update(is_steward=True)


def test_the_account_of_another_is_not_there(bram, carla, acting):
    with acting(bram):
        assert list(Member.objects.values_list("pk", flat=True)) == [bram.pk]


def test_nobody_sets_a_timer_that_acts_as_somebody_else(bram, carla, acting):
    with pytest.raises(DatabaseError, match="row-level security"), acting(bram):
        Due.objects.bulk_create(
            [Due(kind="outcome", subject_id=1, due_at=timezone.now(), member=carla)],
            ignore_conflicts=True,
        )


def test_nobody_writes_a_letter_to_somebody_they_do_not_know(circle, bram, carla, acting):
    with pytest.raises(DatabaseError, match="row-level security"), acting(bram):
        Letter.objects.bulk_create(
            [Letter(kind="password_reset", member=carla, subject_id=carla.pk)],
            ignore_conflicts=True,
        )
