"""Which letters come at once, why, and whether a newcomer gets them. A later kind is a row here, an
act that posts it, its news and its words."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from questions.at_once.hours import BESIDE
from questions.models import DigestPlan


@dataclass(frozen=True)
class Kind:
    """One kind of letter at once.

    `label` and `hint` stand on the settings page, `title` over the page that stops it, `why` at
    the foot of the letter. `fold`: how far ahead a digest may be for the letter to wait for it.
    `first_passes`: the first of its thread leaves however many letters the week had.
    """

    name: str
    label: str | Promise
    title: str | Promise
    why: str | Promise
    hint: str | Promise = ""
    fold: timedelta = BESIDE
    first_passes: bool = True
    wanted_at_first: bool = True


ANSWERS = Kind(
    "answer_on_mine",
    label=_("An answer on my question"),
    hint=_(
        "The first answer always. A later one only while you had fewer than two of these emails "
        "that week; otherwise it stands in your digest."
    ),
    title=_("Email about answers"),
    why=_("You get this email because somebody answered a question of yours."),
)
OUTCOME_DUE = Kind(
    "outcome_due",
    label=_("An outcome I promised"),
    hint=_("Three days before, if no digest has said it."),
    title=_("Email about outcomes you promised"),
    why=_("You get this email because you would report the outcome of your question."),
)
THANKS = Kind(
    "outcome_thanks",
    label=_("The outcome of a question I answered"),
    hint=_("With the thanks of who asked."),
    title=_("Email about outcomes of questions you answered"),
    why=_("You get this email because you answered a question whose outcome is known now."),
    fold=timedelta(days=3),
    first_passes=False,
)
KINDS = {kind.name: kind for kind in (ANSWERS, OUTCOME_DUE, THANKS)}


def wants(plan: DigestPlan, kind: Kind) -> bool:
    """Whether this member wants letters of this kind."""
    return plan.letters.get(kind.name, kind.wanted_at_first)
