"""Who is admitted in principle, as the members see it: name, profession, who vouches; and the way to
tell the admins what one has against it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles import access, objecting
from circles.forms_vetting import ObjectionForm
from kring.lib.refused import Refused


@require_safe
def newcomer_list(request, circle_id: str):
    """GET. Everybody in the objection period of one's circle."""
    membership = access.circle_for(request.user, circle_id)
    context = {
        "place": "circles",
        "membership": membership,
        "newcomers": objecting.newcomers(membership),
    }
    return render(request, "circles/newcomer_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def newcomer_object(request, circle_id: str, application_id: str):
    """GET, POST. Tell the admins, and nobody else, what one has against somebody."""
    membership = access.circle_for(request.user, circle_id)
    found = objecting.newcomers(membership)
    newcomer = next((one for one in found if one.public_id == application_id), None)
    if newcomer is None:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and membership.writes and form.is_valid():
        try:
            objecting.object_to(newcomer, membership, by=request.user, **form.cleaned_data)
        except Refused as refused:
            messages.info(request, refused.sentence)
        else:
            messages.success(
                request, _("Your objection is with the admins, and with nobody else.")
            )
        return redirect("newcomer_list", circle_id)
    context = {"place": "circles", "membership": membership, "newcomer": newcomer, "form": form}
    return render(request, "circles/newcomer_object.html", context)
