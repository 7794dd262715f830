"""How the lines of a digest are said. One source for the mail's text, its HTML and the preview.

In the language and the zone that are active. Only a line that may show its question shows it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.models import Circle
from questions.digests.ceilings import NUMBERS
from questions.digests.items import moment_of
from questions.digests.lines import Line
from questions.digests.today import Today


@dataclass(frozen=True)
class Said:
    """One line in words: what kind of thing, what it says, what else to know, where it leads."""

    kicker: str
    text: str
    meta: str
    place: int | None  # what its link carries; None has no link


def name_in_mail(circle: Circle, ceiling: str) -> str:
    """Name a circle as its mails may: the alias where they carry numbers only."""
    return circle.mail_alias if ceiling == NUMBERS else circle.name


def say(line: Line, today: Today, *, several: bool) -> Said:
    """Say one line; with `several` circles in one digest, each line names its own."""
    kicker, text, meta = _SAYERS[line.kind](line, today)
    ceiling = today.reader.ceiling_of(line.circle)
    parts = [name_in_mail(line.circle, ceiling)] if several else []
    parts += [part for part in meta if part]
    return Said(kicker, line.shown or text, " · ".join(parts), place_of(line))


def place_of(line: Line) -> int | None:
    """Return what a link to this line carries: its item's index, or the list of its kind as a
    negative number; None when there is nothing to open."""
    if line.kind == "joined":
        return None
    return line.index if len(line.questions) == 1 else -1 - line.index


def _answers(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = sum(len(item["answers"]) for item in line.items)
    newest = _("The newest: %(day)s") % {"day": _newest(line)}
    if len(line.items) > 1:
        words = _("%(n)d answers on %(m)d of your questions") % {"n": n, "m": len(line.items)}
    else:
        words = ngettext("%(n)d answer on your question", "%(n)d answers on your question", n)
        words %= {"n": n}
    return (words if line.shown else _("Answers")), words, [newest]


def _remarks(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = sum(item["count"] for item in line.items)
    words = ngettext(
        "%(n)d remark on your question or answer", "%(n)d remarks on your questions or answers", n
    ) % {"n": n}
    newest = _("The newest: %(day)s") % {"day": _newest(line)}
    return (words if line.shown else _("Remarks")), words, [newest]


def _outcome(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = len(line.items)
    words = ngettext("%(n)d outcome to report", "%(n)d outcomes to report", n) % {"n": n}
    promised = [q.outcome_due for q in line.questions if q.outcome_due]
    when = ""
    if promised:
        when = _("Promised for %(day)s") % {"day": _date(moment_of(min(promised)))}
    return (_("Outcome to report") if line.shown else _("Outcome")), words, [when]


def _desk(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = line.items[0]["count"]
    words = ngettext(
        "%(n)d application waits for your vote", "%(n)d applications wait for your vote", n
    ) % {"n": n}
    return _("Vetting"), words, [_longest(moment_of(line.items[0]["at"]), today)]


def _help(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = len(line.items)
    words = ngettext("%(n)d question waits", "%(n)d questions wait", n) % {"n": n}
    oldest = moment_of(min(question.created for question in line.questions))
    tags = sorted({tag for q in line.questions for tag in today.tags.get(q.id, ())})[:5]
    age = _age(oldest, today)
    if line.shown:
        kicker = _("Unanswered for %(age)s") % {"age": age} if age else _("Asked today")
        return kicker, words, [", ".join(tags)]
    return _("Unanswered"), words, [_longest(oldest, today), ", ".join(tags)]


def _solved(line: Line, today: Today) -> tuple[str, str, list[str]]:
    known = sum(item["kind"] == "known" for item in line.items)
    solved = len(line.items) - known
    parts = []
    if solved:
        parts.append(
            ngettext("%(n)d question solved", "%(n)d questions solved", solved) % {"n": solved}
        )
    if known:
        parts.append(
            ngettext("%(n)d outcome reported", "%(n)d outcomes reported", known) % {"n": known}
        )
    kind = _("Outcome reported") if known else _("Solved")
    return "", ", ".join(parts), [kind if line.shown else ""]


def _newcomers(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = line.items[0]["count"]
    words = ngettext(
        "%(n)d person is admitted in principle", "%(n)d people are admitted in principle", n
    )
    return "", words % {"n": n}, [_("You may still object")]


def _joined(line: Line, today: Today) -> tuple[str, str, list[str]]:
    n = line.items[0]["count"]
    return "", ngettext("%(n)d new member", "%(n)d new members", n) % {"n": n}, []


_SAYERS = {
    "answers": _answers,
    "remarks": _remarks,
    "outcome": _outcome,
    "desk": _desk,
    "help": _help,
    "solved": _solved,
    "newcomers": _newcomers,
    "joined": _joined,
}


def _days(moment: datetime, today: Today) -> int:
    """Count midnights between then and now, in the active zone."""
    return (timezone.localtime(today.reader.now).date() - timezone.localtime(moment).date()).days


def _age(moment: datetime, today: Today) -> str:
    days = _days(moment, today)
    if days < 1:
        return ""
    if days < 14:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    return ngettext("%(n)d week", "%(n)d weeks", days // 7) % {"n": days // 7}


def _longest(moment: datetime, today: Today) -> str:
    age = _age(moment, today)
    return _("The longest: %(age)s") % {"age": age} if age else ""


def _newest(line: Line) -> str:
    newest = moment_of(max(item["at"] for item in line.items))
    return date_format(timezone.localtime(newest), "l j F")


def _date(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F")
