"""What is one's own: withdrawing what one wrote, and erasing the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kring.lib.refused import Refused
from members import reauth
from questions import own_data, own_export
from questions.forms_settings import EraseForm


@require_safe
def own_data_page(request):
    """GET. What one can do with what is one's own."""
    context = {
        "place": "settings",
        "circles": own_data.circles_of(request.user),
        "export": own_export.standing(request.user),
    }
    return render(request, "questions/own_data_page.html", context)


@require_POST
def own_export_ask(request):
    """POST. Let the worker make an archive of all that is one's own."""
    reauth.ask(request)
    try:
        own_export.ask(by=request.user)
    except Refused as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("It is being made; look again in a minute."))
    return redirect("own_data_page")


@require_safe
def own_export_file(request):
    """GET. The archive, for its owner alone."""
    reauth.ask(request)
    export = own_export.standing(request.user)
    if export is None or not export.is_ready:
        messages.info(request, _("There is no archive of yours now. Ask for one below."))
        return redirect("own_data_page")
    file = own_export.path_of(request.user.pk).open("rb")
    return FileResponse(file, as_attachment=True, filename="kring.zip")


@require_http_methods(["GET", "HEAD", "POST"])
def words_withdraw(request, own_id: str):
    """GET, POST. Ask once more, then take back every word one wrote in a circle."""
    circles = own_data.circles_of(request.user)
    circle = next((one for one in circles if one.public_id == own_id), None)
    if circle is None:
        raise Http404
    reauth.ask(request)
    if request.method == "POST":
        gone = own_data.withdraw(circle, by=request.user)
        said = ngettext("One text is withdrawn.", "%(n)d texts are withdrawn.", gone) % {"n": gone}
        messages.success(request, said)
        return redirect("own_data_page")
    context = {"place": "settings", "circle": circle}
    return render(request, "questions/words_withdraw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def account_erase(request):
    """GET, POST. Ask once more, then leave nothing personal of oneself."""
    reauth.ask(request)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            own_data.erase_account(
                by=request.user, with_words=form.cleaned_data["words"] == "withdraw"
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            logout(request)
            messages.success(request, _("Your account is erased. Thank you for what you gave."))
            return redirect("guide_page")
    context = {"place": "settings", "form": form}
    return render(request, "questions/account_erase.html", context)
