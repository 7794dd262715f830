"""The one page for people without an account that every unasked mail leads to."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from members import silence


@login_not_required
@csrf_exempt  # mail programs press the button without a page; the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def silence_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET, POST. Ask, then never write to this address unasked again. Works for ever."""
    key = silence.key_in(token)
    if key is None:
        return render(request, "members/silence_dead.html", status=404)
    if request.method == "POST":
        silence.ask(key)
        return render(request, "members/silence_done.html")
    return render(request, "members/silence_page.html", {"token": token})
