"""Asked to found a circle: the page behind the mailed link, and the same for a member who was
chosen by name. Opening it changes nothing.
"""

from functools import wraps
from time import time

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles import access
from circles.forms_founding import AgreeAnewForm, AgreeForm, ParameterForm
from circles.proposing import cofounders, doors
from circles.views.holding import HOURS
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import links, silence

HELD = "cofounder"  # the entry in the session


def by_mailed_link(view):
    """Let in whoever came by the mail; others see the one page for links that open nothing."""

    @login_not_required
    @wraps(view)
    def enter(request):
        held = request.session.get(HELD)
        asked = doors.asked_by_link(held["link"]) if held and held["until"] > time() else None
        if asked is None:
            return redirect("application_link")
        return view(request, asked)

    return enter


@login_not_required
@require_safe
def cofounder_open(request, token: str):
    """GET. Take the token out of the address; changes nothing."""
    link = links.alive("cofounder", token)
    if link is None:
        return redirect("application_link")
    request.session.cycle_key()
    request.session[HELD] = {"link": link.pk, "until": time() + HOURS * 3600}
    return redirect("cofounder_page")


@by_mailed_link
@require_http_methods(["GET", "HEAD", "POST"])
def cofounder_page(request, asked):
    """GET, POST. Who asks, the charter and the question form; yes or no."""
    by = request.user if request.user.is_authenticated else None
    has_account = by is None and access.has_account(asked.address)
    return _answer(request, asked, by, has_account, reverse("cofounder_page"))


@require_http_methods(["GET", "HEAD", "POST"])
def cofounder_asked(request, asked_id: str):
    """GET, POST. The same for a member who was chosen by name."""
    asked = doors.asked_for(request.user, asked_id)
    here = reverse("cofounder_asked", args=[asked_id])
    return _answer(request, asked, request.user, False, here)


def _answer(request, asked, by, has_account, here):
    typed = request.POST if request.method == "POST" and "yes" in request.POST else None
    if by or has_account:
        form = AgreeForm(typed)
    else:
        form = AgreeAnewForm(typed, address=asked.address, initial={"name": asked.name})
    try:
        if request.method == "POST" and "no" in request.POST:
            cofounders.decline(asked, by=by)
            return redirect(here)
        if typed is not None and form.is_valid():
            account = {k: v for k, v in form.cleaned_data.items() if k != "charter"}
            member = cofounders.agree(asked, by=by, **account)
            if by is None:
                with acting_as(member.pk):
                    login(request, member)
            messages.success(
                request, _("You found this circle too. You get a letter when it opens.")
            )
            return redirect(here)
    except Refused as refused:
        form.refuse(refused)
    context = {
        "asked": asked,
        "founding": asked.sees,
        "founders": asked.founders,
        "form": form,
        "here": here,
        "has_account": has_account,
        "never": silence.url_for(asked.address) if asked.address and not by else "",
    }
    if asked.sees:
        context |= {
            "circle": doors.as_circle(asked.sees),
            "parameters": asked.sees.parameters,
            "kinds": dict(ParameterForm().fields["kind"].choices),
        }
    return render(request, "circles/cofounder_page.html", context)
