"""What a circle asks at its door besides a membership: a second factor, when its admins want it.

The database asks too: the rights of a member without a factor leave such a circle out, so no
page, search, digest or letter finds anything in it.
"""

import time

from django.db import transaction
from django.utils.translation import gettext as _

from circles.models import Circle, Membership
from kring.lib.refused import Refused
from members import audit, factors, letters
from members.models import Member


@transaction.atomic
def demand_factor(circle: Circle, wanted: bool, *, by: Member) -> bool:
    """Begin or cease to ask the members for a second factor; say whether that changed anything.

    They are told in a letter when it begins. Raises Refused when the admin has none: nobody
    locks a door to which they have no key.
    """
    if wanted and not factors.has_factor(by):
        raise Refused(_("First set up a second factor of your own."), field="demand")
    rows = Circle.objects.filter(pk=circle.pk)
    if not rows.filter(demands_second_factor=not wanted).update(demands_second_factor=wanted):
        if rows.filter(demands_second_factor=wanted).exists():
            return False  # somebody was first
        raise PermissionError("no admin of this circle")
    act = "circle.factor_demanded" if wanted else "circle.factor_released"
    audit.record(act, by=by, circle_id=circle.pk, subject="circle", subject_id=circle.pk)
    if wanted:
        _tell(circle, by)
    return True


def _tell(circle: Circle, by: Member) -> None:
    members = Membership.objects.reading().filter(circle_id=circle.pk).exclude(member_id=by.pk)
    for member_id in members.values_list("member_id", flat=True):
        letters.post(
            "factor_demanded",
            member=member_id,
            circle_id=circle.pk,
            subject_id=circle.pk,
            seq=int(time.time()) // 60,
        )
