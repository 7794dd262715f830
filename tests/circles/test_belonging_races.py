"""Two people change who belongs at the same moment: real threads on restricted connections."""

import pytest

from circles.belonging import leaving, portraits, roles, sanctions
from circles.models import Membership, Portrait
from kring.lib.acting import acting_as
from members.models import AuditEntry
from tests import make
from tests.circles.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"code": "other", "why": "Told a name outside the circle."}


@pytest.fixture
def led(anna, vera, bram, carla):
    """A circle of three admins and a member."""
    made = make.circle("Led", admin=anna, members=[carla])
    for person in (vera, bram):
        make.membership(made, person, role="admin")
    return made


def doing(circle, me, act, other=None):
    def run():
        with acting_as(me.pk):
            rows = Membership.objects.select_related("circle")
            act(rows.get(circle=circle, member_id=(other or me).pk))

    return run


def admins(circle) -> int:
    return Membership.objects.filter(circle=circle, role="admin", state="active").count()


def test_of_two_admins_who_leave_at_once_one_stays(led, anna, vera):
    heard = at_once(
        doing(led, anna, lambda own: leaving.leave(own, by=anna)),
        doing(led, vera, lambda own: leaving.leave(own, by=vera)),
    )
    assert sorted(map(bool, heard)) == [False, True]
    assert any("keeps two admins" in sentence for sentence in heard)
    assert admins(led) == 2


def test_of_two_admins_who_lay_it_down_at_once_one_stays(led, anna, vera):
    heard = at_once(
        doing(led, anna, lambda own: roles.step_down(own, "member", by=anna)),
        doing(led, vera, lambda own: roles.step_down(own, "vetter", by=vera)),
    )
    assert sorted(map(bool, heard)) == [False, True]
    assert admins(led) == 2


def test_admins_who_suspend_each_other_at_once_do_not_both_succeed(led, anna, vera):
    heard = at_once(
        doing(led, anna, lambda it: sanctions.suspend(it, by=anna, **WHY), vera),
        doing(led, vera, lambda it: sanctions.suspend(it, by=vera, **WHY), anna),
    )
    assert sorted(map(bool, heard)) == [False, True]
    assert any("no admin of this circle any more" in sentence for sentence in heard), heard
    assert admins(led) == 2


def test_two_admins_removing_one_member_make_one_removal(led, anna, vera, carla):
    heard = at_once(
        doing(led, anna, lambda it: sanctions.remove(it, by=anna, **WHY), carla),
        doing(led, vera, lambda it: sanctions.remove(it, by=vera, **WHY), carla),
    )
    assert sorted(map(bool, heard)) == [False, True]
    assert any("removed" in sentence for sentence in heard)
    assert AuditEntry.objects.filter(act="membership.moved").count() == 1


def test_a_profile_saved_in_two_tabs_at_once_stands_once(led, carla):
    said = {"expertise": [], "seeks": "", "welcomes": 1, "away_until": None}
    heard = at_once(
        doing(led, carla, lambda own: portraits.redraw(own, by=carla, brings="One.", **said)),
        doing(led, carla, lambda own: portraits.redraw(own, by=carla, brings="Two.", **said)),
    )
    assert not any(heard)
    assert Portrait.objects.get().brings in ("One.", "Two.")
