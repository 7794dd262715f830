"""What an applicant does: start, write, send in, prove the address, withdraw, accept.

Every act here runs as the holder of the mailed link that owns the application. `mailed` says that
the browser came in by that link, which proves the address.
"""

from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles import moves, policy, referees, registers
from circles.models import Application, Circle, GuideEntry
from kring.lib.acting import acting_as, acting_with
from kring.lib.refused import Refused
from members import audit, links, poke, silence
from members.models import Member

S = Application.State


def start(entry: GuideEntry, *, email: str, language: str, letter: bool = True) -> Application:
    """Begin a draft, owned by a link that is mailed to the address. The same for any address."""
    link = links.draw("application")
    with acting_with(link.pk):
        application = Application.objects.create(
            circle_id=entry.pk,
            link=link,
            email=email.lower(),
            address_key=silence.key_of(email),
            language=language,
        )
        audit.record(
            "application.started",
            by=None,
            circle_id=entry.pk,
            subject="application",
            subject_id=application.pk,
        )
        moves.follow_up(application)
        if letter:
            moves.write(application, "application_address")
    return application


def keep(application: Application, *, mailed: bool, **texts: str) -> None:
    """Keep what was written so far.

    Raises Refused when the application was sent in or ended elsewhere.
    """
    if mailed:
        texts["proven_at"] = application.proven_at or timezone.now()
    with acting_with(application.link_id):
        kept = Application.objects.filter(pk=application.pk, state=S.DRAFT).update(**texts)
        if not kept:
            raise moves.first_was(application)
    for name, value in texts.items():
        setattr(application, name, value)


def submit(application: Application, *, mailed: bool) -> None:
    """Send the application in, under the rules of the circle as they stand now.

    Goes to the vetters at once when the address is proven, else waits for the proof. Raises
    Refused when one runs already from this (proven) address, or this one was sent in before.
    """
    with acting_with(application.link_id):
        moves.hold(application, S.DRAFT)
        now = timezone.now()
        circle = Circle.objects.get(pk=application.circle_id)
        rules = policy.snapshot(circle)
        facts = {"submitted_at": now, "pledged_at": now, "policy": rules}
        number = registers.plain(application.register_number)
        facts["register_key"] = silence.key_of(f"register {number}") if number else ""
        named = len(referees.named_by(application))
        if named < referees.missing(application, rules["required_referees"]):
            raise Refused(_("Name the referees this circle asks for."))
        if mailed or application.proven_at:
            _go_on(application, **facts)
        else:
            moves.move(application, S.EMAIL_PENDING, who=moves.APPLICANT, **facts)


def prove(application: Application) -> None:
    """Take the pressed button behind the mailed link as proof of the address.

    Raises Refused when an application of this address runs already in this circle.
    """
    with acting_with(application.link_id):
        moves.hold(application, S.EMAIL_PENDING)
        _go_on(application)


def refuse_too_early(application: Application) -> None:
    """Raise Refused while a refusal cools off: known by the hash of the address, which outlives
    the words. Only told to whoever has proven that address."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_decided_before(%s)", [application.pk])
        if cursor.fetchone()[0]:
            raise Refused(
                _(
                    "The circle decided about you a short while ago. You can apply again three "
                    "months after that decision, or six when it was final."
                )
            )


def _go_on(application: Application, **facts) -> None:
    """Proven: to the referees where some are to be asked, else to the vetters."""
    refuse_too_early(application)
    facts["proven_at"] = application.proven_at or timezone.now()
    rules = facts.get("policy", application.policy)
    short = referees.missing(application, rules.get("required_referees", 0)) > 0
    if short:
        referees.soon()
    try:
        with transaction.atomic():
            state = S.REFEREES if short else S.REVIEW
            moves.move(application, state, who=moves.APPLICANT, **facts)
    except IntegrityError as error:
        if "one_running_application_per_address" not in str(error):
            raise
        raise Refused(
            _(
                "From this address an application is already running in this circle. "
                "Its link is in the letters we sent you."
            )
        ) from error


def mail_again(application: Application) -> None:
    """Send the link once more; one an hour at most, so pressing twice is asking once."""
    with acting_with(application.link_id):
        hour = int(timezone.now().timestamp()) // 3600
        moves.write(application, "application_address", seq=hour)


@transaction.atomic
def mail_links(email: str) -> None:
    """Mail the links of what an address has running, to that address. Tells nothing here."""
    with connection.cursor() as cursor:
        cursor.execute("select kring_send_links(%s)", [email])
    transaction.on_commit(poke.letters_wait)


def withdraw(application: Application, *, expected: str) -> None:
    """End an application at its owner's wish; a seat that was offered goes to the next.

    Raises Refused when it is in another state than the page showed.
    """
    with acting_with(application.link_id):
        moves.hold(application, expected)
        if application.is_ended:
            raise moves.first_was(application)
        moves.move(application, S.WITHDRAWN, who=moves.APPLICANT)
        if expected == S.OFFERED:
            moves.set_timer(application, "application_seat", timezone.now())


def accept(application: Application, *, by: Member | None, password: str = "") -> Member:
    """Take the offered seat: account (when there is none), membership, in one transaction.

    `by` is the member who is signed in. Raises Refused when the offer has ended, the circle is
    full, or the address has an account and nobody signed in.
    """
    with acting_with(application.link_id):
        moves.hold(application, S.OFFERED)
        if by is None:
            account_id = _admit(application, make_password(password))
        else:
            Application.objects.filter(pk=application.pk).update(member_id=by.pk)
            with acting_as(by.pk):
                account_id = _admit(application, "")
        with acting_as(account_id):
            return Member.objects.get(pk=account_id)


def last_word(application: Application) -> str:
    """Tell its owner what happened last."""
    with acting_with(application.link_id):
        return moves.last_step(application)


def _admit(application: Application, password: str) -> int:
    """Ask the database for the one way in, and put its refusals in words."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select kring_admit(%s, %s)", [application.pk, password])
            return cursor.fetchone()[0]
    except DatabaseError as error:
        match _reason(error):
            case "kring: sign in first":
                raise Refused(_("This address has an account. Sign in first.")) from error
            case "kring: another address":
                raise Refused(
                    _(
                        "This offer was made to another address. Sign in with the account it is "
                        "of, or add it to yours first."
                    )
                ) from error
            case "kring: not offered":
                raise Refused(_("This offer does not stand any more.")) from error
            case "kring: full":
                raise Refused(_("The circle is full. Your offer stays open.")) from error
            case "kring: a steward is in no circle":
                raise Refused(
                    _("This account is a steward's, and a steward is in no circle.")
                ) from error
            case "kring: already in":
                raise Refused(
                    _("You are in this circle already, or were removed from it.")
                ) from error
        raise


def _reason(error: DatabaseError) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "message_primary", None) or ""
