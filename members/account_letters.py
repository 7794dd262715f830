"""Letters about one's own account. No link waits anywhere: each is made at the hand-over."""

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from kring.lib.acting import acting_as
from members import mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Letter, Member

RESET = "password_reset"
PROOF = "address_proof"


@letter_kind(RESET, at_least_once=True)
def password_reset(letter: Letter) -> Mail:
    """The letter with a link for a new password, freshly made by allauth's generator here.

    The link ends with its time, with the next sign-in, and with a change of address or password.
    """
    member = _active(letter)
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(member)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(member), "key": key},
    )
    return mailing.compose(
        "password_reset",
        to=member.email,
        language=member.language,
        link=settings.URL + path,
        hours=settings.PASSWORD_RESET_TIMEOUT // 3600,
    )


@letter_kind(PROOF, at_least_once=True)
def address_proof(letter: Letter) -> Mail:
    """The letter that proves a new address, sent to that address itself."""
    member = _active(letter)
    with acting_as(member.pk):
        address = EmailAddress.objects.filter(pk=letter.subject_id, verified=False).first()
    if address is None:
        raise Skip("proven or removed")
    path = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    return mailing.compose(
        "address_proof",
        to=address.email,
        language=member.language,
        link=settings.URL + path,
        days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS,
    )


def _active(letter: Letter) -> Member:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    if member is None:
        raise Skip("account closed")
    return member
