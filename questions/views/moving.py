"""Moving in, for the admins of a circle: bring a file, see what would come, say yes, watch."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kring.lib.htmx import page_or_part
from kring.lib.refused import Refused
from kring.lib.uploads import takes_file
from questions.access import findings_of, import_for, imports_for
from questions.archive import imports, reports, telling
from questions.forms_moving import MOST_BYTES, ImportForm, PeopleForm


@takes_file(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def archive_import(request: HttpRequest, circle_id: str) -> HttpResponse:
    membership, made = imports_for(request.user, circle_id)
    forms = {"texts": ImportForm(), "people": PeopleForm(auto_id="people_%s")}
    if request.method == "POST":
        which = "people" if request.POST.get("kind") == PeopleForm.KIND else "texts"
        form = type(forms[which])(
            request.POST, request.FILES, auto_id=forms[which].auto_id, request=request
        )
        forms[which] = form
        if form.is_valid():
            try:
                new = imports.start(membership.circle, by=request.user, **form.cleaned_data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return redirect("import_page", circle_id, new.public_id)
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        **forms,
        "under_way": next((row for row in made if not row.is_finished), None),
        "earlier": [(row, telling.title(row)) for row in made if row.is_finished],
    }
    return render(request, "questions/archive_import.html", context)


@require_safe
def import_page(request: HttpRequest, circle_id: str, import_id: str) -> HttpResponse:
    membership, made = import_for(request.user, circle_id, import_id)
    rows = telling.rows_of(made)
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "made": made,
        "title": telling.title(made),
        "rows": rows,
        "something_comes": any(row.moved for row in rows),
        "left_out": made.counts.get("rows", 0),
        "share": telling.share(made),
        **findings_of(made),
    }
    response = page_or_part(
        request, "questions/import_page.html", "questions/_import.html", context
    )
    if request.htmx and not made.is_working:
        response["HX-Refresh"] = "true"  # the asking ends, and the page says what became of it
    return response


@require_POST
def import_go(request: HttpRequest, circle_id: str, import_id: str) -> HttpResponse:
    return _acted(request, circle_id, import_id, imports.go)


@require_POST
def import_stop(request: HttpRequest, circle_id: str, import_id: str) -> HttpResponse:
    return _acted(request, circle_id, import_id, imports.stop)


@require_POST
def import_drop(request: HttpRequest, circle_id: str, import_id: str) -> HttpResponse:
    _membership, made = import_for(request.user, circle_id, import_id)
    try:
        imports.discard(made, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("import_page", circle_id, import_id)
    messages.success(request, _("Dropped. The file is gone."))
    return redirect("archive_import", circle_id)


def _acted(request: HttpRequest, circle_id: str, import_id: str, act) -> HttpResponse:
    _membership, made = import_for(request.user, circle_id, import_id)
    try:
        act(made, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("import_page", circle_id, import_id)


@require_safe
def import_report(request: HttpRequest, circle_id: str, import_id: str) -> HttpResponse:
    """The rows that were left out, as a file a spreadsheet opens."""
    _membership, made = import_for(request.user, circle_id, import_id)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kring-{import_id}.csv"'
    found = findings_of(made, most=None)
    found = found["unsent"] or found["bad"]
    reports.write(response, ((row.file, row.line, row.text) for row in found))
    return response
