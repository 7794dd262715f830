"""The vetting desk: the queue, one application, the vote, the decision of an admin."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from circles import access, inquiries, moves, objecting, telling, vetting
from circles.forms_checking import IdentityForm, PracticeForm
from circles.forms_vetting import DecisionForm, InquiryForm, NoteForm, SettleForm, VoteForm
from circles.models import Application
from kring.lib.refused import Refused
from members import reauth

S = Application.State
DECISION = "decision_%s"  # two forms stand on one page; their ids must differ


@require_safe
def vetting_desk(request, circle_id: str):
    """GET. Who waits for one's own vote, and what is under way."""
    membership = access.desk_for(request.user, circle_id)
    context = {"place": "circles", "membership": membership, "queue": access.queue_for(membership)}
    return render(request, "circles/vetting_desk.html", context)


@require_safe
def vetting_page(request, circle_id: str, application_id: str):
    """GET. One application, with the votes after one's own; to htmx, how it stands now."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    if request.htmx and not request.htmx.history_restore_request:
        return _standing(request, membership, application)
    return _page(request, membership, application)


def _standing(request, membership, application):
    """The small part that asks again while the page is looked at: what others did meanwhile."""
    context = {
        "membership": membership,
        "application": application,
        "tally": vetting.tally_of(application) if application.is_deciding else None,
        "own_vote": application.voted,
        "seen": application.mark,
    }
    if request.GET.get("seen") != application.mark:
        context["happened"] = moves.last_step(application)
    response = render(request, "circles/_standing.html", context)
    patch_vary_headers(response, ("HX-Request",))
    return response


@require_POST
def vetting_vote(request, circle_id: str, application_id: str):
    """POST. Cast or change one's vote."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    form = VoteForm(request.POST, is_appeal=application.state == S.APPEALED)
    if form.is_valid():
        try:
            vetting.vote(application, by=request.user, **form.cleaned_data)
        except Refused as refused:
            return _again(request, membership, application, refused, vote=form)
        messages.success(request, _("Your vote is recorded."))
        return redirect("vetting_page", circle_id, application_id)
    return _page(request, membership, application, vote=form)


@require_POST
def vetting_ask(request, circle_id: str, application_id: str):
    """POST. Ask the applicant one thing; the clock stops."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    form = InquiryForm(request.POST)
    if form.is_valid():
        try:
            inquiries.ask(application, by=request.user, **form.cleaned_data)
        except Refused as refused:
            return _again(request, membership, application, refused, ask=form)
        messages.success(request, _("Your question is on its way. The clock stands still."))
        return redirect("vetting_page", circle_id, application_id)
    return _page(request, membership, application, ask=form)


@require_POST
def vetting_note(request, circle_id: str, application_id: str):
    """POST. Leave a note for whoever judges too."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            vetting.note(application, by=request.user, text=form.cleaned_data["note"])
        except Refused as refused:
            return _again(request, membership, application, refused, note=form)
        messages.success(request, _("Your note is kept."))
        return redirect("vetting_page", circle_id, application_id)
    return _page(request, membership, application, note=form)


@require_POST
def vetting_settle(request, circle_id: str, application_id: str, objection_id: str):
    """POST. Send the application back to the vetters, or let the objection period go on."""
    membership, application, objection = access.objection_for(
        request.user, circle_id, application_id, objection_id
    )
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            objecting.settle(
                objection,
                application,
                by=request.user,
                uphold=form.cleaned_data["outcome"] == objection.Outcome.UPHELD,
                note=form.cleaned_data["note"],
            )
        except Refused as refused:
            return _again(request, membership, application, refused, settle=form)
        messages.success(request, _("The objection is settled."))
        return redirect("vetting_page", circle_id, application_id)
    return _page(request, membership, application, settle=form)


@require_POST
def vetting_decide(request, circle_id: str, application_id: str):
    """POST. Decide as an admin where the votes differ."""
    membership, application = access.decision_for(request.user, circle_id, application_id)
    reauth.ask(request)
    form = DecisionForm(request.POST, auto_id=DECISION)
    if form.is_valid():
        given = form.cleaned_data
        try:
            vetting.decide(
                application, by=request.user, **{**given, "admit": given["admit"] == "yes"}
            )
        except Refused as refused:
            return _again(request, membership, application, refused, decision=form)
        messages.success(request, _("Your decision is recorded."))
        return redirect("vetting_page", circle_id, application_id)
    return _page(request, membership, application, decision=form)


def page(request, membership, application, **forms):
    """The page with a form of another room that is not right yet."""
    return _page(request, membership, application, **forms)


def _again(request, membership, application, refused: Refused, **forms):
    """Show the page once more: a missing reason beside its field, all else as a notice."""
    if refused.field:
        for form in forms.values():
            form.refuse(refused)
        return _page(request, membership, application, **forms)
    circle_id = membership.circle.public_id
    membership, application = access.application_for(
        request.user, circle_id, application.public_id
    )
    return _page(request, membership, application, refused=refused.sentence, **forms)


def _page(request, membership, application, *, refused="", **typed):
    votes = access.votes_on(application) if application.voted else []
    own = next((vote for vote in votes if vote.voter_id == request.user.pk), None)
    tally = vetting.tally_of(application) if application.is_deciding else None
    kept = {"choice": own.choice, "sentence": own.sentence} if own else None
    form = _decision_form(membership, application, tally, typed.get("decision"))
    context = {
        "place": "circles",
        "membership": membership,
        "application": application,
        "queue": access.queue_for(membership),
        "tally": tally,
        "votes": votes,
        "seen": application.mark,
        "endorsements": application.has_endorsements and access.endorsements_of(application),
        "referees": application.has_referees and access.referees_of(application),
        "door_answers": application.has_door_answers and access.door_answers_of(application),
        "papers": application.has_papers and access.papers_of(application),
        **telling.checked(
            application.has_checks and access.checks_of(application),
            application.has_confirmations and access.confirmations_of(application),
            request.user.pk,
        ),
        "shows_checks": application.is_undecided or not membership.is_visiting,
        "identity_form": typed.get("identity") or IdentityForm(auto_id="identity_%s"),
        "practice_form": typed.get("practice") or PracticeForm(auto_id="practice_%s"),
        "own_vote": own,
        "vote_form": typed.get("vote")
        or VoteForm(initial=kept, is_appeal=application.state == S.APPEALED),
        "decision_form": form,
        "inquiries": application.has_inquiries and access.inquiries_of(application),
        "ask_form": typed.get("ask") or InquiryForm(),
        "notes": application.has_notes and access.notes_on(application),
        "note_form": typed.get("note") or NoteForm(),
        "appeal": access.appeal_on(application) if application.state == S.APPEALED else None,
        "deciders": application.has_deciders and access.deciders_of(application),
        "objections": application.has_objections and access.objections_to(membership, application),
        "settle_form": typed.get("settle") or SettleForm(),
        "may_decide": form and reauth.is_fresh(request, reauth.TYPING),
        "thread": telling.thread_for_vetters(application),
        "promise": telling.promise_of(application),
        "refused": refused,
    }
    return render(request, "circles/vetting_page.html", context)


def _decision_form(membership, application, tally, typed):
    """The form of whoever may decide, where no vote to come decides any more."""
    decides = membership.administers or membership.is_visiting
    if decides and application.may_vote and tally and tally.is_stuck:
        return typed or DecisionForm(auto_id=DECISION)
    return None
