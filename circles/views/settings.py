"""How a circle is set up: what its door asks for, and how it admits."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from circles import access, policy, securing
from circles.forms_settings import AdmissionForm, DoorForm
from kring.lib.back import page_of_ours
from kring.lib.forms import typed_texts
from kring.lib.refused import Refused
from members import factors, reauth


@require_http_methods(["GET", "HEAD", "POST"])
def circle_settings(request, circle_id: str):
    """GET, POST. What an admin sets. Touches access, so it asks once more who it is."""
    membership = access.administering(request.user, circle_id)
    reauth.ask(request)
    circle = membership.circle
    typed = request.POST if request.method == "POST" else None
    form = DoorForm(typed, initial={"demand": circle.demands_second_factor})
    if typed is not None and form.is_valid():
        wanted = form.cleaned_data["demand"]
        try:
            securing.demand_factor(circle, wanted, by=request.user)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request,
                _("Saved. Every member without a second factor gets an email about it.")
                if wanted
                else _("Saved. The circle asks for no second factor any more."),
            )
            return redirect("circle_settings", circle_id)
    return _page(request, membership, door=form)


@require_http_methods(["GET", "HEAD", "POST"])
def circle_admission(request, circle_id: str):
    """POST. Set the rules of admission; with `effect`, only show what they would mean."""
    membership = access.administering(request.user, circle_id)
    if request.method != "POST":
        return redirect("circle_settings", circle_id)
    form = AdmissionForm(request.POST)
    sound = form.is_valid()
    if "effect" in request.POST:
        if request.htmx:
            return render(request, "circles/_effect.html", {"effect": _effect(form)})
        return _page(request, membership, rules=form)
    reauth.ask(request)
    if sound:
        try:
            changed = policy.change(membership.circle, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request,
                _("Saved. It goes for whoever applies from now on.")
                if changed
                else _("Nothing was different, nothing has changed."),
            )
            return redirect("circle_settings", circle_id)
    return _page(request, membership, rules=form)


def _page(request, membership, *, door=None, rules=None):
    circle = membership.circle
    now = {name: getattr(circle, name) for name in policy.SETTINGS}
    rules = rules or AdmissionForm(initial=now)
    context = {
        "place": "circles",
        "membership": membership,
        "circle": circle,
        "form": door or DoorForm(initial={"demand": circle.demands_second_factor}),
        "rules": rules,
        "effect": _effect(rules),
        "running": access.running_in(membership),
        "has_factor": factors.has_factor(request.user),
    }
    return render(request, "circles/circle_settings.html", context)


def _effect(form: AdmissionForm) -> list[str]:
    """What an applicant will experience; nothing while a rule is not filled in soundly."""
    rules = form.cleaned_data if form.is_bound else form.initial
    return [] if form.errors else policy.effect(rules)


@require_safe
def circle_factor(request, circle_id: str):
    """GET. Before the door of a circle that asks for a second factor: how to get one."""
    membership = access.membership_for(request.user, circle_id)
    wanted = page_of_ours(request, request.GET.get("next", ""))
    inside = wanted or reverse("question_list", args=[circle_id])
    if not membership.is_locked:
        return redirect(inside)
    context = {"place": "circles", "circle": membership.circle, "next": inside}
    return render(request, "circles/circle_factor.html", context)


def factor_asked(request, circle):
    """Lead whoever knocked at a circle that asks for a second factor to the page above, and
    from there back. What was typed into a form is shown, to copy."""
    door = reverse("circle_factor", args=[circle.public_id])
    if request.htmx:
        here = request.htmx.current_url_abs_path or ""
        return HttpResponseClientRedirect(f"{door}?{urlencode({'next': here})}")
    if request.method in {"GET", "HEAD"}:
        return redirect(f"{door}?{urlencode({'next': request.get_full_path()})}")
    context = {"place": "circles", "circle": circle, "typed": typed_texts(request)}
    return render(request, "circles/circle_factor.html", context, status=403)
