"""Checks: facts a vetter answers for, and what an admin lets applicants be compared with."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from circles import access, checks, registers
from circles.forms_checking import DomainsForm, ExtractForm, IdentityForm, PracticeForm
from circles.models import Confirmation
from circles.views import desk
from kring.lib.refused import Refused
from kring.lib.uploads import takes_file, was_too_large


@require_POST
def vetting_confirm(request, circle_id: str, application_id: str):
    """POST. Answer for a fact, or sign one as the second person."""
    membership, application = access.application_for(request.user, circle_id, application_id)
    if request.POST.get("sign", "").isdecimal():
        try:
            checks.sign(application, int(request.POST["sign"][:18]), by=request.user)
        except Refused as refused:
            messages.info(request, refused.sentence)
        else:
            messages.success(request, _("Signed."))
        return redirect("vetting_page", circle_id, application_id)
    fact = Confirmation.Fact
    if request.POST.get("fact") == fact.PRACTICE:
        form = PracticeForm(request.POST, auto_id="practice_%s")
        if not form.is_valid():
            return desk.page(request, membership, application, practice=form)
        checks.confirm(application, by=request.user, fact=fact.PRACTICE, **form.facts())
    else:
        form = IdentityForm(request.POST, auto_id="identity_%s")
        if not form.is_valid():
            return desk.page(request, membership, application, identity=form)
        checks.confirm(application, by=request.user, fact=fact.IDENTITY, **form.cleaned_data)
    messages.success(request, _("Written down, with your name and the date."))
    return redirect("vetting_page", circle_id, application_id)


@require_http_methods(["GET", "HEAD", "POST"])
@takes_file(registers.MOST_BYTES)
def circle_checks(request, circle_id: str):
    """GET, POST. The mailboxes of institutions, and an extract of a register."""
    membership = access.administering(request.user, circle_id)
    circle = membership.circle
    which = request.POST.get("which") if request.method == "POST" else None
    domains = DomainsForm(
        request.POST if which == "domains" else None,
        initial={"domains": "\n".join(circle.mailbox_domains)},
    )
    brings = which == "extract"
    extract = ExtractForm(
        request.POST if brings else None,
        request.FILES if brings else None,
        auto_id="extract_%s",
    )
    if which == "domains" and domains.is_valid():
        registers.set_domains(circle, by=request.user, domains=domains.cleaned_data["domains"])
        messages.success(request, _("Saved. It goes for whoever applies from now on."))
        return redirect("circle_checks", circle_id)
    if brings and (rows := _brought(request, circle, extract)):
        said = ngettext("%(n)d row is in.", "%(n)d rows are in.", rows) % {"n": rows}
        messages.success(request, said)
        return redirect("circle_checks", circle_id)
    context = {
        "place": "circles",
        "membership": membership,
        "domains": domains,
        "extract": extract,
        "now": access.extract_of(membership),
    }
    return render(request, "circles/circle_checks.html", context)


def _brought(request, circle, form) -> int:
    """Bring the extract; 0 when the form says what is not right."""
    sound = form.is_valid()
    if was_too_large(request):
        form.errors.pop("file", None)
        form.add_error("file", _("This file is larger than 4 MB."))
        return 0
    if not sound:
        return 0
    given = form.cleaned_data
    try:
        return registers.bring(
            circle,
            by=request.user,
            name=given["name"],
            dated=given["dated"],
            content=given["file"].read(),
        )
    except Refused as refused:
        form.refuse(refused)
        return 0
