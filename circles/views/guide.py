"""The guide: circles that chose to be listed, and their charters, open to everybody."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from circles import access
from circles.forms import AddressForm, GuideFilter
from kring.lib.htmx import page_or_part


@login_not_required
@require_safe
def guide_page(request):
    """GET. The listed circles, by name, and how many there are."""
    form = GuideFilter(request.GET, professions=access.professions_listed())
    guide = access.guide(**form.chosen())
    context = {"place": "guide", "form": form, "guide": guide}
    return page_or_part(request, "circles/guide_page.html", "circles/_guide.html", context)


@login_not_required
@require_safe
def guide_compare(request):
    """GET. Two listed circles side by side; with one or three, which two is asked."""
    chosen = list(dict.fromkeys(request.GET.getlist("circle")[:10]))
    pair = access.guide_entries(*chosen)
    context = {
        "place": "guide",
        "pair": pair if len(pair) == 2 else [],
        "chosen": {circle.public_id for circle in pair[:2]},
        "guide": access.guide(),
    }
    return render(request, "circles/guide_compare.html", context)


@login_not_required
@require_safe
def charter_page(request, circle_id: str):
    """GET. What a circle asks and what it offers, and the first step of an application."""
    circle = access.guide_entry(circle_id)
    context = {"place": "guide", "circle": circle, "form": AddressForm()}
    return render(request, "circles/charter_page.html", context)
