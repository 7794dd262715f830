"""Mail that does not arrive: what its reader can do about it, and what the provider tells of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kring.lib.back import way_back
from members import bounces


@require_POST
def mail_try(request: HttpRequest) -> HttpResponse:
    bounces.try_address(by=request.user)
    messages.info(
        request,
        _(
            "A test email is on its way. If it is there in a few minutes, press “Email works again”."
        ),
    )
    return redirect(way_back(request))


@require_POST
def mail_works(request: HttpRequest) -> HttpResponse:
    bounces.works_again(by=request.user)
    messages.success(request, _("Good. From now on you get our email again."))
    return redirect(way_back(request))
