"""Where one is signed in, and signing out there."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members import access, browsers


@require_safe
def session_list(request):
    """GET. Every browser in which one is signed in, this one first."""
    rows = browsers.signed_in(request.user, request.session)
    context = {"place": "settings", "browsers": rows}
    return render(request, "members/session_list.html", context)


@require_POST
def session_end(request, browser_id: str):
    """POST. Sign out in one browser."""
    browsers.sign_out(access.browser_for(request.user, browser_id), by=request.user)
    messages.success(request, _("You are signed out there."))
    return redirect("session_list")


@require_POST
def session_end_others(request):
    """POST. Sign out everywhere but here."""
    browsers.sign_out_elsewhere(by=request.user, session=request.session)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("session_list")
