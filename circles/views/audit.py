"""The audit of a circle: every act that touches access, in sentences, and as a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from circles import access, auditing
from circles.forms_belonging import AuditFilter
from kring.lib import keyset
from members import reauth


@require_safe
def audit_page(request, circle_id: str):
    """GET. The newest acts, filtered by kind and person."""
    membership = access.administering(request.user, circle_id)
    reauth.ask(request)
    form = AuditFilter(request.GET or None, people=access.people_of(membership))
    page = keyset.newest_first(
        auditing.lines_for(membership, **form.chosen()), request.GET, at="at", size=50
    )
    context = {
        "place": "circles",
        "membership": membership,
        "form": form,
        "page": page,
        "lines": [auditing.told(row) for row in page.rows],
        "query": form.as_query(),
    }
    return render(request, "circles/audit_page.html", context)


@require_safe
def audit_file(request, circle_id: str):
    """GET. The same lines as CSV, at most five thousand."""
    membership = access.administering(request.user, circle_id)
    reauth.ask(request)
    form = AuditFilter(request.GET or None, people=access.people_of(membership))
    text, _is_cut = auditing.as_file(auditing.lines_for(membership, **form.chosen()))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response
