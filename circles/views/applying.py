"""The way in: an address, the form, the proof, the state, the offer. Open to holders of a link.

The link's token leaves the address at once: a short-lived entry in the session remembers which
link this browser holds, and whether it came in by the mail (`mailed`).
"""

from functools import wraps
from time import time

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from circles import (
    access,
    appealing,
    applying,
    door_questions,
    evidence,
    inquiries,
    referees,
    telling,
)
from circles.forms import (
    TEXTS,
    AcceptForm,
    AddressForm,
    AppealForm,
    ApplicationForm,
    InquiryAnswerForm,
    NewAccountForm,
)
from circles.forms_referees import RefereeForm, RefereeForms
from circles.limits import may_ask, may_mail, may_reach
from circles.models import Application, Paper
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from kring.lib.uploads import takes_file, was_too_large
from members import links

S = Application.State
HELD = "application"  # the entry in the session
HOURS = 24


def remember(request, link_id: int, *, mailed: bool) -> None:
    """Let this browser hold the application of a link for a day."""
    if mailed:
        request.session.cycle_key()
    until = time() + HOURS * 3600
    request.session[HELD] = {"link": link_id, "mailed": mailed, "until": until}


def _held(request) -> dict | None:
    held = request.session.get(HELD)
    return held if held and held["until"] > time() else None


def came_by_mail(request) -> bool:
    """Whether this browser holds an application by the mail: of nobody else a file is taken."""
    held = _held(request)
    return bool(held and held["mailed"])


def by_link(view):
    """Let in whoever holds a link; the view gets its application. Others may ask for the link."""

    @login_not_required
    @wraps(view)
    def enter(request):
        held = _held(request)
        application = held and access.own_application(held["link"], mailed=held["mailed"])
        if not application:
            return redirect("application_link")
        application.came_by_mail = held["mailed"]
        return view(request, application)

    return enter


def by_mailed_link(view):
    """Let in only whoever came by the mail, which proves the address."""

    @by_link
    @wraps(view)
    def enter(request, application):
        if not application.came_by_mail:
            return redirect("application_page")
        return view(request, application)

    return enter


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
    return render(request, "circles/application_mailed.html", {"held": _held(request)})


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
            return _offer(request, application)
        case S.INFO_REQUESTED:
            return _asked(request, application, InquiryAnswerForm())
        case S.REFEREES:
            return _awaiting(request, application, RefereeForm())
    return _status(request, application)


def _status(request, application, **more):
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


def _asked(request, application, form):
    """The one page on which it is the applicant's turn: the question, answered in place."""
    return _status(
        request, application, inquiry=access.open_inquiry(application), answer_form=form
    )


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
        return _asked(request, application, form)
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
        return _status(request, application, appeal_form=form)
    try:
        appealing.appeal(application, words=form.cleaned_data["words"])
    except Refused as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("Your appeal is filed."))
    return redirect("application_page")


def _awaiting(request, application, form):
    """Whom the applicant named and what became of them; where one is missing, the next to name."""
    named = referees.named_by(application)
    return _status(
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
        return _awaiting(request, application, form)
    try:
        referees.replace(application, **form.cleaned_data)
    except Refused as refused:
        if refused.field:
            form.refuse(refused)
            return _awaiting(request, application, form)
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("We ask them today."))
    return redirect("application_page")


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


@by_mailed_link
@require_POST
def application_accept(request, application):
    """POST. Take the offered place, and be signed in."""
    if application.state != S.OFFERED:
        messages.info(request, applying.last_word(application))
        return redirect("application_page")
    return _offer(request, application)


def _offer(request, application):
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
