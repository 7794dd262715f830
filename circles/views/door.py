"""What a circle asks at its door, for its admins; and the papers of an applicant, for vetters."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles import access, door_questions, evidence
from circles.forms_settings import DoorQuestionForm
from circles.models import DoorQuestion, Paper

# A file of a stranger: nothing in it runs, loads or shows within a page of ours.
SANDBOX = "default-src 'none'; sandbox"


@require_http_methods(["GET", "HEAD", "POST"])
def circle_questions(request, circle_id: str):
    """GET, POST. The questions of one's own circle, five at most."""
    membership = access.administering(request.user, circle_id)
    now = access.door_questions_of(membership)
    typed = request.POST if request.method == "POST" else None
    forms = [_form(typed, place, now.get(place)) for place in range(1, DoorQuestion.MOST + 1)]
    if typed is not None:
        checked = [form.is_valid() for form in forms]
        if all(checked):
            wanted = [form.cleaned_data for form in forms]
            changed = door_questions.ask(membership.circle, by=request.user, questions=wanted)
            messages.success(
                request,
                _("Saved. Drafts that are being written are asked anew.")
                if changed
                else _("Nothing was different, nothing has changed."),
            )
            return redirect("circle_questions", circle_id)
    context = {"place": "circles", "membership": membership, "forms": forms}
    return render(request, "circles/circle_questions.html", context)


def _form(typed, place: int, row: DoorQuestion | None) -> DoorQuestionForm:
    initial = {}
    if row is not None:
        names = ("label", "kind", "help", "required")
        initial = {name: getattr(row, name) for name in names}
        initial["choices"] = "\n".join(row.choices)
    form = DoorQuestionForm(typed, prefix=f"q{place}", auto_id="id_%s", initial=initial)
    form.place = place
    return form


@require_safe
def vetting_paper(request, circle_id: str, application_id: str, paper_id: str):
    """GET. One file of an applicant: a picture to look at, a PDF to keep apart."""
    paper = access.paper_for(request.user, circle_id, application_id, paper_id)
    try:
        file = evidence.path_of(paper).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    is_picture = paper.kind == Paper.Kind.IMAGE
    answer = FileResponse(
        file,
        as_attachment=not is_picture,
        filename=f"{paper.public_id}.{paper.kind}",
        content_type="image/jpeg" if is_picture else "application/pdf",
    )
    answer["Content-Security-Policy"] = SANDBOX
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
