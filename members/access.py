"""The doors to what is one's own, a browser or a passkey, and to what a steward may see."""

from allauth.mfa.models import Authenticator
from django.http import Http404
from django.shortcuts import get_object_or_404

from members import links, stewards
from members.models import Backup, Browser, Member

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


# --- for stewards -------------------------------------------------------------------------
def steward_for(member: Member) -> Member:
    """Hand over somebody who has this duty now."""
    if not member.is_steward:
        raise Http404
    return member


def troubled_letters(steward: Member) -> list[stewards.Troubled]:
    """Hand over how the letters fared that did not arrive, the newest fifty."""
    steward_for(steward)
    return stewards.troubled_letters()


def troubled_letter(steward: Member, letter_id: str) -> stewards.Troubled:
    """Hand over one of them, by its name in an address."""
    found = links.read(stewards.LETTER, letter_id)
    for letter in troubled_letters(steward):
        if found and letter.pk == found[0]:
            return letter
    raise Http404


def backups(steward: Member) -> tuple[Backup | None, Backup | None]:
    """Hand over the last backup that was made here, and the last one that was put back."""
    steward_for(steward)
    return Backup.objects.newest(), Backup.objects.last_put_back()
