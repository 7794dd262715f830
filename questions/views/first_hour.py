"""The first hour of the admins of a new circle: left at any time, gone on with by any of them."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles import policy
from circles.access import administering, form_of
from questions import first_hour
from questions.forms import TryForm


@require_http_methods(["GET", "HEAD", "POST"])
def first_hour_page(request, circle_id: str):
    """GET, POST. What is done and what comes next; POST says one step, or closes the list."""
    membership = administering(request.user, circle_id)
    hour = first_hour.hour_for(membership)
    circle = membership.circle
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step not in ("charter", "rules", "closed"):
            raise Http404
        first_hour.do(circle, step, by=request.user)
        if step == "closed":
            messages.success(request, _("Closed. Everything in it stands in the set-up too."))
            return redirect("question_list", circle_id)
        return redirect("first_hour_page", circle_id)
    rules = {name: getattr(circle, name) for name in policy.SETTINGS}
    context = {
        "place": "circles",
        "membership": membership,
        "circle": circle,
        "hour": hour,
        "effect": policy.effect(rules),
    }
    return render(request, "questions/first_hour_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def first_hour_form(request, circle_id: str):
    """GET, POST. The question form as somebody who asks meets it; nothing of it is kept."""
    membership = administering(request.user, circle_id)
    first_hour.hour_for(membership)
    parameters = form_of(membership.circle)
    form = TryForm(request.POST or None, parameters=parameters)
    tried = None
    if request.method == "POST" and form.is_valid():
        first_hour.do(membership.circle, "form", by=request.user)
        tried = form.facts()
    context = {
        "place": "circles",
        "membership": membership,
        "circle": membership.circle,
        "form": form,
        "tried": tried,
        "is_sent": tried is not None,
    }
    return render(request, "questions/first_hour_form.html", context)
