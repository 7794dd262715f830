"""What a row of the dump says, or why it cannot be used. Rows in, plain values out."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin

from kring.lib import text
from kring.lib.refused import Refused
from questions.archive.reading import Row

QUESTION, ANSWER, COMMENT, ACCEPTED = "question", "answer", "comment", "accepted answer"
POSTS = {"1": QUESTION, "2": ANSWER}  # the other types are tag wikis and the like

LONGEST_TITLE = 300
LONGEST_TAG = 60
LONGEST_HTML = 100_000  # characters; a post may have 30,000, markup comes on top
LARGEST_NUMBER = 2**31 - 1

_LINK = re.compile(r'(<a [^<>]*?href=")(?!https?:|mailto:)([^"<>]*)')


class Bad(Exception):
    """This row cannot be moved in; the message says why."""


@dataclass(frozen=True)
class Author:
    """Who wrote: a number on the site, or only the name a deleted account left, or neither."""

    number: int | None
    name: str


@dataclass(frozen=True)
class Text:
    """What a question, an answer and a comment have in common, ready to be kept."""

    number: int
    author: Author
    body: str
    html: str
    created_at: datetime
    edited_at: datetime | None


def kind(row: Row) -> str | None:
    """Question or answer; None for what Kring does not keep. Raises Bad when it does not say."""
    if "PostTypeId" not in row.values:
        raise Bad("it has no PostTypeId")
    return POSTS.get(row.values["PostTypeId"])


def number(row: Row, name: str = "Id") -> int:
    """The number of the row, or of the row it points at."""
    value = row.values.get(name, "").strip()
    if not value:
        raise Bad(f"it has no {name}")
    if not (value.isascii() and value.isdigit() and 0 < int(value[:12]) <= LARGEST_NUMBER):
        raise Bad(f"its {name} is {value[:20]!r}")
    return int(value)


def accepts(row: Row) -> bool:
    """Has the asker accepted an answer?"""
    return bool(row.values.get("AcceptedAnswerId"))


def title(row: Row) -> str:
    """The title in one line, entities decoded."""
    value = _plain(unescape(row.values.get("Title", "")))
    if not value:
        raise Bad("its title is empty")
    if len(value) > LONGEST_TITLE:
        raise Bad(f"its title has {len(value)} characters; {LONGEST_TITLE} fit")
    return value


def tags(row: Row) -> list[str]:
    """Its tags, once each: `<a><b>`, or `|a|b|` in newer dumps."""
    found = (tag.strip() for tag in re.split(r"[<>|]+", row.values.get("Tags", "")))
    return list(dict.fromkeys(filter(None, found)))


def post(row: Row, site: str) -> Text:
    """A question or answer: its HTML cleaned, its links complete."""
    html = row.values.get("Body", "")
    if len(html) > LONGEST_HTML:
        raise Bad(f"its text has {len(html)} characters; {LONGEST_HTML} fit")
    html = text.from_archive(html).strip()
    html = _LINK.sub(lambda link: link[1] + _absolute(link[2], site), html)
    if not html:
        raise Bad("its text is empty")
    if len(html) > 2 * LONGEST_HTML:
        raise Bad("its markup is nested beyond reading")
    return Text(
        number=number(row),
        author=author(row),
        body=html,
        html=html,
        created_at=moment(row, "CreationDate"),
        edited_at=moment(row, "LastEditDate") if row.values.get("LastEditDate") else None,
    )


def comment(row: Row) -> Text:
    """A comment: plain text with light Markdown."""
    body = row.values.get("Text", "").strip()
    if not body:
        raise Bad("its text is empty")
    try:
        html = text.render(body)
    except Refused as refused:
        raise Bad(f"its text is refused: {refused.sentence}") from refused
    return Text(
        number=number(row),
        author=author(row),
        body=body,
        html=html,
        created_at=moment(row, "CreationDate"),
        edited_at=None,
    )


def author(row: Row) -> Author:
    """Who wrote a post or a comment. -1 is the site itself."""
    value = row.values.get("OwnerUserId") or row.values.get("UserId") or ""
    left = row.values.get("OwnerDisplayName") or row.values.get("UserDisplayName") or ""
    known = re.fullmatch(r"-1|\d{1,10}", value, re.ASCII)
    return Author(int(value) if known else None, _plain(left))


def user(row: Row) -> Author:
    """A row of Users.xml; the number is None when it has none."""
    known = re.fullmatch(r"-1|\d{1,10}", row.values.get("Id", ""), re.ASCII)
    name = _plain(row.values.get("DisplayName", ""))
    return Author(int(row.values["Id"]) if known else None, name)


def moment(row: Row, name: str) -> datetime:
    """A moment in UTC; dumps write no zone."""
    value = row.values.get(name, "")
    try:
        read = datetime.fromisoformat(value)
        read = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Bad(f"its {name} is {value[:30]!r}" if value else f"it has no {name}") from None
    return read


def _plain(value: str) -> str:
    return " ".join(value.split())


def _absolute(link: str, site: str) -> str:
    """A link within the site leads to the site, not into Kring."""
    try:
        return urljoin(f"https://{site}/", link)
    except ValueError:
        return ""
