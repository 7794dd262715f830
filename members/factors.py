"""The second factor: an authenticator app, passkeys, and codes for when both are lost.

allauth checks what is typed and touched; these are the acts that add and remove. Each leaves an
audit line and a letter that cannot be switched off. Secrets are sealed before they are stored.
"""

from dataclasses import dataclass

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction
from django.utils.translation import gettext as _

from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import account_letters, audit, browsers, encryption, letters
from members.models import Member
from members.sessions import SessionStore

APP, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN
CODES = Authenticator.Type.RECOVERY_CODES
REAL = (APP, PASSKEY)  # recovery codes alone are no factor
SEALED = ("secret", "seed")  # what of a row's data is sealed, and for which purpose
PURPOSE = "factor"
MOST_PASSKEYS = 20


@dataclass(frozen=True)
class Factors:
    """What one member has."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes: Authenticator | None

    @property
    def any(self) -> bool:
        return bool(self.app or self.passkeys)

    @property
    def codes_left(self) -> int:
        """How many recovery codes are unused."""
        if self.codes is None:
            return 0
        return app_settings.RECOVERY_CODE_COUNT - self.codes.data["used_mask"].bit_count()


def factors_of(member: Member) -> Factors:
    """Hand over a member's own factors, in one query."""
    rows = list(Authenticator.objects.filter(user_id=member.pk).order_by("created_at", "id"))
    first = {kind: next((row for row in rows if row.type == kind), None) for kind in (APP, CODES)}
    return Factors(first[APP], [row for row in rows if row.type == PASSKEY], first[CODES])


def has_factor(member: Member) -> bool:
    """Say whether sign-in asks this member for a second factor."""
    return Authenticator.objects.filter(user_id=member.pk, type__in=REAL).exists()


def codes_of(factors: Factors) -> list[str]:
    """Return the recovery codes that are not used yet."""
    return factors.codes.wrap().get_unused_codes() if factors.codes else []


@transaction.atomic
def add_app(secret: str, *, by: Member, session: SessionStore) -> None:
    """Make an authenticator app count. Ends every other session, and makes recovery codes when
    there are none. Raises Refused when there is an app already."""
    if _locked(by).app:
        raise Refused(_("You have an authenticator app already. Remove that one first."))
    _added(TOTP.activate(by, secret).instance, by, session)


@transaction.atomic
def add_passkey(name: str, credential: dict, *, by: Member, session: SessionStore) -> None:
    """Make a passkey count. Ends every other session, and makes recovery codes when there are
    none. Raises Refused beyond twenty."""
    if len(_locked(by).passkeys) >= MOST_PASSKEYS:
        raise Refused(_("You have %(n)d passkeys. Remove one first.") % {"n": MOST_PASSKEYS})
    _added(WebAuthn.add(by, name, credential).instance, by, session)


def rename_passkey(passkey: Authenticator, name: str, *, by: Member) -> None:
    """Call a passkey otherwise."""
    passkey.data["name"] = name
    Authenticator.objects.filter(pk=passkey.pk, user_id=by.pk).update(data=passkey.data)


@transaction.atomic
def remove(factor: Authenticator, *, by: Member) -> None:
    """Make a factor count no more. The recovery codes go with the last one."""
    Authenticator.objects.filter(pk=factor.pk, user_id=by.pk).delete()
    if not has_factor(by):
        Authenticator.objects.filter(user_id=by.pk).delete()
    _record("factor.removed", factor, by)
    letters.post(account_letters.FACTOR_REMOVED[factor.type], member=by, subject_id=factor.pk)


@transaction.atomic
def make_codes(*, by: Member) -> None:
    """Make new recovery codes; the old ones open nothing any more. Raises Refused without a
    factor to recover."""
    if not _locked(by).any:
        raise Refused(_("Recovery codes come with an authenticator app or a passkey."))
    Authenticator.objects.filter(user_id=by.pk, type=CODES).delete()
    made = RecoveryCodes.activate(by).instance
    _record("factor.codes_made", made, by)
    letters.post(account_letters.CODES_MADE, member=by, subject_id=made.pk)


@transaction.atomic
def code_was_used(codes: Authenticator, member: Member) -> None:
    """Tell a member that one of their recovery codes was used."""
    with acting_as(member.pk):
        used = codes.data["used_mask"].bit_count()
        _record("factor.code_used", codes, member, used=used)
        letters.post(account_letters.CODE_USED, member=member, subject_id=codes.pk, seq=used)


@transaction.atomic
def reset(member: Member) -> int:
    """Remove every factor of somebody who lost them all; return how many rows went.

    For operators, once they know who asks: after it the password alone signs in. The member is
    told, and every session ends.
    """
    with acting_as(member.pk):
        gone = Authenticator.objects.filter(user_id=member.pk).delete()[0]
        browsers.end_all(member)
        audit.record("factor.reset", by=None, about=member.pk, subject="member")
        letters.post(
            account_letters.FACTORS_RESET,
            member=member,
            subject_id=member.pk,
            seq=account_letters.minute(),
        )
    return gone


def reseal_all() -> int:
    """Seal every secret under the present key; return how many. As the owner of the tables."""
    count = 0
    for row in Authenticator.objects.exclude(type=PASSKEY).iterator():
        for name in SEALED:
            if name in row.data:
                row.data[name] = encryption.reseal(PURPOSE, row.data[name])
        count += Authenticator.objects.filter(pk=row.pk).update(data=row.data)
    return count


def _locked(by: Member) -> Factors:
    """One's factors, while nobody else changes them: two tabs add one app, not two."""
    Member.objects.select_for_update().get(pk=by.pk)
    return factors_of(by)


def _added(factor: Authenticator, by: Member, session: SessionStore) -> None:
    RecoveryCodes.activate(by)  # as they are, when there are some
    _record("factor.added", factor, by)
    letters.post(account_letters.FACTOR_ADDED[factor.type], member=by, subject_id=factor.pk)
    browsers.sign_out_elsewhere(by=by, session=session)


def _record(act: str, factor: Authenticator, by: Member, **facts) -> None:
    audit.record(
        act, by=by, about=by.pk, subject="factor", subject_id=factor.pk, kind=factor.type, **facts
    )
