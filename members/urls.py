"""Addresses of one's own account: the second factor, and where one is signed in.

Signing in itself, and showing once more that it is you, are allauth's views on pages of ours.
"""

from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from members.views import browsers, factors
from members.views.reauth import PasskeyAgain

urlpatterns = [
    path("again/", factors.again, name="sign_in_again"),
    path("sessions/", browsers.session_list, name="session_list"),
    path("sessions/end/", browsers.session_end_others, name="session_end_others"),
    path("sessions/<slug:browser_id>/end/", browsers.session_end, name="session_end"),
    path("factor/", factors.factor_page, name="factor_page"),
    path("factor/app/", factors.app_add, name="app_add"),
    path("factor/app/remove/", factors.app_remove, name="app_remove"),
    path("factor/passkey/", factors.passkey_add, name="passkey_add"),
    path("factor/passkey/<str:passkey_id>/", factors.passkey_rename, name="passkey_rename"),
    path("factor/passkey/<str:passkey_id>/remove/", factors.passkey_remove, name="passkey_remove"),
    path("factor/codes/", factors.codes_page, name="codes_page"),
    path("factor/codes/file/", factors.codes_file, name="codes_file"),
    path("factor/codes/new/", factors.codes_make, name="codes_make"),
    # Names that allauth asks for.
    path("step/", mfa.authenticate, name="mfa_authenticate"),
    path("step/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("again/passkey/", PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
]
