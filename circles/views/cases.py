"""An application that waits for a steward: whom to ask to decide. The steward reads nothing of it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from circles import appealing
from circles.belonging import appointing
from circles.forms_belonging import AdminForm
from circles.forms_vetting import AppointForm
from kring.lib.refused import Refused
from members import links, reauth

CASE, SHORT = "case", "short"  # what the name in the address is signed for


def address_of(case: appealing.Case) -> str:
    return links.token(CASE, case.application_id)


@require_http_methods(["GET", "HEAD", "POST"])
def steward_case(request, case_id: str):
    """GET, POST. Appoint people to decide; each gets a letter."""
    named = links.read(CASE, case_id)
    found = [one for one in appealing.cases_for(request.user) if one.needs_people]
    case = next((one for one in found if named and one.application_id == named[0]), None)
    if case is None:
        raise Http404
    candidates = appealing.candidates_for(request.user, case)
    form = AppointForm(request.POST or None, candidates=candidates)
    if request.method == "POST" and form.is_valid():
        reauth.ask(request)
        try:
            made = appealing.appoint(case, form.cleaned_data["members"], by=request.user)
        except Refused as refused:
            form.refuse(refused)
        else:
            said = ngettext("One person is asked.", "%(n)d people are asked.", made) % {"n": made}
            messages.success(request, said)
            return redirect("steward_page")
    context = {"place": "steward", "case": case, "form": form, "candidates": candidates}
    return render(request, "circles/case_page.html", context)


def address_of_short(short: appointing.Short) -> str:
    return links.token(SHORT, short.circle_id)


@require_http_methods(["GET", "HEAD", "POST"])
def steward_admin(request, short_id: str):
    """GET, POST. Ask a member to become admin of a circle that has too few."""
    found = appointing.short_for(request.user)
    named = links.read(SHORT, short_id)
    short = next((one for one in found if named and one.circle_id == named[0]), None)
    if short is None:
        raise Http404
    candidates = appointing.candidates_for(request.user, short)
    form = AdminForm(request.POST if request.method == "POST" else None, candidates=candidates)
    if request.method == "POST" and form.is_valid():
        reauth.ask(request)
        try:
            appointing.appoint(short, form.cleaned_data["member"], by=request.user)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("They are admin now, and read it in a letter."))
            return redirect("steward_page")
    context = {"place": "steward", "short": short, "form": form, "candidates": candidates}
    return render(request, "circles/short_circle_page.html", context)
