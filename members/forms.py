"""The shape of what is typed or touched for a second factor."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.forms import (
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kring.lib.forms import KringForm

VALID = 120  # seconds: longer than any code lives, with the tolerance on both sides
NO_CODE = _("Type the code.")
NO_PASSKEY = _("No passkey was shown. Try again, or use a code.")
ODD = (AttributeError, KeyError, TypeError, ValueError)  # what a made-up credential can raise


class _Once:
    """A code of an authenticator app lets in once, however long it is still shown there."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = NO_CODE

    def clean_code(self) -> str:
        code = super().clean_code()
        known = f"factor:{self.user.pk}:{totp.normalize_user_code(code)}"
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(known, 1, VALID):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_Once, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_Once, ReauthenticateForm):
    """Showing once more that it is you."""


class _Shown:
    """A passkey that was shown. Whatever else is sent in its place is no passkey, and no fault."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages.update(required=NO_PASSKEY, invalid=NO_PASSKEY)

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except ODD as odd:
            raise ValidationError(NO_PASSKEY) from odd


class PasskeyForm(_Shown, AuthenticateWebAuthnForm):
    """The second step of signing in, with a passkey."""


class PasskeyAgainForm(_Shown, ReauthenticateWebAuthnForm):
    """Showing once more that it is you, with a passkey."""


class PasskeyAloneForm(_Shown, LoginWebAuthnForm):
    """Signing in with nothing but a passkey."""


class AppForm(KringForm):
    """The first code of an authenticator app, which proves that the app has the secret."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits, as the app shows them now."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": NO_CODE},
    )

    def __init__(self, *args, member, secret: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.member, self.secret = member, secret

    def clean_code(self) -> str:
        forgive = check_rate_limit(self.member, error_key="rate_limited")
        code = self.cleaned_data["code"]
        if not totp.validate_totp_code(self.secret, code):
            raise get_adapter().validation_error("incorrect_code")
        forgive()
        return code


class PasskeyNameForm(KringForm):
    """What one calls a passkey."""

    name = forms.CharField(
        label=_("What you call it"),
        help_text=_("Such as the device it lives on: phone, laptop, key on the ring."),
        max_length=40,
        error_messages={"required": _("Give it a name.")},
    )


class NewPasskeyForm(PasskeyNameForm):
    """A passkey to add: what the browser says of it, and its name."""

    alone = forms.BooleanField(
        label=_("Also sign in with it alone, without a password"),
        help_text=_("Your device then asks for your finger, your face or its own code."),
        required=False,
        initial=True,
    )
    credential = forms.JSONField(
        widget=forms.HiddenInput,
        error_messages={"required": NO_PASSKEY, "invalid": NO_PASSKEY},
    )

    def clean(self) -> dict:
        given = super().clean()
        if given.get("credential"):
            try:
                webauthn.parse_registration_response(given["credential"])
                made = webauthn.complete_registration(given["credential"])
            except ODD as odd:
                raise ValidationError(NO_PASSKEY) from odd
            if given.get("alone") and not made.is_user_verified():
                raise ValidationError(NO_PASSKEY)
        return given
