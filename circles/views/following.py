"""Where an application stands, for its applicant, and what is asked of them there: an answer, another
referee, an appeal, taking the place. Open to holders of a link.
"""

from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from circles import access, appealing, applying, inquiries, referees, telling
from circles.forms import AcceptForm, AppealForm, InquiryAnswerForm, NewAccountForm
from circles.forms_referees import RefereeForm
from circles.models import Application
from circles.views.holding import HELD, by_mailed_link
from kring.lib.acting import acting_as
from kring.lib.refused import Refused

S = Application.State


def status(request, application, **more):
    context = {
        "application": application,
        "circle": application.circle,
        "thread": telling.thread_for_applicant(application),
        "promise": telling.promise_of(application),
        "vouched": access.words_for(application),
        "who_sees": telling.who_sees(application),
        **more,
    }
    if application.may_appeal:
        context.setdefault("appeal_form", AppealForm())
    if application.state == S.WAITLISTED:
        context["place_in_line"], context["waiting"] = access.place_in_line(application)
    return render(request, "circles/application_status.html", context)


def asked(request, application, form):
    """The one page on which it is the applicant's turn: the question, answered in place."""
    return status(request, application, inquiry=access.open_inquiry(application), answer_form=form)


@by_mailed_link
@require_http_methods(["GET", "HEAD", "POST"])
def application_reply(request, application):
    """POST. Answer what the vetters asked."""
    if request.method != "POST":
        return redirect("application_page")
    if application.state != S.INFO_REQUESTED:
        messages.info(request, applying.last_word(application))
        return redirect("application_page")
    form = InquiryAnswerForm(request.POST)
    if not form.is_valid():
        return asked(request, application, form)
    try:
        inquiries.answer(application, text=form.cleaned_data["answer"])
    except Refused as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("Your answer is with the vetters. The clock goes on."))
    return redirect("application_page")


@by_mailed_link
@require_http_methods(["GET", "HEAD", "POST"])
def application_appeal(request, application):
    """POST. Appeal a refusal."""
    if request.method != "POST":
        return redirect("application_page")
    if application.state != S.DECLINED:
        messages.info(request, applying.last_word(application))
        return redirect("application_page")
    form = AppealForm(request.POST)
    if not form.is_valid():
        return status(request, application, appeal_form=form)
    try:
        appealing.appeal(application, words=form.cleaned_data["words"])
    except Refused as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("Your appeal is filed."))
    return redirect("application_page")


def awaiting(request, application, form):
    """Whom the applicant named and what became of them; where one is missing, the next to name."""
    named = referees.named_by(application)
    return status(
        request,
        application,
        referees=named,
        lost=referees.to_replace(application, named),
        form=form,
        ends_on=referees.ends_on(application),
    )


@by_mailed_link
@require_http_methods(["GET", "HEAD", "POST"])
def application_referee(request, application):
    """POST. Name another referee, in place of one who could not confirm."""
    if request.method != "POST":
        return redirect("application_page")
    if application.state != S.REFEREES:
        messages.info(request, applying.last_word(application))
        return redirect("application_page")
    form = RefereeForm(request.POST)
    if not form.is_valid():
        return awaiting(request, application, form)
    try:
        referees.replace(application, **form.cleaned_data)
    except Refused as refused:
        if refused.field:
            form.refuse(refused)
            return awaiting(request, application, form)
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("We ask them today."))
    return redirect("application_page")


@by_mailed_link
@require_POST
def application_accept(request, application):
    """POST. Take the offered place, and be signed in."""
    if application.state != S.OFFERED:
        messages.info(request, applying.last_word(application))
        return redirect("application_page")
    return offer(request, application)


def offer(request, application):
    by = request.user if request.user.is_authenticated else None
    has_account = by is None and access.has_account(application.email)
    form_class = AcceptForm if by or has_account else NewAccountForm
    form = form_class(request.POST or None, application=application)
    if request.method == "POST" and form.is_valid():
        try:
            member = applying.accept(
                application, by=by, password=form.cleaned_data.get("password", "")
            )
        except Refused as refused:
            messages.info(request, refused.sentence)
            return redirect("application_page")
        request.session.pop(HELD, None)
        with acting_as(member.pk):
            login(request, member)
        messages.success(request, _("Welcome. You are a member now."))
        return redirect("home")
    context = {
        "application": application,
        "circle": application.circle,
        "form": form,
        "has_account": has_account,
        "promise": telling.promise_of(application),
        "thread": telling.thread_for_applicant(application),
    }
    return render(request, "circles/application_offer.html", context)
