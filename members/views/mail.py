"""Mail that does not arrive: what its reader can do about it, and what the provider tells of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from kring.lib.back import way_back
from members import bounces, webhooks


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


@login_not_required
@csrf_exempt  # a provider has no page of ours; its secret and its signature are the proof
@require_http_methods(["HEAD", "POST"])  # some look with HEAD whether anybody is there
def mail_webhook(request: HttpRequest, provider: str) -> HttpResponse:
    if provider != webhooks.provider():
        raise Http404
    if webhooks.is_worn_out(request):
        return HttpResponse(status=429)
    if request.method == "POST":
        webhooks.hear(request)
    return HttpResponse()
