"""The settings page: who I am, which language, what comes by mail and when. One form a subject."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from circles.access import memberships_of
from circles.models import Circle
from kring.lib.refused import Refused
from members import factors, profiles
from questions import privacy
from questions.at_once import wishes as wishes_at_once
from questions.digests import building, planning, previewing, wishes
from questions.forms_settings import CirclesForm, DigestForm, LettersForm, ProfileForm


def _shown(request: HttpRequest, status: int = 200, **forms) -> HttpResponse:
    """The page, with forms that may hold what was typed."""
    profile = profiles.profile_of(request.user)
    plan = planning.plan_or_default(request.user)
    memberships = [row for row in memberships_of(request.user) if not row.is_locked]
    context = {
        "place": "settings",
        "plan": plan,
        "next": previewing.when(plan),
        "profile_form": ProfileForm(
            initial={"name": profile.name, "title": profile.title, "about": profile.about},
            auto_id="profile_%s",
        ),
        "digest_form": DigestForm.of(plan),
        "circles_form": CirclesForm(plan=plan, circles=[row.circle for row in memberships]),
        "portraits": [row.circle for row in memberships if row.writes],
        "letters_form": LettersForm.of(plan),
        "has_factor": factors.has_factor(request.user),
        "preview": previewing.next_digest(request.user, plan),
        **forms,
    }
    return render(request, "questions/settings_page.html", context, status=status)


def _circles(request: HttpRequest) -> list[Circle]:
    return [row.circle for row in memberships_of(request.user) if not row.is_locked]


@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    return _shown(request)


@require_POST
def settings_profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST, auto_id="profile_%s")
    if not form.is_valid():
        return _shown(request, 422, profile_form=form)
    profiles.change_profile(by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved. This is how colleagues see you."))
    if said := privacy.advice(form.cleaned_data["about"], request.LANGUAGE_CODE):
        messages.warning(request, said)
    return redirect("settings_page")


@require_POST
def settings_digest(request: HttpRequest) -> HttpResponse:
    form = DigestForm(request.POST, auto_id="digest_%s")
    if not form.is_valid():
        return _shown(request, 422, digest_form=form)
    plan = wishes.change_plan(by=request.user, **form.cleaned_data)
    messages.success(request, previewing.answer_to_change(plan))
    return redirect("settings_page")


@require_POST
def settings_circles(request: HttpRequest) -> HttpResponse:
    plan = planning.plan_or_default(request.user)
    form = CirclesForm(request.POST, plan=plan, circles=_circles(request))
    if not form.is_valid():
        return _shown(request, 422, circles_form=form)
    wishes.change_circles(
        by=request.user,
        per_circle=form.cleaned_data["per_circle"],
        circles=form.chosen(),
    )
    messages.success(request, _("Saved. It counts from the next email on."))
    return redirect("settings_page")


@require_POST
def settings_letters(request: HttpRequest) -> HttpResponse:
    form = LettersForm(request.POST, auto_id="letters_%s")
    if not form.is_valid():
        return _shown(request, 422, letters_form=form)
    wishes_at_once.change(by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved. It counts from the next email on."))
    return redirect("settings_page")


@require_POST
def digest_ask(request: HttpRequest) -> HttpResponse:
    try:
        issue = building.ask(request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.info(request, previewing.answer_to_asking(issue))
    return redirect("settings_page")
