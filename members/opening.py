"""Accounts made for somebody by whoever runs the installation. As the owner of the tables.

No password is made or shown: a letter leads to choosing one, and only its reader can.
"""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from kring.lib.refused import Refused
from members import account_letters, audit, letters
from members.models import Member, Profile


@transaction.atomic
def account_for(address: str, *, name: str = "", language: str = "nl") -> tuple[Member, bool]:
    """Return the account of an address, made now when there is none; and whether it was made.

    Raises Refused for what is no address, a closed account, and a newcomer without a name.
    """
    address, name = address.strip().lower(), " ".join(name.split())
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(f"{address!r} is no email address.") from None
    member = Member.objects.filter(email__iexact=address).first()
    if member is None:
        if not name:
            raise Refused(f"Nobody signs in with {address} yet, so their name is needed.")
        return _open(address, name, language), True
    if not member.is_active:
        raise Refused(f"The account of {address} is closed.")
    return member, False


def _open(address: str, name: str, language: str) -> Member:
    member = Member.objects.create_user(address, language=language)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    Profile.objects.create(member=member, name=name[:120])
    audit.record("account.opened", by=None, about=member.pk)
    ask_for_password(member)
    return member


def ask_for_password(member: Member) -> None:
    """Send the letter that leads to choosing a password."""
    letters.post(
        account_letters.RESET, member=member, subject_id=member.pk, seq=account_letters.minute()
    )
