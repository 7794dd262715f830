"""The audit of a circle: every act that touches access, in sentences, and as a file."""

from io import TextIOWrapper
from tempfile import TemporaryFile

from django.http import FileResponse
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
    """GET. The same lines as CSV, all of them: written to a file first, and gone with it."""
    membership = access.administering(request.user, circle_id)
    reauth.ask(request)
    form = AuditFilter(request.GET or None, people=access.people_of(membership))
    file = TemporaryFile()  # noqa: SIM115 (the answer closes it)
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    auditing.write(auditing.lines_for(membership, **form.chosen()), text)
    text.detach()
    file.seek(0)
    kind = "text/csv; charset=utf-8"
    return FileResponse(file, as_attachment=True, filename="audit.csv", content_type=kind)
