"""The end of a term: one's own year, 'was it worth it?', and stay, pause or leave."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles.belonging import doors, renewing, year
from circles.forms_belonging import RenewalForm
from circles.models import Membership, Renewal
from kring.lib.refused import Refused
from questions.own_year import own_year

S = Membership.State


@require_http_methods(["GET", "HEAD", "POST"])
def membership_renew(request, own_id: str):
    """GET, POST. Say again whether one stays; a term that goes on may be renewed early as well."""
    membership = doors.own_membership(request.user, own_id)
    if membership.state not in (S.ACTIVE, S.REVERIFY_DUE):
        return redirect("own_membership", own_id)
    form = RenewalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            renewing.renew(membership, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _SAID[form.cleaned_data["choice"]]())
            return redirect("own_membership", own_id)
    context = {
        "place": "circles",
        "membership": membership,
        "circle": membership.circle,
        "form": form,
        "year": own_year(request.user.pk, membership.circle_id, _since(membership)),
        "term_ends": year.term_ends(membership),
        "is_renewing": year.is_renewing(membership),
    }
    return render(request, "questions/renewal_page.html", context)


def _since(membership: Membership) -> datetime:
    """A year at least, and longer when one last said so longer ago."""
    return min(membership.renewed_at, timezone.now() - timedelta(days=365))


_SAID = {
    Renewal.Choice.STAY: lambda: _("Good that you stay."),
    Renewal.Choice.PAUSE: lambda: _("Your membership is paused. Come back whenever you like."),
    Renewal.Choice.LEAVE: lambda: _("You have left the circle."),
}
