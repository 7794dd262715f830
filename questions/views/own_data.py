"""What is one's own: withdrawing what one wrote, and erasing the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kring.lib.refused import Refused
from members import reauth
from questions import own_data
from questions.forms_settings import EraseForm


@require_safe
def own_data_page(request):
    """GET. What one can do with what is one's own."""
    context = {"place": "settings", "circles": own_data.circles_of(request.user)}
    return render(request, "questions/own_data_page.html", context)


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
