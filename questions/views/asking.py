"""Asking a question, changing one's own, and how it read before."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kring.lib import text
from kring.lib.refused import Refused
from questions import asking, reading
from questions.access import own_question_for, question_for, writing_in
from questions.forms import QuestionForm, initial_of
from questions.views.parts import preview_of


@require_http_methods(["GET", "HEAD", "POST"])
def question_ask(request, circle_id: str):
    membership = writing_in(request.user, circle_id)
    circle = membership.circle
    parameters = list(circle.parameters.asked())
    initial = {"title": request.GET.get("title", "")[:200].replace("\x00", "")}
    form = QuestionForm(
        request.POST or None, circle=circle, parameters=parameters, initial=initial
    ).guarded_by(circle, request.user)
    context = {"membership": membership, "circle": circle, "place": "circles", "form": form}
    if "preview" in request.POST:
        context["preview"] = preview_of(form)
    elif request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            question = asking.ask(
                circle,
                by=request.user,
                public_id=given["public_id"],
                title=given["title"],
                body=given["body"],
                mail_line=given["mail_line"],
                parameters=form.answers(),
                need=given["need"],
                needed_by=given["needed_by"],
                outcome_weeks=given["outcome_weeks"],
                tags=given["tags"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            form.note()
            messages.success(request, _("Your question stands. The circle sees it now."))
            return redirect("question_page", circle.public_id, question.public_id)
    return render(request, "questions/question_ask.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def question_edit(request, circle_id: str, question_id: str):
    membership, question = own_question_for(request.user, circle_id, question_id)
    parameters = list(membership.circle.parameters.asked())
    version = asking.version(question)
    form = QuestionForm(
        request.POST or None,
        circle=membership.circle,
        parameters=parameters,
        initial={**initial_of(question), "seen": version},
    ).guarded_by(membership.circle, request.user)
    for name in ("need", "outcome_weeks", "tags"):
        del form.fields[name]
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "form": form,
        "question": question,
    }
    if "preview" in request.POST:
        context["preview"] = preview_of(form)
    elif request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            asking.edit(
                question,
                by=request.user,
                title=given["title"],
                body=given["body"],
                mail_line=given["mail_line"],
                parameters=form.answers(),
                needed_by=given["needed_by"],
                seen=given["seen"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            form.note()
            messages.success(request, _("Changed. The earlier version can still be read."))
            return redirect("question_page", circle_id, question_id)
    return render(request, "questions/question_edit.html", context)


@require_safe
def question_history(request, circle_id: str, question_id: str):
    membership, question = question_for(request.user, circle_id, question_id)
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "question": question,
        "revisions": reading.history(question),
    }
    return render(request, "questions/question_history.html", context)


@require_POST
def text_preview(request, circle_id: str):
    membership = writing_in(request.user, circle_id)
    try:
        html = text.render(request.POST.get("text", ""))
    except Refused as refused:
        return render(request, "questions/_preview.html", {"refused": refused.sentence})
    return render(request, "questions/_preview.html", {"html": html, "membership": membership})
