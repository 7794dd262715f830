"""A list of questions as an archive: which of its rows say what. See columns.py for the two ways
to write one."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.archive import dates, texts
from questions.archive.columns import KINDS, TEXTS, THREADS, YES
from questions.archive.sheet import Sheet, notes_of, open_sheet
from questions.archive.texts import (
    ACCEPTED,
    ANSWER,
    COMMENT,
    QUESTION,
    Asked,
    Author,
    Bad,
    Broken,
    Entry,
    Flaw,
    Row,
    Text,
    Unreadable,
)

LONGEST_NAME, LONGEST_LICENCE = 80, 60
MOST_TAGS = 20
_TAG_ENDS = re.compile(r"[,;|]")
_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Spreadsheet:
    """A list, and where it comes from."""

    sheet: Sheet
    name: str  # such as "The mail list of our society"
    licence: str = ""
    link: str = ""

    kinds = (QUESTION, ANSWER, COMMENT)
    nobody = gettext_lazy("author unknown")

    @property
    def prefix(self) -> str:
        name = hashlib.blake2b(self.name.casefold().encode(), digest_size=5).hexdigest()
        return f"csv-{name}"

    @property
    def notes(self) -> list[str]:
        return notes_of(self.sheet)

    def key(self, kind: str, number: str) -> str:
        digest = hashlib.blake2b(number.encode(), digest_size=11).hexdigest()
        return f"{self.prefix}:{kind[0]}:{digest}" if number else f"{self.prefix}:{kind[0]}:"

    # --- which rows ------------------------------------------------------------------------
    @property
    def _tells_kinds(self) -> bool:
        return self.sheet.table is TEXTS

    def survey(self) -> Iterator[tuple[str, Author | None] | Broken]:
        """Every text there is: its kind and who wrote it. Raises Unreadable."""
        seen: set[bytes] = set()
        for row in self.sheet.rows():
            if isinstance(row, Broken):
                yield row
                continue
            try:
                kinds = self._kinds(row)
            except Bad as bad:
                yield Broken(row.file, row.line, str(bad))
                continue
            for kind in kinds:
                if kind != QUESTION or self._tells_kinds or self._is_new(row, seen):
                    yield kind, None

    def entries(self, kind: str) -> Iterator[Entry | Flaw]:
        """The rows that say something of one kind; a question is told by the first of its rows."""
        seen: set[bytes] = set()
        for row in self.sheet.rows():
            if isinstance(row, Broken):
                continue  # the survey has told
            try:
                if kind not in self._kinds(row):
                    continue
            except Bad:
                continue
            if kind == QUESTION and not self._tells_kinds and not self._is_new(row, seen):
                continue
            try:
                yield Entry(row, self._number(row, kind))
            except Bad as bad:
                yield Flaw(row, str(bad))

    def _kinds(self, row: Row) -> list[str]:
        """What a row says. Raises Bad."""
        values = row.values
        if self._tells_kinds:
            word = values.get("kind", "").casefold()
            if word not in KINDS:
                said = {"kind": values.get("kind", "")[:20]}
                raise Bad(_("its kind is %(kind)r, not question, answer or comment") % said)
            kind = KINDS[word]
            is_accepted = kind == ANSWER and self._is_accepted(row)
            return [kind, ACCEPTED] if is_accepted else [kind]
        kinds = [QUESTION]
        if values.get("answer"):
            kinds.append(ANSWER)
            if self._is_accepted(row):
                kinds.append(ACCEPTED)
        if values.get("comment"):
            kinds.append(COMMENT)
        return kinds

    def _is_accepted(self, row: Row) -> bool:
        return row.values.get("accepted", "").casefold() in YES

    def _is_new(self, row: Row, seen: set[bytes]) -> bool:
        digest = hashlib.blake2b(self._question(row).encode(), digest_size=8).digest()
        is_new = digest not in seen
        seen.add(digest)
        return is_new

    def _question(self, row: Row) -> str:
        """What a question is known by: its number, or else its words."""
        values = row.values
        return values.get("id") or "\n".join((values.get("question", ""), values.get("body", "")))

    def _number(self, row: Row, kind: str) -> str:
        values = row.values
        if self._tells_kinds:
            number = values.get("belongs_to" if kind == ACCEPTED else "id", "")
            if not number:
                name = "belongs_to" if kind == ACCEPTED else "id"
                raise Bad(_("it has no %(name)s") % {"name": self.sheet.called(name)})
            return number
        if kind in (QUESTION, ACCEPTED):
            return self._question(row)
        about = (self._question(row), values.get("answer", ""), values.get("answer_author", ""))
        if kind == COMMENT:
            about += (values["comment"], values.get("comment_author", ""))
        return "\n".join(about)

    def people(self) -> Iterator[Author | Broken]:
        """Whoever wrote stands with their texts."""
        return iter(())

    # --- what they say ---------------------------------------------------------------------
    def question(self, entry: Entry) -> Asked:
        values = entry.row.values
        title, body = values.get("title" if self._tells_kinds else "question", ""), ""
        if not self._tells_kinds or title:
            body = values.get("body", "")
        else:
            title = values.get("body", "")
        if not body:
            title, body = _divided(title)
        return Asked(
            text=self._text(
                entry.row, body, "author", "date" if self._tells_kinds else "asked_at"
            ),
            title=texts.title(title),
            tags=_tags(values.get("tags", "")),
        )

    def answer(self, entry: Entry) -> Text:
        if self._tells_kinds:
            return self._own(entry.row)
        return self._text(
            entry.row, entry.row.values["answer"], "answer_author", "answered_at", "asked_at"
        )

    def comment(self, entry: Entry, *, under_answer: bool) -> Text:
        if self._tells_kinds:
            return self._own(entry.row)
        dated = ("commented_at", "answered_at", "asked_at")
        return self._text(entry.row, entry.row.values["comment"], "comment_author", *dated)

    def _own(self, row: Row) -> Text:
        body = row.values.get("body", "")
        if not body:
            raise Bad(_("its text is empty"))
        return self._text(row, body, "author", "date")

    def parent(self, kind: str, entry: Entry) -> str:
        """The number of what an answer or a comment belongs to. Raises Bad."""
        row = entry.row
        if self._tells_kinds:
            if not row.values.get("belongs_to"):
                raise Bad(_("it has no %(name)s") % {"name": self.sheet.called("belongs_to")})
            return row.values["belongs_to"]
        is_under_answer = kind == COMMENT and row.values.get("answer")
        return self._number(row, ANSWER if is_under_answer else QUESTION)

    def accepted(self, entry: Entry) -> str:
        return self._number(entry.row, ANSWER)

    def _text(self, row: Row, source: str, author: str, *dated: str) -> Text:
        """A text of this row; the first of its dates that is filled in is its own."""
        body, html = texts.of_markdown(_lines_kept(source)) if source else ("", "")
        moments = (
            dates.moment(row.values.get(name, ""), self.sheet.called(name)) for name in dated
        )
        return Text(
            author=Author(None, texts.one_line(row.values.get(author, ""))),
            body=body,
            html=html,
            created_at=next(filter(None, moments), None),
            url=_address(row.values.get("url", "")) or self.link,
            licence=self.licence,
        )

    def page(self, author: Author) -> str:
        return ""


def open_spreadsheet(
    path: Path | str,
    source: str = "",
    *,
    licence: str = "",
    link: str = "",
    columns: dict[str, str] | None = None,
    name: str = "",
) -> Spreadsheet:
    """Look whether a file is a list of questions; `name` is what a report calls it.

    Raises Unreadable.
    """
    source = texts.one_line(source or Path(path).stem)
    if len(source) > LONGEST_NAME or len(licence) > LONGEST_LICENCE:
        most = {"name": LONGEST_NAME, "licence": LONGEST_LICENCE}
        raise Unreadable(
            _("The source may have %(name)d characters, its licence %(licence)d.") % most
        )
    try:
        link = _address(link)
    except Bad as bad:
        raise Unreadable(_("The link of the source is no web address that fits.")) from bad
    sheet = open_sheet(path, (TEXTS, THREADS), columns or {}, name)
    return Spreadsheet(sheet, source, texts.one_line(licence), link)


def _address(value: str) -> str:
    if not value:
        return ""
    try:
        _is_web_address(value)
        fits = len(value) <= texts.LONGEST_ADDRESS and urlsplit(value).hostname
    except (ValidationError, ValueError):
        fits = False
    if not fits:
        raise Bad(_("its link is %(value)r, no web address that fits") % {"value": value[:40]})
    return value


def _divided(words: str) -> tuple[str, str]:
    """A question in one cell: up to the first empty line, the first line or the first sentence is
    its title, the rest explains it."""
    words = words.strip()
    ends = [r"\n\s*\n", r"\n"]
    if len(words) > texts.LONGEST_TITLE:
        ends += [r"(?<=\?)\s", r"(?<=[.!])\s"]
    for end in ends:
        title, *rest = re.split(end, words, maxsplit=1)
        if rest and len(texts.one_line(title)) <= texts.LONGEST_TITLE:
            return title, rest[0].strip()
    return words, ""


def _tags(value: str) -> list[str]:
    found = (texts.one_line(tag).lower() for tag in _TAG_ENDS.split(value))
    return list(dict.fromkeys(filter(None, found)))[:MOST_TAGS]


def _lines_kept(source: str) -> str:
    """Markdown would run lines together that a cell has apart."""
    return re.sub(r"(?<=\S)[ \t]*\r?\n(?=[^\S\n]*\S)", "  \n", source.replace("\r", ""))
