"""The members of a circle: the directory, the person behind the job, and oneself among them."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles import access, directory
from circles.belonging import doors, portraits
from questions.access import tags_of, writing_in
from questions.forms_portrait import DirectoryForm, PortraitForm
from questions.own_year import own_year
from questions.recently import said_by

A_YEAR = timedelta(days=365)


@require_safe
def member_list(request, circle_id: str):
    """GET. Who is in the circle, by name; narrowed by words, a field, or room."""
    membership = access.circle_for(request.user, circle_id)
    known = directory.fields_in(membership)
    form = DirectoryForm(request.GET, known=known)
    asked = form.asked()
    page = directory.page_of(membership, request.GET, **asked)
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "form": form,
        "filtered": any(asked.values()),
        "page": page,
        "rows": [(doors.name_in_address(person), person) for person in page.rows],
        "own": portraits.portrait_of(membership),
    }
    return render(request, "questions/member_list.html", context)


@require_safe
def member_page(request, circle_id: str, person_id: str):
    """GET. One person; and to themselves what they give and take."""
    membership, person = directory.member_for(request.user, circle_id, person_id)
    is_oneself = person.pk == membership.pk
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "person": person,
        "person_id": person_id,
        "portrait": portraits.portrait_of(person),
        "checks": directory.checks_of(person),
        "recent": said_by(person.member_id, person.circle_id),
        "is_oneself": is_oneself,
    }
    if is_oneself:
        since = timezone.now() - A_YEAR
        context["year"] = own_year(person.member_id, person.circle_id, since)
    return render(request, "questions/member_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def member_portrait(request, circle_id: str):
    """GET, POST. Say what colleagues in this circle may ask oneself, and how often."""
    membership = writing_in(request.user, circle_id)
    known = directory.fields_in(membership)
    known = list(dict.fromkeys([*known, *tags_of(membership)]))
    form = PortraitForm(
        request.POST or None,
        known=known,
        initial=PortraitForm.showing(portraits.portrait_of(membership)),
    ).guarded_by(membership.circle, request.user)
    if request.method == "POST" and form.is_valid():
        portraits.redraw(membership, by=request.user, **form.cleaned_data)
        form.note()
        messages.success(request, _("Saved. This is how colleagues here find you."))
        return redirect("member_page", circle_id, doors.name_in_address(membership))
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "form": form,
        "own_id": doors.name_in_address(membership),
    }
    return render(request, "questions/member_portrait.html", context)
