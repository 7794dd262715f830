"""Archiving a circle and opening it again: for its admins, two each time."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles import access, archiving
from circles.forms_settings import ArchivingForm
from circles.models import Archiving
from kring.lib.refused import Refused
from members import reauth


@require_http_methods(["GET", "HEAD", "POST"])
def circle_archive(request, circle_id: str):
    """GET, POST. Ask it, take it back, or confirm what another admin asked. Touches access, so it
    asks once more who it is."""
    membership = access.leading(request.user, circle_id)
    reauth.ask(request)
    circle, by = membership.circle, request.user
    form = ArchivingForm(request.POST if "ask" in request.POST else None)
    if request.method == "POST":
        try:
            if "confirm" in request.POST:
                return _confirmed(request, archiving.confirm(circle, by=by), circle_id)
            if "back" in request.POST:
                archiving.take_back(circle, by=by)
                messages.success(request, _("Taken back. Nothing has changed."))
                return redirect("circle_archive", circle_id)
            if form.is_valid():
                archiving.ask(circle, by=by, why=form.cleaned_data["why"])
                messages.success(request, _("Asked. The other admins get a letter."))
                return redirect("circle_archive", circle_id)
        except Refused as refused:
            if not refused.field:
                messages.warning(request, refused.sentence)
                return redirect("circle_archive", circle_id)
            form.refuse(refused)
    context = {
        "place": "circles",
        "membership": membership,
        "circle": circle,
        "form": form,
        "asked": access.archiving_of(membership),
        "running": 0 if circle.is_archived else access.running_in(membership),
        "closes": timezone.now() + Archiving.PERIOD,
        "days": Archiving.DAYS,
    }
    return render(request, "circles/circle_archive.html", context)


def _confirmed(request, done: str, circle_id: str):
    messages.success(
        request,
        _("The circle is archived. Everybody in it gets a letter.")
        if done == Archiving.Kind.ARCHIVE
        else _("The circle is open again. Everybody in it gets a letter."),
    )
    return redirect("question_list", circle_id)
