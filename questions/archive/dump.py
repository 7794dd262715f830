"""A Stack Exchange dump as an archive: which row is of which kind, and what it says."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.archive import rows
from questions.archive.history import History
from questions.archive.places import Folder, Zip, place_of
from questions.archive.reading import rows as rows_of
from questions.archive.texts import (
    ACCEPTED,
    ANSWER,
    COMMENT,
    EDIT,
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
    Version,
)

LONGEST_SITE = 27  # what the longest number leaves of the 40 characters of a source key
_LINKED_SITE = re.compile(r"https?://([a-z0-9.-]+)/questions/", re.IGNORECASE)
_SITE = re.compile(r"(?=.{4,60}$)[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class Dump:
    """A folder or a zip that holds a dump, and the site it came from."""

    place: Folder | Zip
    name: str  # such as ai.stackexchange.com

    kinds = (QUESTION, ANSWER, COMMENT, EDIT)
    nobody = gettext_lazy("deleted user")
    notes = ()  # what the reader of a report should know besides

    @property
    def prefix(self) -> str:
        """What all keys of this site begin with, so that several archives fit in one circle."""
        site = self.name.removesuffix(".stackexchange.com")
        if len(site) > LONGEST_SITE:
            digest = hashlib.blake2b(site.encode(), digest_size=4).hexdigest()
            site = f"{site[: LONGEST_SITE - 9]}-{digest}"
        return site

    def key(self, kind: str, number: str) -> str:
        return f"{self.prefix}:{kind[0]}:{number}"

    @cached_property
    def _history(self) -> History:
        return History(self.rows("PostHistory"))

    def rows(self, table: str) -> Iterator[Row | Broken]:
        """The rows of a table in the order of its file; none when there is no such file."""
        if file := self._file(table):
            yield from rows_of(file, table.lower(), self.place.most)

    def _file(self, table: str):
        return self.place.find(f"{table}.xml") or self.place.find(f"{table}.xml.gz")

    # --- which rows ------------------------------------------------------------------------
    def survey(self) -> Iterator[tuple[str, Author | None] | Broken]:
        """Every text there is: its kind and who wrote it. Raises Unreadable before all else when
        one of its files is no dump."""
        for table in ("Users", "PostHistory"):
            next(self.rows(table), None)
        for table in ("Posts", "Comments"):
            for row in self.rows(table):
                if isinstance(row, Broken):
                    yield row
                    continue
                try:
                    kind = COMMENT if table == "Comments" else rows.kind(row)
                except Bad as bad:
                    yield Broken(row.file, row.line, str(bad))
                    continue
                if kind:
                    yield kind, rows.author(row)
                if kind == QUESTION and row.values.get("AcceptedAnswerId"):
                    yield ACCEPTED, None
        yield from ((EDIT, rows.author(row)) for row in self._history.versions())
        yield from self._history.broken

    def entries(self, kind: str) -> Iterator[Entry | Flaw]:
        """The rows of one kind."""
        for row in self._rows_of(kind):
            try:
                yield Entry(row, rows.number(row))
            except Bad as bad:
                yield Flaw(row, str(bad))

    def _rows_of(self, kind: str) -> Iterator[Row]:
        if kind == EDIT:
            yield from self._history.versions()
            return
        wanted = QUESTION if kind == ACCEPTED else kind
        for row in self.rows("Comments" if kind == COMMENT else "Posts"):
            if isinstance(row, Broken):
                continue  # the survey has told
            if kind != COMMENT and rows.POSTS.get(row.values.get("PostTypeId")) != wanted:
                continue
            if kind == ACCEPTED and not row.values.get("AcceptedAnswerId"):
                continue
            yield row

    def people(self) -> Iterator[Author | Broken]:
        """Everybody the site knows, with or without a word of theirs in it."""
        for row in self.rows("Users"):
            yield row if isinstance(row, Broken) else rows.user(row)

    # --- what they say ---------------------------------------------------------------------
    def question(self, entry: Entry) -> Asked:
        row, url = entry.row, f"https://{self.name}/questions/{entry.number}"
        title = rows.title(row)
        return Asked(
            text=rows.post(row, self.name, url),
            title=title,
            tags=rows.tags(row.values.get("Tags", "")),
            is_closed=bool(row.values.get("ClosedDate")),
        )

    def answer(self, entry: Entry) -> Text:
        return rows.post(entry.row, self.name, f"https://{self.name}/a/{entry.number}")

    def comment(self, entry: Entry, *, under_answer: bool) -> Text:
        post, room = self.parent(COMMENT, entry), "a" if under_answer else "questions"
        url = f"https://{self.name}/{room}/{post}#comment{entry.number}_{post}"
        return rows.comment(entry.row, url)

    def edit(self, entry: Entry) -> Version:
        return rows.version(entry.row)

    def parent(self, kind: str, entry: Entry) -> str:
        """The number of what an answer, a comment or a version belongs to. Raises Bad."""
        return rows.number(entry.row, "ParentId" if kind == ANSWER else "PostId")

    def accepted(self, entry: Entry) -> str:
        """The number of the answer this question accepts. Raises Bad."""
        return rows.number(entry.row, "AcceptedAnswerId")

    # --- who wrote -------------------------------------------------------------------------
    def page(self, author: Author) -> str:
        return f"https://{self.name}/users/{author.number}" if author.number is not None else ""


def open_dump(path: Path | str, site: str = "") -> Dump:
    """Look whether a folder or a zip holds a dump and say which site it is of.

    Raises Unreadable.
    """
    place = place_of(Path(path))
    if not (place.find("Posts.xml") or place.find("Posts.xml.gz")):
        raise Unreadable(_("There is no Posts.xml in %(place)s.") % {"place": place})
    if not site:
        return Dump(place, _site_in_readme(place))
    host = re.sub(r"^https?://|/.*$", "", site.strip().lower())
    if not _SITE.fullmatch(host):
        raise Unreadable(
            _("%(site)r is no site. Write it like ai.stackexchange.com.") % {"site": site[:80]}
        )
    return Dump(place, host)


def _site_in_readme(place: Folder | Zip) -> str:
    """The one host whose questions the README links to."""
    text = ""
    if readme := place.find("README.md"):
        with readme.open("rb") as file:
            text = file.read(100_000).decode(errors="replace")
    hosts = {found.lower() for found in _LINKED_SITE.findall(text)}
    hosts = {host for host in hosts if _SITE.fullmatch(host)}
    if len(hosts) != 1:
        raise Unreadable(
            _(
                "Which site is this? Every question must link to its original, and there is no "
                "README that says it. Name the site, like ai.stackexchange.com."
            )
        )
    return hosts.pop()
