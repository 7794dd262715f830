"""The page of a referee: by a mailed link without an account, or as a member of the circle.

The link's token leaves the address at once; a short-lived entry in the session remembers it.
"""

from functools import wraps
from time import time

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from circles import access, references
from circles.forms_referees import OutsideReferenceForm, ReferenceForm
from circles.views.holding import HOURS
from kring.lib.refused import Refused
from members import links, silence

HELD = "reference"  # the entry in the session


# --- without an account -------------------------------------------------------------------
def by_reference(view):
    """Let in whoever came by a mailed request; others see the page for links that open nothing."""

    @login_not_required
    @wraps(view)
    def enter(request):
        held = request.session.get(HELD)
        found = access.own_reference(held["link"]) if held and held["until"] > time() else None
        if found is None:
            return redirect("application_link")
        return view(request, found)

    return enter


@login_not_required
@require_safe
def reference_open(request, token: str):
    """GET. Take the token out of the address; changes nothing."""
    link = links.alive("reference", token)
    if link is None:
        return redirect("application_link")
    request.session.cycle_key()
    request.session[HELD] = {"link": link.pk, "until": time() + HOURS * 3600}
    return redirect("reference_page")


@by_reference
@require_http_methods(["GET", "HEAD", "POST"])
def reference_page(request, reference):
    """GET, POST. Whom one is asked about, and the answer; afterwards what became of it."""
    context = {
        "reference": reference,
        "circle": reference.circle,
        "never": silence.url_for(reference.referee.address),
        "here": reverse("reference_page"),
    }
    start = {"name": reference.referee.name}
    form = OutsideReferenceForm(request.POST or None, initial=start)
    return _answered(request, reference, form, None, "circles/reference_page.html", context)


# --- as a member --------------------------------------------------------------------------
@require_safe
def member_references(request, circle_id: str):
    """GET. What one is asked about others, and whom one vouched for."""
    membership = access.circle_for(request.user, circle_id)
    context = {
        "place": "circles",
        "membership": membership,
        "references": access.references_of(membership),
    }
    return render(request, "circles/reference_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def member_reference(request, circle_id: str, reference_id: str):
    """GET, POST. The same, as a member who was named."""
    membership, reference = access.reference_for(request.user, circle_id, reference_id)
    context = {
        "place": "circles",
        "membership": membership,
        "reference": reference,
        "circle": membership.circle,
        "here": request.path,
    }
    form = ReferenceForm(request.POST or None)
    return _answered(
        request, reference, form, request.user, "circles/reference_member.html", context
    )


def _answered(request, reference, form, by, page, context):
    """Take the answer, or show the page with what is not right yet."""
    declines = "no" in request.POST
    sound = request.method == "POST" and (declines or form.is_valid())
    if sound:
        try:
            if declines:
                references.decline(reference, by=by)
            else:
                references.answer(reference, by=by, **form.texts())
        except Refused as no:
            if reference.is_asked and not declines:
                form.refuse(no)
                return render(request, page, {**context, "form": form})
            messages.info(request, no.sentence)
        return redirect(context["here"])
    return render(request, page, {**context, "form": form})
