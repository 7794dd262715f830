"""A steward's page of mail: what became of letters day by day, and letting all that is safe go again.

Kinds, ends, reasons and numbers only: not whose a letter is, of which circle, or what it says.
"""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members import access, condition, reauth, stewards


@require_safe
def steward_mail(request):
    """GET. Fourteen days of letters, by day and by kind."""
    access.steward_for(request.user)
    by_day, by_kind = condition.letter_days()
    found = condition.read()
    context = {
        "place": "steward",
        "days": condition.DAYS,
        "by_day": by_day,
        "by_kind": by_kind,
        "waits": found.letters,
        "oldest": found.oldest_letter,
    }
    return render(request, "kring/steward_mail.html", context)


@require_POST
def steward_mail_again(request):
    """POST. Let every letter go once more that certainly did not arrive."""
    steward = access.steward_for(request.user)
    reauth.ask(request)
    number = stewards.try_all_again(by=steward)
    if number:
        words = ngettext(
            "One letter goes again within a minute.",
            "%(n)s letters go again within a minute.",
            number,
        )
        messages.success(request, words % {"n": number})
    else:
        messages.info(request, _("There is no letter that may go again."))
    return redirect("steward_mail")
