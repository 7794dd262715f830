"""The page of a question, and everything one does on it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kring.lib.htmx import page_or_part
from kring.lib.refused import Refused
from questions import answering, closing, reading
from questions.access import (
    answer_for,
    own_answer_for,
    own_question_for,
    question_for,
)
from questions.forms import CommentForm, OutcomeForm, SeenForm, TextForm
from questions.views.parts import preview_of

THREAD = "questions/_thread.html"


def _shown(request, membership, question, *, part=THREAD, remark=None, under="", **forms):
    """The page, or a part of it, with forms that may hold what was typed: `remark` is one under
    the answer of that address, or under the question."""
    is_asker = question.author_id == request.user.pk and membership.writes
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "question": question,
        "seen": timezone.now(),  # before the thread is read: what comes later was not seen
        "is_asker": is_asker,
        "answer_form": TextForm(auto_id="answer_%s"),
        "remark_form": remark,
        "under": under,
        "outcome_form": OutcomeForm(auto_id="outcome_%s") if is_asker else None,
        **reading.thread(question),
        **forms,
    }
    return page_or_part(request, "questions/question_page.html", part, context)


@require_safe
def question_page(request, circle_id: str, question_id: str):
    membership, question = question_for(request.user, circle_id, question_id)
    return _shown(request, membership, question)


@require_POST
def question_answer(request, circle_id: str, question_id: str):
    membership, question = question_for(request.user, circle_id, question_id)
    form = TextForm(request.POST, auto_id="answer_%s")
    form.guarded_by(membership.circle, request.user)
    if not membership.writes:
        messages.error(request, _("You can read here, but not write at the moment."))
    elif "preview" in request.POST:
        preview = preview_of(form)
        return _shown(request, membership, question, answer_form=form, preview=preview)
    elif form.is_valid():
        given = form.cleaned_data
        try:
            answer = answering.answer(
                question, by=request.user, public_id=given["public_id"], body=given["body"]
            )
            form.note()
            return _back(question, membership, f"a-{answer.public_id}")
        except Refused as refused:
            form.refuse(refused)
    return _shown(request, membership, question, answer_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def question_comment(request, circle_id: str, question_id: str, answer_id: str = ""):
    """GET shows the form where it belongs, or alone, to be put there."""
    under = None
    if answer_id:
        membership, question, under = answer_for(request.user, circle_id, question_id, answer_id)
    else:
        membership, question = question_for(request.user, circle_id, question_id)
    form = CommentForm(request.POST or None).guarded_by(membership.circle, request.user)
    if not membership.writes:
        messages.error(request, _("You can read here, but not write at the moment."))
        form = None
    elif not question.takes_answers:
        form = None
    elif request.method != "POST":
        return _shown(
            request,
            membership,
            question,
            part="questions/_remark_form.html",
            remark=form,
            under=answer_id,
        )
    elif form.is_valid():
        try:
            answering.comment(
                question, by=request.user, body=form.cleaned_data["body"], under=under
            )
            form.note()
            return _back(question, membership, f"a-{answer_id}" if answer_id else "remarks")
        except Refused as refused:
            form.refuse(refused)
    return _shown(request, membership, question, remark=form, under=answer_id)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_edit(request, circle_id: str, question_id: str, answer_id: str):
    membership, question, answer = own_answer_for(request.user, circle_id, question_id, answer_id)
    seen = answering.version(answer)
    form = TextForm(request.POST or None, initial={"body": answer.body, "seen": seen})
    form.guarded_by(membership.circle, request.user)
    context = {
        "membership": membership,
        "circle": membership.circle,
        "place": "circles",
        "question": question,
        "answer": answer,
        "form": form,
    }
    if "preview" in request.POST:
        context["preview"] = preview_of(form)
    elif request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            answering.edit(answer, by=request.user, body=given["body"], seen=given["seen"])
        except Refused as refused:
            form.refuse(refused)
        else:
            form.note()
            messages.success(request, _("Changed. The earlier version can still be read."))
            return _back(question, membership, f"a-{answer_id}")
    return render(request, "questions/answer_edit.html", context)


@require_POST
def answer_accept(request, circle_id: str, question_id: str, answer_id: str):
    membership, question, answer = answer_for(request.user, circle_id, question_id, answer_id)
    own_question_for(request.user, circle_id, question_id)
    try:
        closing.accept(question, answer, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return _back(question, membership, f"a-{answer_id}")


@require_POST
def outcome_report(request, circle_id: str, question_id: str):
    membership, question = own_question_for(request.user, circle_id, question_id)
    form = OutcomeForm(request.POST, auto_id="outcome_%s")
    form.guarded_by(membership.circle, request.user)
    if form.is_valid():
        try:
            closing.report_outcome(question, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            form.note()
            messages.success(
                request, _("Reported. Thank you: this is what the others learn from.")
            )
            return _back(question, membership, "outcome")
    return _shown(request, membership, question, outcome_form=form)


@require_POST
def question_read(request, circle_id: str, question_id: str):
    _membership, question = question_for(request.user, circle_id, question_id)
    form = SeenForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else None
    reading.mark_read(question, by=request.user, seen=seen)
    return HttpResponse(status=204) if request.htmx else redirect("home")


@require_POST
def question_aside(request, circle_id: str, question_id: str):
    _membership, question = question_for(request.user, circle_id, question_id)
    reading.set_aside(question, by=request.user)
    messages.success(request, _("Set aside. You still find it in its circle."))
    return redirect("home")


def _back(question, membership, anchor: str):
    response = redirect("question_page", membership.circle.public_id, question.public_id)
    response["Location"] += f"#{anchor}"
    return response
