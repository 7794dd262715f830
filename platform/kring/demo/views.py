"""Pages of the demo: come in as somebody, and read the mail. Addresses exist only with KRING_DEMO."""

import json

from csp.decorators import csp_exempt
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kring.demo import mailbox
from kring.lib.acting import at_the_desk
from members.models import Member


def _people() -> list[dict]:
    path = settings.HOME / "demo.json"
    return json.loads(path.read_text()) if path.exists() else []


@login_not_required
@require_safe
def demo_page(request):
    return render(request, "demo/sign_in.html", {"people": _people()})


@login_not_required
@require_POST
def demo_enter(request):
    known = {row["email"] for row in _people() if "email" in row}
    if request.POST.get("who") not in known:
        raise Http404
    with at_the_desk():
        member = Member.objects.get_by_natural_key(request.POST["who"])
        login(request, member, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")


@login_not_required
@require_safe
def demo_mailbox(request, key: str = ""):
    folder = _folder()
    to = request.GET.get("to", "")
    everything = mailbox.newest(folder)
    mails = [mail for mail in everything if not to or to in mail.to]
    shown = mailbox.find(folder, key) if key else (mails[0] if mails else None)
    if key and shown is None:
        raise Http404
    context = {
        "mails": mails,
        "shown": shown,
        "to": to,
        "readers": sorted({mail.to for mail in everything}),
    }
    return render(request, "demo/mailbox.html", context)


@login_not_required
@require_safe
@csp_exempt()
def demo_mail_html(request, key: str):
    mail = mailbox.find(_folder(), key)
    if mail is None:
        raise Http404
    response = HttpResponse(mail.html)
    # A mail brings its own styles and nothing else: no script, no picture, no frame.
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    )
    return response


@login_not_required
@require_safe
def demo_mail_source(request, key: str):
    mail = mailbox.find(_folder(), key)
    if mail is None:
        raise Http404
    return HttpResponse(mail.source, content_type="text/plain; charset=utf-8")


@login_not_required
@require_POST
def demo_mailbox_empty(request):
    mailbox.empty(_folder())
    return redirect("demo_mailbox")


def _folder():
    if settings.MAILBOX is None:
        raise Http404
    return settings.MAILBOX
