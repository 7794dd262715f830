"""What Django and allauth tell in passing, handed to the act it concerns. No rules of its own."""

from allauth.account.signals import email_added
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.contrib.auth.signals import user_logged_in
from django.core.signing import BadSignature
from django.dispatch import receiver

from members import accounts, browsers, factors

BROWSER = "browser"  # the cookie by which a browser is known again


@receiver(user_logged_in)
def signed_in(request, user, **_more) -> None:
    try:
        token = request.get_signed_cookie(BROWSER, salt=BROWSER)
    except (KeyError, BadSignature):
        token = request.new_browser = browsers.new_token()
    agent = request.META.get("HTTP_USER_AGENT", "")
    browsers.come_in(user, request.session, token=token, agent=agent)


@receiver(authenticator_used)
def factor_used(user, authenticator, **_more) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        factors.code_was_used(authenticator, user)


@receiver(email_added)
def address_added(user, email_address, **_more) -> None:
    accounts.address_was_added(user, email_address)
