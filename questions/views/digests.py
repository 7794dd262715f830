"""The digest on the web: the kept ones, what the links of our mail open, and how one stops it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from circles.access import circle_for
from kring.lib import keyset
from questions import stopping
from questions.at_once import landing
from questions.digests import kept


@require_safe
def digest_list(request: HttpRequest) -> HttpResponse:
    page = keyset.newest_first(kept.issues_of(request.user), request.GET, at="planned_at")
    kept.name_circles(page.rows, request.user)
    context = {"place": "settings", "page": page}
    return render(request, "questions/digest_list.html", context)


@require_safe
def digest_page(request: HttpRequest, week: str, asked: int = 0) -> HttpResponse:
    issue = kept.issue_for(request.user, week, asked)
    context = {"place": "settings", "issue": issue, "lines": kept.lines_of(issue, request.user)}
    return render(request, "questions/digest_page.html", context)


@require_safe
def digest_of_circle(request: HttpRequest, week: str, circle_id: str) -> HttpResponse:
    circle = circle_for(request.user, circle_id).circle
    issue = kept.issue_for(request.user, week, scope=circle.pk)
    lines = kept.lines_of(issue, request.user)
    context = {"place": "settings", "issue": issue, "lines": lines, "circle": circle}
    return render(request, "questions/digest_page.html", context)


@require_safe
def digest_item(request: HttpRequest, token: str) -> HttpResponse:
    found = landing.address_behind(request.user, token)
    return redirect(found or kept.address_behind(request.user, token))


@login_not_required
@csrf_exempt  # mail programs press the button without a page; the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    held = stopping.held(token)
    if held is None:
        return render(request, "questions/unsubscribe_dead.html", status=404)
    context = {"token": token, "held": held, "kind": held.kind}
    if request.method != "POST":
        return render(request, "questions/unsubscribe_page.html", context)
    context["now"] = stopping.choose(held, request.POST.get("every", ""))
    return render(request, "questions/unsubscribe_done.html", context)
