"""One's own membership of a circle: where it stands, and what one may do with it. Works in every
state, also when the circle itself is closed to its reader."""

from functools import wraps

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from circles.belonging import doors, leaving, roles, sanctions, verifying, year
from circles.forms_belonging import AnswerSuspensionForm, PauseForm
from circles.models import Membership
from kring.lib.refused import Refused

S = Membership.State
MAY_LEAVE = {S.PROBATION, S.ACTIVE, S.REVERIFY_DUE, S.GRACE, S.PAUSED, S.SUSPENDED}


def while_it_is(*states: str):
    """The door of an act: the view gets one's own membership while it is in one of these states;
    otherwise one reads where it stands now."""

    def guard(view):
        @wraps(view)
        def enter(request, own_id: str):
            membership = doors.own_membership(request.user, own_id)
            if membership.state in states:
                return view(request, membership)
            messages.info(request, _("Your membership is in another state by now. Look below."))
            return redirect("own_membership", own_id)

        return enter

    return guard


@require_safe
def own_membership(request, own_id: str):
    """GET. The state, the reason, the dated facts, and what one may do."""
    return _page(request, doors.own_membership(request.user, own_id))


@require_POST
@while_it_is(S.ACTIVE)
def membership_pause(request, membership):
    """POST. Be away until a day."""
    form = PauseForm(request.POST)
    if form.is_valid():
        try:
            leaving.pause(membership, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Your membership is paused. Come back whenever you like."))
            return _to_page(membership)
    return _page(request, membership, pause=form)


@require_POST
@while_it_is(S.PAUSED, S.GRACE)
def membership_back(request, membership):
    """POST. End one's pause, or stay while one may only read."""
    try:
        leaving.come_back(membership, by=request.user)
    except Refused as refused:
        messages.info(request, refused.sentence)
        return _to_page(membership)
    messages.success(request, _("You are back."))
    return redirect("question_list", membership.circle.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@while_it_is(*MAY_LEAVE)
def membership_leave(request, membership):
    """GET, POST. Ask once more, then leave."""
    refused = ""
    if request.method == "POST":
        try:
            leaving.leave(membership, by=request.user)
        except Refused as no:
            refused = no.sentence
        else:
            messages.success(request, _("You have left the circle."))
            return _to_page(membership)
    context = {"place": "circles", "membership": membership, "refused": refused}
    return render(request, "circles/membership_leave.html", context)


@require_POST
@while_it_is(S.ACTIVE, S.REVERIFY_DUE, S.GRACE)
def membership_practise(request, membership):
    """POST. Say that one still practises."""
    verifying.still_practise(membership, by=request.user)
    messages.success(request, _("Thank you. An admin confirms it against the register."))
    return _to_page(membership)


@require_POST
@while_it_is(S.SUSPENDED)
def membership_answer(request, membership):
    """POST. Answer a suspension."""
    sanction = doors.suspension_of(membership)
    form = AnswerSuspensionForm(request.POST)
    if sanction and form.is_valid():
        try:
            sanctions.answer(sanction, by=request.user, **form.cleaned_data)
        except Refused as refused:
            messages.info(request, refused.sentence)
        else:
            messages.success(request, _("Your answer is with the admins of the circle."))
        return _to_page(membership)
    return _page(request, membership, answer=form)


@require_POST
@while_it_is(S.ACTIVE)
def membership_step_down(request, membership):
    """POST. Lay down one's role."""
    role = request.POST.get("role")
    if role not in _lower(membership):
        messages.info(request, _("You do not have that role any more."))
        return _to_page(membership)
    try:
        roles.step_down(membership, role, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("You have laid it down. Thank you."))
    return _to_page(membership)


def _to_page(membership: Membership):
    return redirect("own_membership", membership.circle.public_id)


def _lower(membership: Membership) -> list[str]:
    order = [Membership.Role.ADMIN, Membership.Role.VETTER, Membership.Role.MEMBER]
    return [str(role) for role in order[order.index(membership.role) + 1 :]]


def _page(request, membership, *, pause=None, answer=None):
    state = membership.state
    context = {
        "place": "circles",
        "membership": membership,
        "circle": membership.circle,
        "pause": pause or PauseForm(),
        "answer": answer or AnswerSuspensionForm(),
        "suspension": doors.suspension_of(membership) if state == S.SUSPENDED else None,
        "removal": doors.removal_of(membership) if state == S.REMOVED else None,
        "facts": doors.facts_of(membership),
        "verified_until": year.verified_until(membership),
        "is_asked": year.is_asked(membership),
        "is_verified": year.is_verified(membership),
        "term_ends": year.term_ends(membership),
        "is_renewing": year.is_renewing(membership),
        "next": year.next_moment(membership),
        "may_leave": state in MAY_LEAVE,
        "lower": _lower(membership) if state == S.ACTIVE else [],
    }
    return render(request, "circles/membership_page.html", context)
