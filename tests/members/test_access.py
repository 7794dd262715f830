"""What nobody may do with accounts, whatever the code forgets."""

import pytest
from django.db import DatabaseError

from members.models import Member


def test_nobody_makes_themselves_a_steward(bram, acting):
    with pytest.raises(DatabaseError, match="nobody makes a steward"), acting(bram):
        Member.objects.filter(pk=bram.pk).update(is_steward=True)


def test_the_account_of_another_is_not_there(bram, carla, acting):
    with acting(bram):
        assert list(Member.objects.values_list("pk", flat=True)) == [bram.pk]
