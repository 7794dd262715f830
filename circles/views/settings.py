"""How a circle is set up: for now, whether its door asks for a second factor."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from circles import access, securing
from circles.forms import DoorForm
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
    has_factor = factors.has_factor(request.user)
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
    context = {
        "place": "circles",
        "membership": membership,
        "circle": circle,
        "form": form,
        "has_factor": has_factor,
    }
    return render(request, "circles/circle_settings.html", context)


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
