"""The privacy guard as an admin sets it: what the circle does, which words are no person, and how
often something was found."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles.access import administering
from kring.lib.privacy.saying import KIND_NAMES
from kring.lib.refused import Refused
from questions import privacy
from questions.access import guard_counts_of
from questions.forms_guard import RuleForm


@require_http_methods(["GET", "HEAD", "POST"])
def guard_settings(request: HttpRequest, circle_id: str) -> HttpResponse:
    """GET, POST. The rule, the allow-list, and what was decided in the last twelve weeks."""
    membership = administering(request.user, circle_id)
    circle = membership.circle
    form = RuleForm(
        request.POST or None,
        circle=circle,
        initial={"guard": circle.guards_by, "words": "\n".join(circle.guard_words)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            privacy.set_rule(circle, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Saved. It goes for what is posted from now on."))
            return redirect("guard_settings", circle_id)
    counts = guard_counts_of(membership)
    context = {
        "place": "circles",
        "membership": membership,
        "circle": circle,
        "form": form,
        "counts": [(KIND_NAMES[kind], *row) for kind, row in counts.items()],
    }
    return render(request, "questions/guard_settings.html", context)
