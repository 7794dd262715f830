"""A proposed circle: as a steward answers it, and as those who propose it wait for the answer."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from circles import access, founding, policy
from circles.forms_settings import ProposalForm
from circles.models import Parameter
from kring.lib.refused import Refused
from members import reauth
from members.access import steward_for


@require_safe
def own_proposal(request, proposal_id: str):
    """GET. The charter one proposed, and where it stands."""
    circle = access.own_proposal(request.user, proposal_id)
    context = {"place": "circles", "circle": circle, **_asked_by(circle)}
    return render(request, "circles/own_proposal.html", context)


@require_safe
def proposal_page(request, proposal_id: str):
    """GET. The charter and who proposes it, for a steward to answer."""
    circle = access.proposal_for(request.user, proposal_id)
    reauth.ask(request)
    return _page(request, circle, ProposalForm())


@require_POST
def proposal_confirm(request, proposal_id: str):
    """POST. Open the circle."""
    steward = steward_for(request.user)
    reauth.ask(request)
    try:
        founding.confirm(proposal_id, by=steward)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The circle is open. Those who proposed it are told."))
    return redirect("steward_page")


@require_POST
def proposal_decline(request, proposal_id: str):
    """POST. Say no, with the reason."""
    steward = steward_for(request.user)
    reauth.ask(request)
    form = ProposalForm(request.POST)
    if form.is_valid():
        try:
            founding.decline(proposal_id, by=steward, **form.cleaned_data)
        except Refused as refused:
            if not refused.field:
                messages.warning(request, refused.sentence)
                return redirect("steward_page")
            form.refuse(refused)
        else:
            messages.success(request, _("The proposal is declined. Its proposers read why."))
            return redirect("steward_page")
    return _page(request, access.proposal_for(request.user, proposal_id), form)


def _page(request, circle, form):
    context = {"place": "steward", "circle": circle, "form": form, **_asked_by(circle)}
    return render(request, "circles/proposal_page.html", context)


def _asked_by(circle) -> dict:
    """The question form and what an applicant will notice, to read with the charter."""
    rules = {name: getattr(circle, name) for name in policy.SETTINGS}
    return {
        "parameters": access.form_of(circle),
        "kinds": dict(Parameter.Kind.choices),
        "effect": policy.effect(rules),
    }
