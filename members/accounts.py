"""Accounts: how allauth behaves here, and the acts on one's own account.

allauth keeps the flows (sign in, reset, confirm an address); sign-up is closed, since an account
comes only from an accepted invitation or application, and every mail is a letter of ours.
"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kring.lib.acting import acting_as
from kring.lib.kept import kept
from members import account_letters, audit, browsers, encryption, factors, letters
from members.models import Member
from members.sessions import SessionStore


class Backend(AuthenticationBackend):
    """allauth's, except that the account of a session comes with its person."""

    def get_user(self, user_id: int) -> Member | None:
        member = _account.first(user_id)
        return member if member is not None and self.user_can_authenticate(member) else None


@kept
def _account(member_id: int):
    return Member.objects.select_related("profile").filter(pk=member_id)


class Adapter(DefaultAccountAdapter):
    """What Kring wants different from allauth's own ways."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This is not the code we sent."),
        "email_taken": _("This address cannot be used."),
        "duplicate_email": _("You already have this address."),
        "cannot_remove_primary_email": _("The address you sign in with stays."),
        "unverified_primary_email": _("Confirm the address first; then you can sign in with it."),
        "max_email_addresses": _("You can have %d addresses at most."),
        "same_as_current": _("This is the address you have now."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again."),
        "rate_limited": _("That was asked too often. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Whether one may be led on to it: a page of ours, by its path."""
        return bool(url) and url.startswith("/") and super().is_safe_url(url)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Write a letter instead; the letter makes its own link when it is handed over.

        Anything but the two letters below is sent to nobody: an unknown address hears nothing,
        and the page is the same.
        """
        kind = template_prefix.rpartition("/")[2]
        if kind == "password_reset_key":
            self._post(account_letters.RESET, context["user"], context["user"].pk)
        elif kind in {"email_confirmation", "email_confirmation_signup"}:
            address = EmailAddress.objects.get_for_user(context["user"], email)
            self._post(account_letters.PROOF, context["user"], address.pk)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Member,
        context: dict | None = None,
        email: str | None = None,
    ) -> None:
        """Record and tell what changed in an account."""
        match template_prefix.rpartition("/")[2]:
            case "password_changed" | "password_set" | "password_reset":
                password_was_changed(user, self.request.session)
            case "email_changed":
                address_was_changed(user, context["from_email"], context["to_email"])
            case "email_deleted":
                address_was_removed(user)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Not before the letter to an address has told that it is the address no more."""
        return super().can_delete_email(email_address) and not letters.is_on_its_way(
            account_letters.ADDRESS_CHANGED, email_address.user_id, email_address.pk
        )

    def get_reauthentication_methods(self, user: Member) -> list[dict]:
        """The ways to show once more that it is you, in our words."""
        return [
            {**way, "description": WAYS[way["id"]]}
            for way in super().get_reauthentication_methods(user)
        ]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings_page")

    def _post(self, kind: str, member: Member, subject_id: int) -> None:
        # One a minute: pressing twice is asking once.
        letters.post(kind, member=member, subject_id=subject_id, seq=account_letters.minute())


WAYS = {
    "reauthenticate": _("With your password"),
    "mfa_reauthenticate": _("With a code"),
    "mfa_reauthenticate:webauthn": _("With a passkey"),
}


class FactorAdapter(DefaultMFAAdapter):
    """How allauth's second factor behaves here: our words, and secrets sealed where they lie."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not right. Codes change every half minute; try the next."),
    }

    def encrypt(self, text: str) -> str:
        return encryption.seal(factors.PURPOSE, text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.unseal(factors.PURPOSE, encrypted_text)

    def _get_site_name(self) -> str:
        return "Kring"

    def generate_authenticator_name(self, user: Member, type) -> str:
        return gettext("Passkey")


@transaction.atomic
def choose_language(member: Member, language: str) -> None:
    """Speak this language to a member from now on, in pages and in mail."""
    if member.language != language:
        Member.objects.filter(pk=member.pk).update(language=language)
        member.language = language
        audit.record("language.chosen", by=member, about=member.pk, language=language)


@transaction.atomic
def password_was_changed(member: Member, session: SessionStore) -> None:
    """Tell and record it. With the password every other session ended; their rows go too."""
    with acting_as(member.pk):
        browsers.forget_elsewhere(member, session)
        audit.record("password.changed", by=member, about=member.pk)
        letters.post(
            account_letters.PASSWORD_CHANGED,
            member=member,
            subject_id=member.pk,
            seq=account_letters.minute(),
        )


@transaction.atomic
def address_was_added(member: Member, address: EmailAddress) -> None:
    """Tell it to the address the account has."""
    audit.record("address.added", by=member, about=member.pk, subject_id=address.pk)
    letters.post(account_letters.ADDRESS_ADDED, member=member, subject_id=address.pk)


@transaction.atomic
def address_was_changed(member: Member, old: str, new: str) -> None:
    """Tell it to the address the account had, and to the one it has."""
    rows = EmailAddress.objects.filter(user_id=member.pk, email__in=[old, new])
    audit.record("address.changed", by=member, about=member.pk)
    for address in rows:
        letters.post(
            account_letters.ADDRESS_CHANGED,
            member=member,
            subject_id=address.pk,
            seq=account_letters.minute(),
        )


@transaction.atomic
def address_was_removed(member: Member) -> None:
    """Tell it to the address the account has."""
    audit.record("address.removed", by=member, about=member.pk)
    letters.post(
        account_letters.ADDRESS_REMOVED,
        member=member,
        subject_id=member.pk,
        seq=account_letters.minute(),
    )
