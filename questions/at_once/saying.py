"""How a letter at once is said, in the language and the zone that are active. One source for its
text and its HTML. Of the question it says what `News.shown` allows, and nothing of any answer."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questions.at_once.kinds import ANSWERS, OUTCOME_DUE, THANKS
from questions.at_once.news import News


@dataclass(frozen=True)
class Said:
    """A letter in words. The subject is the same for a whole thread: mail programs fold it."""

    subject: str
    heading: str
    lead: str
    button: str


def say(kind: str, news: News) -> Said:
    return _SAYERS[kind](news)


def _subject(news: News, numbers_only: str) -> str:
    return _("Kring: %(question)s") % {"question": news.shown} if news.shown else numbers_only


def _answers(news: News) -> Said:
    n = len(news.ids)
    heading = _("Something new on your question")
    if news.shown:
        heading = ngettext("An answer on your question", "Answers on your question", n)
    return Said(
        _subject(news, _("Kring: something new on your question")),
        heading,
        ngettext("%(n)d answer you have not read yet.", "%(n)d answers you have not read yet.", n)
        % {"n": n},
        ngettext("Read the answer", "Read the answers", n),
    )


def _outcome_due(news: News) -> Said:
    day = date_format(timezone.localtime(news.question.outcome_due_at), "l j F")
    return Said(
        _subject(news, _("Kring: one outcome to report")),
        _("How did it end?") if news.shown else _("One outcome to report"),
        _("Promised for %(day)s. Colleagues learn from it, also when it did not help.")
        % {"day": day},
        _("Report the outcome"),
    )


def _thanks(news: News) -> Said:
    lead = _("The asker has reported the outcome and thanks you.")
    if news.shown and news.chosen:
        lead = _("The asker chose your answer, has reported the outcome and thanks you.")
    return Said(
        _subject(news, _("Kring: one outcome, with thanks")),
        _("Thank you for your answer"),
        lead,
        _("Read the outcome"),
    )


_SAYERS = {ANSWERS.name: _answers, OUTCOME_DUE.name: _outcome_due, THANKS.name: _thanks}
