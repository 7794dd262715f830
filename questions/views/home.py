"""What waits for me: a finite list, in a fixed order, and then it ends."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from questions import waiting


@login_not_required
@require_safe
def home(request):
    if not request.user.is_authenticated:
        return redirect("guide_page")
    if request.user.is_steward:  # in no circle: nothing waits for them here
        return redirect("steward_page")
    context = {"place": "home", **waiting.for_member(request.user)}
    return render(request, "questions/home.html", context)
