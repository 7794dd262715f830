"""One's own circles, and the charter of one of them as its members read it."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from circles import access
from circles.belonging import doors
from circles.proposing import doors as founding_doors


@require_safe
def circle_list(request):
    """GET. Every circle one is in, by name, and those one proposes."""
    memberships = access.memberships_of(request.user)
    context = {
        "place": "circles",
        "memberships": memberships,
        "proposals": access.own_proposals(request.user),
        "founding": founding_doors.own_founding(request.user),
        "asked": founding_doors.asked_of(request.user),
        "aside": doors.memberships_aside(request.user),
        "appointments": access.appointments_of(request.user),
    }
    return render(request, "circles/circle_list.html", context)


@require_safe
def circle_about(request, circle_id: str):
    """GET. The charter and the costs of one's circle."""
    membership = access.circle_for(request.user, circle_id)
    context = {
        "place": "circles",
        "membership": membership,
        "circle": membership.circle,
    }
    return render(request, "circles/circle_about.html", context)
