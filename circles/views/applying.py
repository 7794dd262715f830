"""The way in: an address, the form, the proof, and withdrawing. Open to holders of a link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from circles import (
    access,
    applying,
    door_questions,
    evidence,
    referees,
)
from circles.forms import (
    TEXTS,
    AddressForm,
    ApplicationForm,
    InquiryAnswerForm,
)
from circles.forms_referees import RefereeForm, RefereeForms
from circles.limits import may_ask, may_mail, may_reach
from circles.models import Application, Paper
from circles.views import following
from circles.views.holding import by_link, by_mailed_link, came_by_mail, held_by, remember
from kring.lib.privacy import findings
from kring.lib.privacy.saying import advice
from kring.lib.refused import Refused
from kring.lib.uploads import takes_file, was_too_large
from members import links

S = Application.State


# --- starting, and coming back ------------------------------------------------------------
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_start(request, circle_id: str):
    """POST. Start a draft for an address, known or not: the same page follows."""
    circle = access.guide_entry(circle_id)
    if request.method != "POST":
        return redirect("charter_page", circle_id)
    form = AddressForm(request.POST)
    if not form.is_valid():
        context = {"place": "guide", "circle": circle, "form": form}
        return render(request, "circles/charter_page.html", context)
    if may_ask(request):
        email = form.cleaned_data["email"]
        application = applying.start(
            circle, email=email, language=request.LANGUAGE_CODE, letter=may_reach(email)
        )
        remember(request, application.link_id, mailed=False)
    return redirect("application_mailed")


@login_not_required
@require_safe
def application_mailed(request):
    """GET. 'We mailed you a link', whatever the address; going on in this browser is possible."""
    return render(request, "circles/application_mailed.html", {"held": held_by(request)})


@login_not_required
@require_safe
def application_open(request, token: str):
    """GET. Take the token out of the address; changes nothing."""
    link = links.alive("application", token)
    if link is None:
        return redirect("application_link")
    remember(request, link.pk, mailed=True)
    return redirect("application_page")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_link(request):
    """GET, POST. The one page for a link that opens nothing; mails a new one, says nothing."""
    form = AddressForm(request.POST or None)
    form.fields["email"].help_text = _(
        "If something belongs to it, a new link is there within five minutes."
    )
    if request.method == "POST" and form.is_valid():
        if may_mail(request, form.cleaned_data["email"]):
            applying.mail_links(form.cleaned_data["email"])
        return redirect("application_mailed")
    return render(request, "circles/application_link.html", {"form": form})


# --- one's own application ----------------------------------------------------------------
@by_link
@require_http_methods(["GET", "HEAD", "POST"])
@takes_file(Paper.MOST_BYTES, of=came_by_mail)
def application_page(request, application):
    """GET, POST. The draft to write, or where the application stands."""
    if request.method == "POST" and application.state != S.DRAFT:
        messages.info(request, applying.last_word(application))
        return redirect("application_page")
    match application.state:
        case S.DRAFT:
            return _draft(request, application)
        case S.EMAIL_PENDING:
            return render(request, "circles/application_proof.html", {"application": application})
        case S.OFFERED:
            return following.offer(request, application)
        case S.INFO_REQUESTED:
            return following.asked(request, application, InquiryAnswerForm())
        case S.REFEREES:
            return following.awaiting(request, application, RefereeForm())
    return following.status(request, application)


def _draft(request, application):
    later = any(name in request.POST for name in ("later", "add", "remove"))
    typed = request.POST if request.method == "POST" else None
    form, named = _forms(request, application, typed, draft=later)
    if typed is not None:
        checked = [form.is_valid(), named.is_valid()]
        try:
            _keep(request, application, form, named)
            if all(checked) and not later:
                applying.submit(application, mailed=application.came_by_mail)
        except Refused as refused:
            if application.state != S.DRAFT:
                messages.info(request, refused.sentence)
                return redirect("application_page")
            form.refuse(refused)
        else:
            if all(checked):
                if "later" in request.POST:
                    messages.success(request, _("Kept. The link we mailed opens it anywhere."))
                _advise(request, form.texts())
                return redirect("application_page")
    context = {
        "application": application,
        "circle": application.circle,
        "form": form,
        "named": named,
        "papers": evidence.papers_of(application),
        "vouched": access.words_for(application),
    }
    return render(request, "circles/application_form.html", context)


def _advise(request, texts: dict) -> None:
    """Say what in one's own words may point at a patient or client; an application is kept anyway."""
    told = " \n".join(texts.get(name) or "" for name in ("brings", "seeks"))
    if said := advice(findings(told, request.LANGUAGE_CODE)):
        messages.warning(request, said)


def _forms(request, application, typed, *, draft: bool):
    form = ApplicationForm(
        typed,
        request.FILES if typed is not None else None,
        initial={name: getattr(application, name) for name in TEXTS},
        draft=draft,
        questions=door_questions.asked_of(application),
        papers=application.came_by_mail,
    )
    named = RefereeForms(
        typed,
        many=referees.to_name(application),
        kept=referees.named_by(application),
        own=application.email,
        draft=draft,
    )
    return form, named


def _keep(request, application, form, named) -> None:
    """Keep all that fits of what was typed, and the file that came along. Raises Refused."""
    applying.keep(application, mailed=application.came_by_mail, **form.texts())
    door_questions.keep(application, form.questions, form.answers())
    referees.keep(application, named.texts())
    if was_too_large(request):
        raise Refused(_("This file is larger than 10 MB."), field="file")
    if "remove" in request.POST:
        evidence.remove(application, request.POST["remove"])
    elif application.came_by_mail and form.cleaned_data.get("file"):
        evidence.add(
            application,
            content=form.cleaned_data["file"].read(),
            what=form.cleaned_data.get("what", ""),
        )


@by_mailed_link
@require_POST
def application_prove(request, application):
    """POST. The button behind the mailed link: this address is mine."""
    try:
        applying.prove(application)
    except Refused as refused:
        messages.info(request, refused.sentence)
    return redirect("application_page")


@by_link
@require_POST
def application_again(request, application):
    """POST. Mail the link once more."""
    if may_mail(request, application.email):
        applying.mail_again(application)
    return redirect("application_mailed")


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def application_withdraw(request, application):
    """GET, POST. Ask once more, then withdraw."""
    if request.method == "POST":
        try:
            applying.withdraw(application, expected=request.POST.get("expected", ""))
        except Refused as refused:
            messages.info(request, refused.sentence)
        return redirect("application_page")
    if application.is_ended:
        return redirect("application_page")
    return render(request, "circles/application_withdraw.html", {"application": application})
