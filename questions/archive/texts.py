"""What every archive is made of, whatever its format: texts, who wrote them, and why a row cannot
be used. Plain values; knows no file and no database."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from kring.lib import text
from kring.lib.refused import Refused

QUESTION, ANSWER, COMMENT = "question", "answer", "comment"
ACCEPTED, EDIT = "accepted answer", "earlier version"

LONGEST_TITLE = 300
LONGEST_TAG = 60
LONGEST_HTML = 100_000  # characters; a post may have 30,000, markup comes on top
LONGEST_ADDRESS = 200


class Unreadable(Exception):
    """Nothing can be done with this archive; the message says why and what would help."""


class Bad(Exception):
    """This row cannot be moved in; the message says why."""


class Orphan(Bad):
    """What this row belongs to is not there; it may have been left out before."""


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its values by name."""

    file: str
    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Broken:
    """A place where the file cannot be read. Reading went on at the next row."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Entry:
    """A row that says one thing of a kind, and the number this has in its archive."""

    row: Row
    number: str


@dataclass(frozen=True)
class Flaw:
    """A row of a kind that has no usable number."""

    row: Row
    reason: str


@dataclass(frozen=True)
class Author:
    """Who wrote: a number on the site, or only the name a deleted account left, or neither."""

    number: int | None
    name: str


@dataclass(frozen=True)
class Text:
    """What a question, an answer and a comment have in common, ready to be kept."""

    author: Author
    body: str
    html: str
    created_at: datetime | None  # None: the archive does not say
    edited_at: datetime | None = None
    url: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Asked:
    """A question: its text, and what only a question has."""

    text: Text
    title: str
    tags: list[str]
    is_closed: bool = False


@dataclass(frozen=True)
class Version:
    """A question or answer as it read before an edit; an answer has no title."""

    text: Text
    title: str
    replaced_at: datetime


# --- making a text -------------------------------------------------------------------------
# Every text of every format is made by one of these two, before it is kept or counted: whatever
# has to look at texts that come in, such as a guard of privacy, looks here.
def of_markdown(source: str) -> tuple[str, str]:
    """Return body and HTML of a text as it was typed. Raises Bad."""
    try:
        return source, text.render(source)
    except Refused as refused:
        raise Bad(_("its text is refused: %(why)s") % {"why": refused.sentence}) from refused


def of_html(source: str, site: str) -> tuple[str, str]:
    """Return body and HTML, cleaned, its links within the site complete. Raises Bad."""
    if len(source) > LONGEST_HTML:
        said = {"count": len(source), "fit": LONGEST_HTML}
        raise Bad(_("its text has %(count)d characters; %(fit)d fit") % said)
    html = text.from_archive(source).strip()
    html = _LINK.sub(lambda link: link[1] + _absolute(link[2], site), html)
    if not html:
        raise Bad(_("its text is empty"))
    if len(html) > 2 * LONGEST_HTML:
        raise Bad(_("its markup is nested beyond reading"))
    return html, html


def title(value: str) -> str:
    """A title in one line. Raises Bad."""
    value = one_line(value)
    if not value:
        raise Bad(_("its title is empty"))
    if len(value) > LONGEST_TITLE:
        said = {"count": len(value), "fit": LONGEST_TITLE}
        raise Bad(_("its title has %(count)d characters; %(fit)d fit") % said)
    return value


def one_line(value: str) -> str:
    return " ".join(value.split())


_LINK = re.compile(r'(<a [^<>]*?href=")(?!https?:|mailto:)([^"<>]*)')


def _absolute(link: str, site: str) -> str:
    """A link within the site leads to the site, not into Kring."""
    try:
        return urljoin(f"https://{site}/", link)
    except ValueError:
        return ""
