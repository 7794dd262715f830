"""The privacy guard where people write: what a circle does about what is found in a text, and how
a writer answers for what stays. What is found is decided in `kring.lib.privacy`; of a text nothing
is kept here but which kinds were in it and what was decided.
"""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field

from django.db import models, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.models import Circle
from circles.models.circle import Guard
from kring.lib.privacy import CERTAIN, KINDS, Finding, TookTooLong, findings, redact, saying
from kring.lib.refused import Refused
from members import audit
from members.models import Member

__all__ = ["Finding", "findings", "redact"]

SECONDS = 2.0  # for all texts of a form; 20,000 characters take 0.4 at worst
MOST_WORDS = 300
log = logging.getLogger(__name__)


class Reason(models.TextChoices):
    """Why something stays in a text. Chosen, not written: a reason would be one more text."""

    NOBODY = "nobody", gettext_lazy("This is no person")
    PUBLIC = "public", gettext_lazy("In public: an author, an office, a company")
    MYSELF = "myself", gettext_lazy("It is about myself or a member of this circle")
    AGREED = "agreed", gettext_lazy("Whoever it is about agrees")
    NEEDED = "needed", gettext_lazy("Without it this cannot be answered")


@dataclass
class Place:
    """One field of a form with what was found in it, in the order of the text."""

    name: str
    label: str
    text: str
    found: list[Finding] = field(default_factory=list)


@dataclass
class Look:
    """One look at everything a form would post. `checked` is false where time ran out."""

    rule: str
    places: list[Place]
    checked: bool
    seal: str

    @property
    def found(self) -> list[Finding]:
        return [one for place in self.places for one in place.found]

    @property
    def certain(self) -> bool:
        return any(one.confidence == CERTAIN for one in self.found)

    @property
    def blocks(self) -> bool:
        """Whether this can never be posted as it stands."""
        return self.rule == Guard.BLOCK and (self.certain or not self.checked)

    @property
    def wants_reason(self) -> bool:
        return self.rule in {Guard.CONFIRM, Guard.BLOCK} and not self.blocks

    def kinds(self) -> dict[str, int]:
        return dict(Counter(one.type for one in self.found))

    def question(self, *, seal: str, reason: str) -> str | None:
        """What has to be settled before posting, or None. An answer counts for the very texts it
        was given for: `seal` is what their findings were shown with."""
        if self.rule == Guard.OFF or (self.checked and not self.found):
            return None
        if self.blocks and not self.checked:
            return _("This could not be checked in time, so it is not posted. Shorten it first.")
        if self.blocks:
            return _("Redact what is certain; this circle posts nothing of that kind.")
        if not constant_time_compare(seal, self.seal):
            return (
                _("Something here points at a person. Look at it before it is posted.")
                if self.checked
                else _("This could not be checked in time. Read it once more yourself.")
            )
        if self.wants_reason and reason not in Reason.values:
            return _("Choose why it stays, or redact it.")
        return None


def look(circle: Circle, texts: list[tuple[str, str, str]], *, by: Member) -> Look:
    """Look at the texts of a form, each as (field, label, text). Never raises: what cannot be read
    in time counts as not checked, and is said."""
    places = [Place(*one) for one in texts]
    rule, checked = circle.guards_by, True
    if rule != Guard.OFF:
        try:
            for place in places:
                place.found = findings(
                    place.text, circle.language, circle.guard_words, within=SECONDS / len(places)
                )
        except TookTooLong:
            checked = False
        except Exception:
            log.exception("the privacy guard failed")  # its traceback holds no text
            checked = False
    return Look(rule, places, checked, _seal(circle, by, places))


def _seal(circle: Circle, by: Member, places: list[Place]) -> str:
    whole = hashlib.sha256(repr([(p.name, p.text) for p in places]).encode("utf-8", "replace"))
    value = f"{circle.pk} {by.pk} {whole.hexdigest()}"
    return salted_hmac("kring.guard", value, algorithm="sha256").hexdigest()


def advice(text: str, language: str) -> str:
    """What to say of a text nobody waits for, such as a profile; empty where nothing was found."""
    try:
        return saying.advice(findings(text, language, within=SECONDS))
    except TookTooLong:
        return _("This could not be checked in time. Read it once more yourself.")


def note(circle: Circle, seen: Look, *, by: Member, reason: str, redacted: dict[str, int]) -> None:
    """Write down which kinds stayed in what was posted and why, and which were redacted; of the
    text not a word."""
    if redacted:
        audit.record("guard.redacted", by=by, circle_id=circle.pk, kinds=redacted)
    if not seen.checked:
        audit.record("guard.not_checked", by=by, circle_id=circle.pk, rule=seen.rule)
    elif seen.found:
        why = reason if seen.wants_reason else ""
        audit.record("guard.kept", by=by, circle_id=circle.pk, kinds=seen.kinds(), reason=why)


def counted(typed: str) -> dict[str, int]:
    """Read back the kinds that were redacted while a form was being written: 'NAME.PHONE.NAME'."""
    return dict(Counter(kind for kind in typed[:2000].split(".") if kind in KINDS))


@transaction.atomic
def set_rule(circle: Circle, *, by: Member, guard: str, words: list[str]) -> None:
    """Set what the circle does about findings, and the words it knows as no person.

    Raises Refused for a sensitive circle that would no longer block.
    """
    if circle.is_sensitive and guard != Guard.BLOCK:
        raise Refused(_("A sensitive circle always blocks what is certain."), field="guard")
    if len(words) > MOST_WORDS:
        raise Refused(_("At most 300 words."), field="words")
    if not Circle.objects.filter(pk=circle.pk).update(guard=guard, guard_words=words):
        raise PermissionError("no admin of this circle")
    audit.record(
        "guard.rule_set",
        by=by,
        circle_id=circle.pk,
        guard=[circle.guard, guard],
        words=len(words),
    )
