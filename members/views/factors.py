"""The second factor: what one has, adding and removing, and the codes for when all is lost."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kring.lib.back import page_of_ours
from kring.lib.refused import Refused
from members import access, factors, reauth
from members.forms import AppForm, NewPasskeyForm, PasskeyNameForm
from members.reauth import fresh_sign_in

SECRET = "factor.secret"  # noqa: S105 (the entry in the session)
FORM = ["GET", "HEAD", "POST"]


def _next(request) -> str:
    """Where one wanted to go, when that is a page of ours."""
    return page_of_ours(request, request.POST.get("next") or request.GET.get("next", ""))


def _context(request, **more) -> dict:
    return {"place": "settings", "next": _next(request), **more}


def _on(request, name: str) -> HttpResponse:
    """Go to a page that leads on to where one wanted to go."""
    response = redirect(name)
    if address := _next(request):
        response["Location"] += "?" + urlencode({"next": address})
    return response


def _done(request, had: factors.Factors, kind: str) -> HttpResponse:
    """After the first factor come the recovery codes; after another, where one wanted to go."""
    reauth.shown(request, kind)
    if had.codes is None:
        return _on(request, "codes_page")
    return redirect(_next(request) or "factor_page")


@fresh_sign_in
@require_safe
def again(request):
    """GET. Show once more that it is you, then go on."""
    return redirect(_next(request) or "home")


@require_safe
def factor_page(request):
    """GET. What one has, and what one can add."""
    have = factors.factors_of(request.user)
    for passkey in have.passkeys:
        passkey.name_in_address = access.name_in_address(passkey)
    return render(request, "members/factor_page.html", _context(request, factors=have))


# --- the authenticator app ----------------------------------------------------------------
@fresh_sign_in
@require_http_methods(FORM)
def app_add(request):
    """GET, POST. The secret as a picture and as text, then the first code of the app."""
    have = factors.factors_of(request.user)
    if have.app:
        return redirect("app_remove")
    secret = request.session.get(SECRET)
    if not secret:
        secret = request.session[SECRET] = totp.generate_totp_secret()
    typed = request.POST if request.method == "POST" else None
    form = AppForm(typed, member=request.user, secret=secret)
    if typed is not None and form.is_valid():
        try:
            factors.add_app(secret, by=request.user, session=request.session)
        except Refused as refused:
            form.refuse(refused)
        else:
            request.session.pop(SECRET, None)
            messages.success(request, _("Your authenticator app counts from now on."))
            return _done(request, have, factors.APP)
    address = get_adapter().build_totp_url(request.user, secret)
    context = _context(
        request,
        form=form,
        address=address,
        groups=[secret[place : place + 4] for place in range(0, len(secret), 4)],
        picture=_picture(address),
    )
    return render(request, "members/app_add.html", context)


def _picture(text: str) -> dict:
    """Draw a QR code as one path for an SVG: each dark run of a row is a bar one high."""
    import qrcode  # brings a library of pictures along, so no process loads it that draws none

    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    bars = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if width:
                bars.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return {"size": str(len(rows)), "path": "".join(bars)}


@fresh_sign_in
@require_http_methods(FORM)
def app_remove(request):
    """GET, POST. Ask once more, then remove the app."""
    have = factors.factors_of(request.user)
    if have.app is None:
        return redirect("factor_page")
    if request.method == "POST":
        factors.remove(have.app, by=request.user)
        messages.success(request, _("Your authenticator app is removed."))
        return redirect("factor_page")
    context = _context(request, is_last=not have.passkeys)
    return render(request, "members/app_remove.html", context)


# --- passkeys -----------------------------------------------------------------------------
@fresh_sign_in
@require_http_methods(FORM)
def passkey_add(request):
    """GET, POST. Let the browser make a passkey, and keep its public half."""
    have = factors.factors_of(request.user)
    typed = request.POST if request.method == "POST" else None
    name = get_adapter().generate_authenticator_name(request.user, factors.PASSKEY)
    form = NewPasskeyForm(typed, initial={"name": name})
    if typed is not None and form.is_valid():
        given = form.cleaned_data
        try:
            factors.add_passkey(
                given["name"], given["credential"], by=request.user, session=request.session
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Your passkey counts from now on."))
            return _done(request, have, factors.PASSKEY)
    options = webauthn.begin_registration(request.user, passwordless=False)
    context = _context(request, form=form, options=options, has_app=bool(have.app))
    return render(request, "members/passkey_add.html", context)


@require_http_methods(FORM)
def passkey_rename(request, passkey_id: str):
    """GET, POST. Call a passkey otherwise."""
    passkey = access.passkey_for(request.user, passkey_id)
    typed = request.POST if request.method == "POST" else None
    form = PasskeyNameForm(typed, initial={"name": passkey.wrap().name})
    if typed is not None and form.is_valid():
        factors.rename_passkey(passkey, form.cleaned_data["name"], by=request.user)
        return redirect("factor_page")
    return render(request, "members/passkey_rename.html", _context(request, form=form))


@require_http_methods(FORM)
def passkey_remove(request, passkey_id: str):
    """GET, POST. Ask once more, then remove the passkey."""
    passkey = access.passkey_for(request.user, passkey_id)
    reauth.ask(request)
    if request.method == "POST":
        factors.remove(passkey, by=request.user)
        messages.success(request, _("The passkey is removed."))
        return redirect("factor_page")
    have = factors.factors_of(request.user)
    is_last = have.app is None and len(have.passkeys) == 1
    context = _context(request, passkey=passkey, is_last=is_last)
    return render(request, "members/passkey_remove.html", context)


# --- recovery codes -----------------------------------------------------------------------
@fresh_sign_in
@require_safe
def codes_page(request):
    """GET. The codes that are left, to write down."""
    have = factors.factors_of(request.user)
    if have.codes is None:
        return redirect("factor_page")
    context = _context(request, codes=factors.codes_of(have))
    return render(request, "members/codes_page.html", context)


@fresh_sign_in
@require_safe
def codes_file(request):
    """GET. The same as a file of text."""
    codes = factors.codes_of(factors.factors_of(request.user))
    if not codes:
        raise Http404
    response = HttpResponse("\n".join(codes) + "\n", content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="kring.txt"'
    return response


@fresh_sign_in
@require_http_methods(FORM)
def codes_make(request):
    """GET, POST. Ask once more, then make new codes."""
    if request.method == "POST":
        try:
            factors.make_codes(by=request.user)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("factor_page")
        messages.success(request, _("New codes. The earlier ones open nothing any more."))
        return redirect("codes_page")
    return render(request, "members/codes_make.html", _context(request))
