"""The vetting desk: the queue, one application, the vote, the decision of an admin."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from circles import access, inquiries, telling, vetting
from circles.forms import DecisionForm, InquiryForm, VoteForm
from kring.lib.refused import Refused
from members import reauth

DECISION = "decision_%s"  # two forms stand on one page; their ids must differ


@require_safe
def vetting_desk(request, circle_id: str):
    """GET. Who waits for one's own vote, and what is under way."""
    membership = access.desk_for(request.user, circle_id)
    context = {"place": "circles", "membership": membership, "queue": access.queue_for(membership)}
    return render(request, "circles/vetting_desk.html", context)


@require_safe
def vetting_page(request, circle_id: str, application_id: str):
    """GET. One application, with the votes after one's own."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    return _page(request, membership, application)


@require_POST
def vetting_vote(request, circle_id: str, application_id: str):
    """POST. Cast or change one's vote."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    form = VoteForm(request.POST)
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


def _page(request, membership, application, *, vote=None, decision=None, ask=None, refused=""):
    votes = access.votes_on(application) if application.voted else []
    own = next((v for v in votes if v.voter_id == request.user.pk), None)
    typed = {"choice": own.choice, "sentence": own.sentence} if own else None
    tally = vetting.tally_of(application) if application.submitted_at else None
    form = _decision_form(membership, application, tally, decision)
    context = {
        "place": "circles",
        "membership": membership,
        "application": application,
        "queue": access.queue_for(membership),
        "tally": tally,
        "votes": votes,
        "endorsements": access.endorsements_of(application),
        "referees": access.referees_of(application),
        "door_answers": access.door_answers_of(application),
        "papers": access.papers_of(application),
        "own_vote": own,
        "vote_form": vote or VoteForm(initial=typed),
        "decision_form": form,
        "inquiries": access.inquiries_of(application),
        "ask_form": ask or InquiryForm(),
        "may_decide": form and reauth.is_fresh(request, reauth.TYPING),
        "thread": telling.thread_for_vetters(application),
        "promise": telling.promise_of(application),
        "refused": refused,
    }
    return render(request, "circles/vetting_page.html", context)


def _decision_form(membership, application, tally, typed):
    """The form of an admin, where no vote to come decides any more."""
    if membership.administers and application.may_vote and tally and tally.is_stuck:
        return typed or DecisionForm(auto_id=DECISION)
    return None
