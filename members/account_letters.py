"""Letters about one's own account. No link waits anywhere: each is made at the hand-over.

Whatever changes how one signs in is told, always, in the words of `NEWS`; none of it can be
switched off.
"""

import time
from typing import NamedTuple

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kring.lib.acting import acting_as
from members import mailing
from members.letters import Mail, Skip, letter_kind
from members.models import Browser, Letter, Member

RESET = "password_reset"
PROOF = "address_proof"
NEW_BROWSER = "new_browser"
FACTOR_ADDED = {"totp": "app_added", "webauthn": "passkey_added"}
FACTOR_REMOVED = {"totp": "app_removed", "webauthn": "passkey_removed"}
CODES_MADE, CODE_USED, FACTORS_RESET = "codes_made", "code_used", "factors_reset"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 (a kind of letter)
ADDRESS_ADDED, ADDRESS_CHANGED = "address_added", "address_changed"
ADDRESS_REMOVED = "address_removed"


class News(NamedTuple):
    """What happened to an account: a title as it stands within a line, and a sentence."""

    title: str
    said: str


NEWS = {
    NEW_BROWSER: News(
        _("signed in from a new browser"),
        _("Somebody signed in to your account in a browser that we did not know."),
    ),
    "app_added": News(
        _("an authenticator app was added"),
        _("From now on signing in takes your password and a code from that app."),
    ),
    "app_removed": News(
        _("your authenticator app was removed"),
        _("Its codes open nothing any more."),
    ),
    "passkey_added": News(
        _("a passkey was added"),
        _("From now on signing in takes a second step, and this passkey is one."),
    ),
    "passkey_removed": News(
        _("a passkey was removed"),
        _("It opens nothing any more."),
    ),
    CODES_MADE: News(
        _("new recovery codes were made"),
        _("The earlier ones open nothing any more."),
    ),
    CODE_USED: News(
        _("a recovery code was used"),
        _("It works only once. How many are left stands in your settings."),
    ),
    FACTORS_RESET: News(
        _("your second factor was removed"),
        _(
            "The steward removed it, because somebody asked for that in your name. "
            "Your password alone signs in now. You are signed out everywhere."
        ),
    ),
    PASSWORD_CHANGED: News(
        _("your password was changed"),
        _("Wherever else you were signed in, you are signed out."),
    ),
    ADDRESS_ADDED: News(
        _("an email address was added"),
        _("It counts once it is confirmed from there."),
    ),
    ADDRESS_CHANGED: News(
        _("you sign in with another address"),
        _("The email address of your account was changed, and our mail goes to the new one."),
    ),
    ADDRESS_REMOVED: News(
        _("an email address was removed"),
        _("It does not belong to your account any more."),
    ),
}


def minute() -> int:
    """Number the minute: the same news twice within it is one letter."""
    return int(time.time()) // 60


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


def account_news(letter: Letter) -> Mail:
    """What was changed, when, and what to do if it was somebody else.

    Goes to the address of the account; a change of address also to the one it was.
    """
    member = _active(letter)
    title, said = NEWS[letter.kind]
    with acting_as(member.pk), translation.override(member.language):
        return mailing.compose(
            "account_news",
            to=_address(letter, member),
            language=member.language,
            title=title,
            said=said,
            at=letter.created_at,
            browser=_browser(letter),
            reset=settings.URL + reverse("account_reset_password"),
        )


for _kind in NEWS:
    letter_kind(_kind, at_least_once=True)(account_news)


def _address(letter: Letter, member: Member) -> str:
    if letter.kind != ADDRESS_CHANGED:
        return member.email
    address = EmailAddress.objects.filter(pk=letter.subject_id, user_id=member.pk).first()
    if address is None:
        raise Skip("address removed")
    return address.email


def _browser(letter: Letter) -> str:
    if letter.kind != NEW_BROWSER:
        return ""
    browser = Browser.objects.filter(pk=letter.subject_id, member_id=letter.member_id).first()
    return browser.name if browser else ""


def _active(letter: Letter) -> Member:
    member = Member.objects.filter(pk=letter.member_id, is_active=True).first()
    if member is None:
        raise Skip("account closed")
    return member
