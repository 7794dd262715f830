"""The doors to what is one's own: a browser one is signed in with, a passkey."""

from allauth.mfa.models import Authenticator
from django.http import Http404
from django.shortcuts import get_object_or_404

from members import links
from members.models import Browser, Member

PASSKEY = "passkey"  # what the name of a passkey in an address is signed for


def browser_for(member: Member, browser_id: str) -> Browser:
    """Hand over one of one's own browsers."""
    return get_object_or_404(Browser, member_id=member.pk, public_id=browser_id)


def passkey_for(member: Member, passkey_id: str) -> Authenticator:
    """Hand over one of one's own passkeys."""
    found = links.read(PASSKEY, passkey_id)
    if found is None:
        raise Http404
    return get_object_or_404(
        Authenticator, pk=found[0], user_id=member.pk, type=Authenticator.Type.WEBAUTHN
    )


def name_in_address(passkey: Authenticator) -> str:
    """How an address calls a passkey; its number would tell how many there are."""
    return links.token(PASSKEY, passkey.pk)
