"""The people of a circle, for its admins: roles, states, the two dated facts, suspension, removal."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from circles.belonging import doors, roles, sanctions, verifying, year
from circles.forms_belonging import IdentityFactForm, PracticeFactForm, RoleForm, SanctionForm
from circles.models import Confirmation, Membership
from kring.lib.refused import Refused
from members import reauth

S = Membership.State


@require_safe
def person_list(request, circle_id: str):
    """GET. Everybody, by name, with role and state; what waits for an admin stands first."""
    membership, people = doors.people_for(request.user, circle_id)
    rows = [
        {
            "person": person,
            "id": doors.name_in_address(person),
            "asked": year.is_asked(person),
            "waits": person.waits,
        }
        for person in people
    ]
    rows.sort(key=lambda row: not (row["waits"] or row["asked"]))
    context = {"place": "circles", "membership": membership, "rows": rows}
    return render(request, "circles/person_list.html", context)


@require_safe
def person_page(request, circle_id: str, person_id: str):
    """GET. One person, and the acts of an admin."""
    membership, person = doors.person_for(request.user, circle_id, person_id)
    reauth.ask(request)
    return _page(request, membership, person)


@require_POST
def person_role(request, circle_id: str, person_id: str):
    """POST. Give somebody else a role."""
    membership, person = doors.other_for(request.user, circle_id, person_id)
    reauth.ask(request)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, person, role=form)
    try:
        _gives_role(person)
        changed = roles.give(person, form.cleaned_data["role"], by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _page(request, membership, person, role=form)
    if changed:
        said = _("%(name)s is %(role)s from now on, and reads it in a letter.")
        facts = {"name": person.member.name, "role": person.get_role_display()}
        messages.success(request, said % facts)
    return redirect("person_page", circle_id, person_id)


def _gives_role(person: Membership) -> None:
    if person.state != S.ACTIVE:
        raise Refused(_("A role is for an active member."))
    if person.role == Membership.Role.ADMIN:
        raise Refused(_("Nobody takes a role from an admin. They can lay it down themselves."))


@require_POST
def person_fact(request, circle_id: str, person_id: str):
    """POST. Answer for one of the two facts of the year."""
    membership, person = doors.other_for(request.user, circle_id, person_id)
    reauth.ask(request)
    fact = Confirmation.Fact
    is_practice = request.POST.get("fact") == fact.PRACTICE
    shape, name = (PracticeFactForm, "practice") if is_practice else (IdentityFactForm, "identity")
    form = shape(request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        try:
            complete = verifying.confirm(
                person,
                fact=fact.PRACTICE if is_practice else fact.IDENTITY,
                by=request.user,
                **form.cleaned_data,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request,
                _("Both facts are confirmed, for another year.")
                if complete
                else _("Written down, with your name and the date."),
            )
            return redirect("person_page", circle_id, person_id)
    return _page(request, membership, person, **{name: form})


@require_http_methods(["GET", "HEAD", "POST"])
def person_suspend(request, circle_id: str, person_id: str):
    """GET, POST. Say why, and shut somebody out until a second admin has looked at it."""
    return _sanction(request, circle_id, person_id, sanctions.suspend, "suspend")


@require_http_methods(["GET", "HEAD", "POST"])
def person_remove(request, circle_id: str, person_id: str):
    """GET, POST. Say why, and end somebody's membership."""
    return _sanction(request, circle_id, person_id, sanctions.remove, "remove")


def _sanction(request, circle_id, person_id, act, name):
    membership, person = doors.other_for(request.user, circle_id, person_id)
    reauth.ask(request)
    form = SanctionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            act(person, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            said = {
                "suspend": _("%(name)s is suspended. A second admin confirms it or ends it."),
                "remove": _("%(name)s is no member any more, and reads why in a letter."),
            }[name]
            messages.success(request, said % {"name": person.member.name})
            return redirect("person_list", circle_id)
    context = {
        "place": "circles",
        "membership": membership,
        "person": person,
        "person_id": person_id,
        "form": form,
        "act": name,
    }
    return render(request, "circles/person_sanction.html", context)


@require_POST
def person_confirm(request, circle_id: str, person_id: str):
    """POST. Confirm a suspension as the second admin."""
    return _settle(request, circle_id, person_id, sanctions.confirm, _("Confirmed."))


@require_POST
def person_lift(request, circle_id: str, person_id: str):
    """POST. End a suspension."""
    said = _("The suspension is over, and the member is told.")
    return _settle(request, circle_id, person_id, sanctions.lift, said)


def _settle(request, circle_id, person_id, act, said):
    _membership, person = doors.other_for(request.user, circle_id, person_id)
    reauth.ask(request)
    suspension = doors.suspension_of(person)
    if suspension is None:
        messages.info(request, _("This suspension is over already."))
    else:
        try:
            act(suspension, person, by=request.user)
        except Refused as refused:
            messages.info(request, refused.sentence)
        else:
            messages.success(request, said)
    return redirect("person_page", circle_id, person_id)


def _page(request, membership, person, *, role=None, identity=None, practice=None):
    suspension = doors.suspension_of(person)
    is_oneself = person.member_id == request.user.pk
    context = {
        "place": "circles",
        "membership": membership,
        "person": person,
        "person_id": doors.name_in_address(person),
        "is_oneself": is_oneself,
        "is_listed": person.state in Membership.LISTED,
        "role": role or RoleForm(initial={"role": person.role}),
        "may_give_role": not is_oneself
        and person.state == S.ACTIVE
        and person.role != Membership.Role.ADMIN,
        "facts": doors.facts_of(person),
        "identity": identity or IdentityFactForm(auto_id="identity_%s"),
        "practice": practice or PracticeFactForm(auto_id="practice_%s"),
        "is_asked": year.is_asked(person),
        "confirmed": verifying.confirmed_facts(person) if year.is_asked(person) else set(),
        "verified_until": year.verified_until(person),
        "vouchers": doors.vouchers_of(person),
        "vouched": doors.vouched_by(person),
        "suspension": suspension,
        "may_confirm": suspension
        and suspension.by_id != request.user.pk
        and not suspension.is_confirmed,
        "may_remove": person.role != Membership.Role.ADMIN
        or (suspension is not None and suspension.is_confirmed),
    }
    return render(request, "circles/person_page.html", context)
