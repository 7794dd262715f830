"""What a row of a Stack Exchange dump says, or why it cannot be used. Rows in, plain values out."""

import re
from datetime import UTC, date, datetime
from html import unescape

from django.utils.translation import gettext as _

from questions.archive import texts
from questions.archive.texts import ANSWER, QUESTION, Author, Bad, Row, Text, Version

POSTS = {"1": QUESTION, "2": ANSWER}  # the other types are tag wikis and the like
LARGEST_NUMBER = 2**31 - 1
# Newer dumps say it on each row; before that it follows the day.
_TARGET = re.compile(r"^ {0,3}\[(\d{1,3})\]:\s*<?(\S{1,500}?)>?(?:\s.*)?$", re.MULTILINE)
_REFERENCE = re.compile(r"\[([^\[\]]{1,300})\] ?\[(\d{1,3})\]")
LICENCES = ((date(2011, 4, 8), "2.5"), (date(2018, 5, 2), "3.0"), (date.max, "4.0"))


def kind(row: Row) -> str | None:
    """Question or answer; None for what Kring does not keep. Raises Bad when it does not say."""
    if "PostTypeId" not in row.values:
        raise Bad(_("it has no %(name)s") % {"name": "PostTypeId"})
    return POSTS.get(row.values["PostTypeId"])


def number(row: Row, name: str = "Id") -> str:
    """The number of the row, or of the row it points at. Raises Bad."""
    value = row.values.get(name, "").strip()
    if not value:
        raise Bad(_("it has no %(name)s") % {"name": name})
    if not (value.isascii() and value.isdigit() and 0 < int(value[:12]) <= LARGEST_NUMBER):
        raise Bad(_("its %(name)s is %(value)r") % {"name": name, "value": value[:20]})
    return str(int(value))


def title(row: Row) -> str:
    """The title in one line, entities decoded. Raises Bad."""
    return texts.title(unescape(row.values.get("Title", "")))


def tags(value: str) -> list[str]:
    """Tags, once each: `<a><b>`, or `|a|b|` in newer dumps."""
    found = (tag.strip() for tag in re.split(r"[<>|]+", value))
    return list(dict.fromkeys(filter(None, found)))


def post(row: Row, site: str, url: str) -> Text:
    """A question or answer: its HTML cleaned, its links complete. Raises Bad."""
    body, html = texts.of_html(row.values.get("Body", ""), site)
    created_at = moment(row, "CreationDate")
    return Text(
        author=author(row),
        body=body,
        html=html,
        created_at=created_at,
        edited_at=moment(row, "LastEditDate") if row.values.get("LastEditDate") else None,
        url=url,
        licence=licence(row, created_at),
    )


def comment(row: Row, url: str) -> Text:
    """A comment: plain text with light Markdown. Raises Bad."""
    source = row.values.get("Text", "").strip()
    if not source:
        raise Bad(_("its text is empty"))
    body, html = texts.of_markdown(source)
    created_at = moment(row, "CreationDate")
    return Text(author(row), body, html, created_at, url=url, licence=licence(row, created_at))


def version(row: Row) -> Version:
    """A post as it read before an edit: Markdown, its numbered links written out. Raises Bad."""
    body, html = texts.of_markdown(_with_links(row.values.get("Text", "").replace("\r", "")))
    written_at = moment(row, "CreationDate")
    return Version(
        text=Text(author(row), body, html, written_at, licence=licence(row, written_at)),
        title=texts.one_line(row.values.get("Title", ""))[: texts.LONGEST_TITLE],
        replaced_at=moment(row, "ReplacedDate"),
    )


def _with_links(source: str) -> str:
    """`[word][1]` and, elsewhere, `[1]: address`: how that site writes a link."""
    targets = {found[1]: found[2] for found in _TARGET.finditer(source)}
    if not targets:
        return source
    source = _TARGET.sub("", source).strip()
    return _REFERENCE.sub(
        lambda found: f"[{found[1]}]({targets[found[2]]})" if found[2] in targets else found[0],
        source,
    )


def licence(row: Row, created_at: datetime) -> str:
    """The licence a text came under."""
    version = next(name for end, name in LICENCES if created_at.date() < end)
    return texts.one_line(row.values.get("ContentLicense", ""))[:60] or f"CC BY-SA {version}"


def author(row: Row) -> Author:
    """Who wrote a post or a comment. -1 is the site itself."""
    value = row.values.get("OwnerUserId") or row.values.get("UserId") or ""
    left = row.values.get("OwnerDisplayName") or row.values.get("UserDisplayName") or ""
    return Author(_person(value), texts.one_line(left))


def user(row: Row) -> Author:
    """A row of Users.xml; the number is None when it has none."""
    name = texts.one_line(row.values.get("DisplayName", ""))
    return Author(_person(row.values.get("Id", "")), name)


def _person(value: str) -> int | None:
    return int(value) if re.fullmatch(r"-1|\d{1,10}", value, re.ASCII) else None


def moment(row: Row, name: str) -> datetime:
    """A moment in UTC; dumps write no zone. Raises Bad."""
    value = row.values.get(name, "")
    if not value:
        raise Bad(_("it has no %(name)s") % {"name": name})
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        said = {"name": name, "value": value[:30]}
        raise Bad(_("its %(name)s is %(value)r") % said) from None
