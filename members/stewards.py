"""Stewards: who runs the installation. They keep it running and read nothing of what is said.

The duty is given and taken by whoever owns the tables, never through a page.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from kring.lib.refused import Refused
from members import audit, links, opening, poke
from members.letters import KINDS
from members.models import Member

LETTER = "troubled_letter"  # what the name of a letter in an address is signed for
MOST_LETTERS = 50


@transaction.atomic
def appoint(address: str, *, name: str = "", language: str = "nl") -> tuple[Member, bool]:
    """Give the duty to an address, whose account is made when there is none. Returns the steward
    and whether the account was made. As the owner of the tables.

    Raises Refused when they are one already, or in a circle.
    """
    member, is_new = opening.account_for(address, name=name, language=language)
    if member.is_steward:
        raise Refused(f"{member.email} is a steward already.")
    try:
        with transaction.atomic():
            Member.objects.filter(pk=member.pk).update(is_steward=True)
    except DatabaseError as error:
        if "a steward is in no circle" not in str(error):
            raise
        raise Refused(
            f"{member.email} is in a circle. A steward is in none and reads nothing: "
            "give the duty to an address of its own."
        ) from error
    audit.record("steward.appointed", by=None, about=member.pk)
    return member, is_new


@transaction.atomic
def dismiss(address: str) -> Member:
    """Take the duty back; the account stays. Raises Refused when they had none."""
    member = Member.objects.filter(email__iexact=address.strip(), is_steward=True).first()
    if member is None:
        raise Refused(f"{address.strip()} is no steward.")
    Member.objects.filter(pk=member.pk).update(is_steward=False)
    audit.record("steward.dismissed", by=None, about=member.pk)
    return member


# --- letters that did not arrive ----------------------------------------------------------
@dataclass(frozen=True)
class Troubled:
    """A letter that did not arrive, or not yet: how it went, never whose it is."""

    pk: int
    kind: str
    state: str
    attempts: int
    reason: str
    at: datetime

    @property
    def name_in_address(self) -> str:
        """How an address calls it; its number would tell how many letters there are."""
        return links.token(LETTER, self.pk)

    @property
    def may_go_again(self) -> bool:
        """Whether trying once more is safe: it certainly did not arrive, and its kind must."""
        kind = KINDS.get(self.kind)
        return self.state in ("dead", "failed") and kind is not None and kind.at_least_once


def troubled_letters() -> list[Troubled]:
    """The newest letters in trouble, told to a steward only."""
    with connection.cursor() as cursor:
        cursor.execute("select * from kring_troubled_letters(%s)", [MOST_LETTERS])
        return [Troubled(*row) for row in cursor.fetchall()]


@transaction.atomic
def try_again(letter: Troubled, *, by: Member) -> None:
    """Let the worker bring a letter now. Raises Refused when that is not safe, or not needed."""
    if not letter.may_go_again:
        raise Refused(_("This letter is not sent a second time."))
    with connection.cursor() as cursor:
        cursor.execute("select kring_try_letter_again(%s)", [letter.pk])
        if not cursor.fetchone()[0]:
            raise Refused(_("This letter has gone meanwhile."))
    audit.record("letter.tried_again", by=by, subject="letter", subject_id=letter.pk)
    transaction.on_commit(poke.letters_wait)


@transaction.atomic
def try_all_again(*, by: Member) -> int:
    """Let every letter go now that certainly did not arrive; return how many. Given up ones: those
    of three days, of kinds that must arrive, unless a server said that the address is not there."""
    kinds = [name for name, kind in KINDS.items() if kind.at_least_once]
    with connection.cursor() as cursor:
        cursor.execute("select kring_try_letters_again(%s)", [kinds])
        number = cursor.fetchone()[0]
    if number:
        audit.record("letters.tried_again", by=by, subject="letter", number=number)
        transaction.on_commit(poke.letters_wait)
    return number
