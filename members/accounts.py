"""Accounts: how allauth behaves here, and the acts on one's own account.

allauth keeps the flows (sign in, reset, confirm an address); sign-up is closed, since an account
comes only from an accepted invitation or application, and every mail is a letter of ours.
"""

import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import account_letters, letters
from members.models import Member


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

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings_page")

    def _post(self, kind: str, member: Member, subject_id: int) -> None:
        # One a minute: pressing twice is asking once.
        letters.post(kind, member=member, subject_id=subject_id, seq=int(time.time()) // 60)


def choose_language(member: Member, language: str) -> None:
    """Speak this language to a member from now on, in pages and in mail."""
    Member.objects.filter(pk=member.pk).update(language=language)
    member.language = language
