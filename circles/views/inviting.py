"""Invitations: what a member sends and sees of them, and the page the mailed link leads to.

The link's token leaves the address at once; a short-lived entry in the session remembers it.
"""

from functools import wraps
from time import time

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from circles import access, invited, inviting, telling
from circles.forms_inviting import AnswerForm, InvitationForm
from circles.limits import may_try_inviting
from circles.models import Invitation
from circles.views.holding import HOURS, remember
from kring.lib import keyset
from kring.lib.refused import Refused
from members import links, silence

S = Invitation.State
HELD = "invitation"  # the entry in the session


# --- by members ---------------------------------------------------------------------------
@require_safe
def invitation_list(request, circle_id: str):
    """GET. One's own invitations and what became of them; for an admin all of the circle."""
    membership = access.circle_for(request.user, circle_id)
    page = keyset.newest_first(access.invitations_for(membership), request.GET)
    context = {
        "place": "circles",
        "membership": membership,
        "page": page,
        "rows": [(row, telling.invitation_says(row)) for row in page.rows],
        "obstacle": inviting.obstacle_of(membership),
        "quota": access.quota_of(membership),
    }
    return render(request, "circles/invitation_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request, circle_id: str):
    """GET, POST. Invite a colleague, or read why one cannot now."""
    membership = access.circle_for(request.user, circle_id)
    start = {"language": membership.circle.language}
    form = InvitationForm(request.POST or None, initial=start)
    refused = inviting.obstacle_of(membership)
    if request.method == "POST" and form.is_valid() and not refused:
        try:
            if not may_try_inviting(request.user):
                raise Refused(_("That is enough for one day. Go on tomorrow."))
            invitation = inviting.invite(membership.circle, by=request.user, **form.cleaned_data)
        except Refused as no:
            form.refuse(no)
        else:
            messages.success(request, invitation.told)
            return redirect("invitation_list", circle_id)
    context = {
        "place": "circles",
        "membership": membership,
        "form": form,
        "obstacle": refused,
        "quota": access.quota_of(membership),
    }
    return render(request, "circles/invitation_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_revoke(request, circle_id: str, invitation_id: str):
    """GET, POST. Ask once more, then withdraw it: its link is dead at once."""
    membership, invitation = access.invitation_for(request.user, circle_id, invitation_id)
    if request.method != "POST":
        context = {"place": "circles", "membership": membership, "invitation": invitation}
        return render(request, "circles/invitation_revoke.html", context)
    try:
        inviting.revoke(invitation, by=request.user)
    except Refused as no:
        messages.info(request, no.sentence)
    else:
        messages.success(request, _("Withdrawn. The link in its letters opens nothing any more."))
    return redirect("invitation_list", circle_id)


@require_POST
def invitation_remind(request, circle_id: str, invitation_id: str):
    """POST. Send the second and last letter now."""
    _membership, invitation = access.invitation_for(request.user, circle_id, invitation_id)
    try:
        inviting.remind(invitation, by=request.user)
    except Refused as no:
        messages.info(request, no.sentence)
    else:
        messages.success(request, _("The second letter is written down. There is no third."))
    return redirect("invitation_list", circle_id)


# --- by the invitee -----------------------------------------------------------------------
def by_invitation(view):
    """Let in whoever came by a mailed invitation; the view gets it. Others see the one page for
    links that open nothing."""

    @login_not_required
    @wraps(view)
    def enter(request):
        held = request.session.get(HELD)
        invitation = (
            access.own_invitation(held["link"]) if held and held["until"] > time() else None
        )
        if invitation is None:
            return redirect("application_link")
        return view(request, invitation)

    return enter


@login_not_required
@require_safe
def invitation_open(request, token: str):
    """GET. Take the token out of the address; changes nothing."""
    link = links.alive("invitation", token)
    if link is None:
        return redirect("application_link")
    request.session.cycle_key()
    request.session[HELD] = {"link": link.pk, "until": time() + HOURS * 3600}
    return redirect("invitation_page")


@by_invitation
@require_safe
def invitation_page(request, invitation):
    """GET. Who invites and with which words, the charter, and the answer; or what came of it."""
    if invitation.state == S.OPEN:
        return _page(request, invitation, AnswerForm())
    if invitation.state == S.DECLINED:
        context = {"invitation": invitation, "never": silence.url_for(invitation.address)}
        return render(request, "circles/invitation_answered.html", context)
    return _to_application(request, access.begun_by(invitation))


@by_invitation
@require_POST
def invitation_answer(request, invitation):
    """POST. Begin an application, or say no, thank you."""
    if invitation.state != S.OPEN:
        return redirect("invitation_page")
    form = AnswerForm(request.POST)
    if "no" in request.POST and not form.is_valid():
        return _page(request, invitation, form)
    try:
        if "no" in request.POST:
            invited.decline(invitation, answer=form.cleaned_data["answer"])
            return redirect("invitation_page")
        link_id = invited.begin(invitation, language=request.LANGUAGE_CODE)
    except Refused as no:
        messages.info(request, no.sentence)
        return redirect("invitation_page")
    return _to_application(request, link_id)


def _to_application(request, link_id: int):
    """The invitation came by mail to the address it is bound to, so its application is proven."""
    remember(request, link_id, mailed=True)
    return redirect("application_page")


def _page(request, invitation, form):
    context = {
        "invitation": invitation,
        "inviter": access.own_inviter(invitation),
        "circle": invitation.circle,
        "form": form,
        "never": silence.url_for(invitation.address),
    }
    return render(request, "circles/invitation_page.html", context)
