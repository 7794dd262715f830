"""The questions of a circle, and searching over all of one's circles."""

from urllib.parse import quote

from django.shortcuts import render
from django.views.decorators.http import require_safe

from circles.access import circle_for
from questions import first_hour, listing, searching
from questions.access import reading_memberships
from questions.forms import FilterForm


@require_safe
def question_list(request, circle_id: str):
    membership = circle_for(request.user, circle_id)
    form = FilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    words, state = asked.get("q", "").strip(), asked.get("state", "")
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "form": form,
        "filtered": bool(words or state),
        "hour": first_hour.hour_of(membership),
        "words_in_url": quote(words),
        "words": words,
        "page": listing.page_of(membership, request.GET, state=state, words=words),
    }
    return render(request, "questions/question_list.html", context)


@require_safe
def search_page(request):
    memberships = reading_memberships(request.user)
    words = request.GET.get("q", "").replace("\x00", "").strip()[: searching.MAX_CHARACTERS]
    chosen = [m for m in memberships if m.circle.public_id == request.GET.get("circle")]
    context = {
        "place": "search",
        "words": words,
        "memberships": memberships,
        "chosen": chosen[0] if chosen else None,
        "page": None,
    }
    if words:
        circles = [membership.circle for membership in chosen or memberships]
        context["page"] = listing.page_of_found(words, circles, request.GET)
    return render(request, "questions/search_page.html", context)
