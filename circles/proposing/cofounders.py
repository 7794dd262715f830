"""Those who found a circle together: the lead asks, they answer for themselves.

By address everybody is asked alike: whether there is an account behind it is not told, and a yes
shows the name that person goes by. A yes needs an account; the mailed link proves the address.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Cofounder, Founding
from kring.lib.acting import acting_as, acting_as_holder
from kring.lib.refused import Refused
from members import audit, due, erasing, letters, links, poke, silence
from members.due import when_due
from members.models import Due, Member

S = Cofounder.State
ASKED, ASKED_MEMBER = "cofounder_asked", "cofounder_asked_member"


@transaction.atomic
def ask(
    founding: Founding, *, by: Member, name: str = "", address: str = "", member_id=None
) -> Cofounder:
    """Ask somebody to found the circle too, by their address or as a member one knows.

    Raises Refused, with its field: for oneself, who is asked already, who asked never to be written
    to, and beyond three at once, six in all and ten in 90 days.
    """
    address = address.strip().lower()
    if member_id is None:
        _look_at(by, address)
    expires_at = timezone.now() + timedelta(days=Cofounder.DAYS)
    link = None if member_id else links.draw("cofounder", expires_at=expires_at)
    asked = Cofounder(
        founding=founding,
        link=link,
        member_id=member_id,
        is_chosen=member_id is not None,
        name=" ".join(name.split()),
        address=address,
    )
    _keep(asked)
    write(asked)
    audit.record("founding.asked", by=by, subject="founding", subject_id=founding.pk)
    gone = timedelta(days=Cofounder.DAYS + Cofounder.ERASE_DAYS)
    due.set_timer("cofounder_erase", asked.pk, asked.asked_at + gone)
    return asked


def take_back(asked: Cofounder, *, by: Member) -> None:
    """Ask them no more. Raises Refused when they said no before."""
    done = (
        Cofounder.objects.standing()
        .filter(pk=asked.pk)
        .update(state=S.DROPPED, answered_at=timezone.now())
    )
    if not done:
        raise Refused(_("They had answered no already."))
    audit.record("founding.taken_back", by=by, subject="founding", subject_id=asked.founding_id)


def agree(
    asked: Cofounder, *, by: Member | None, name: str = "", title: str = "", password: str = ""
) -> Member:
    """Found the circle too. Without an account one is made, with this name and password.

    Raises Refused when it was answered before, or the address has an account and nobody is signed
    in with it.
    """
    account_id = _answer(asked, True, by, name.strip(), title.strip(), make_password(password))
    with acting_as(account_id):
        return Member.objects.get(pk=account_id)


def decline(asked: Cofounder, *, by: Member | None) -> None:
    """Say no; no reason is asked. Raises Refused when it was answered before."""
    _answer(asked, False, by, "", "", "")


def _answer(asked: Cofounder, yes: bool, by: Member | None, *account) -> int | None:
    try:
        with (
            acting_as_holder(by.pk if by else None, asked.link_id),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "select kring_answer_founding(%s, %s, %s, %s, %s)", [asked.pk, yes, *account]
            )
            account_id = cursor.fetchone()[0]
    except DatabaseError as error:
        raise _no(error) from error
    transaction.on_commit(poke.letters_wait)
    return account_id


def _no(error: DatabaseError) -> Exception:
    match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
        case "kring: answered already":
            return Refused(_("This was answered already, or the circle was proposed meanwhile."))
        case "kring: sign in first":
            return Refused(_("This address has an account. Sign in first."))
        case "kring: another address":
            return Refused(
                _(
                    "You are asked at another address. Sign in with the account it is of, or add "
                    "it to yours first."
                )
            )
        case "kring: the lead":
            return Refused(_("You propose this circle yourself."))
        case "kring: a steward is in no circle":
            return Refused(_("This account is a steward's, and a steward is in no circle."))
    return error


# --- asking -------------------------------------------------------------------------------
def _look_at(by: Member, address: str) -> None:
    own = {silence.plain(by.email), *map(silence.plain, _own_addresses(by))}
    if silence.plain(address) in own:
        raise Refused(_("This is your own address."), field="address")
    if silence.is_asked(address):
        raise Refused(
            _(
                "Whoever reads mail at this address asked never to be written to, and that stays "
                "so. Talk to them yourself."
            ),
            field="address",
        )


def _own_addresses(by: Member) -> list[str]:
    rows = EmailAddress.objects.filter(user_id=by.pk, verified=True)
    return list(rows.values_list("email", flat=True))


def _keep(asked: Cofounder) -> None:
    field = "member" if asked.is_chosen else "address"
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("You have asked them already."), field=field) from error
    except DatabaseError as error:
        match getattr(getattr(error.__cause__, "diag", None), "message_primary", ""):
            case "kring: three at once":
                no = _("Three besides you is enough to begin with.")
            case "kring: enough asked":
                no = _("You have asked as many people as one can for now.")
            case _:
                raise
        raise Refused(no, field=field) from error


def write(asked: Cofounder) -> None:
    """Write the letter; it goes to a member, or to whoever reads an address."""
    if asked.is_chosen:
        letters.post(ASKED_MEMBER, subject_id=asked.pk, seq=asked.asks, member=asked.member_id)
    else:
        letters.post(ASKED, subject_id=asked.pk, seq=asked.asks, link=asked.link_id)


# --- by the house -------------------------------------------------------------------------
@when_due("cofounder_erase")
def erase(row: Due) -> None:
    """Leave neither name nor address of somebody who was asked; whoever agreed has a profile."""
    asked = Cofounder.objects.select_related("link").filter(pk=row.subject_id).first()
    if asked is None or not (asked.address or asked.name):
        return
    _blank(asked)
    erasing.record("cofounder", asked.pk)


@erasing.erasure("cofounder")
def erase_again(line: erasing.Line) -> bool:
    """Erase what a backup brought back."""
    asked = Cofounder.objects.select_related("link").filter(pk=line.row_id).first()
    if asked is None or not (asked.address or asked.name):
        return False
    _blank(asked)
    return True


def _blank(asked: Cofounder) -> None:
    changed = {"name": "", "address": ""}
    if asked.state == S.ASKED:
        changed |= {"state": S.DROPPED, "answered_at": timezone.now()}
    Cofounder.objects.filter(pk=asked.pk).update(**changed)
    if asked.link_id:
        links.end(asked.link)
