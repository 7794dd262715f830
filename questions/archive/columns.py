"""The columns of a list that Kring reads, in English and Dutch. docs/moving-in.md tells them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from questions.archive.texts import Unreadable


@dataclass(frozen=True)
class Table:
    """One way to write a list: the columns it may have, and those it cannot do without."""

    columns: dict[str, tuple[str, ...]]  # our name -> others it goes by, the Dutch one first
    needed: tuple[str, ...]

    def shown(self, name: str) -> str:
        """A column as the reader of a sentence may write it; the first other name is Dutch."""
        return self.columns[name][0] if get_language() == "nl" else name

    def named(self, header: str) -> str:
        """Our name for a column, or nothing."""
        plain = "_".join(header.casefold().replace("-", " ").replace("_", " ").split())
        for name, others in self.columns.items():
            if plain == name or plain in others:
                return name
        return ""


# One row a question with an answer to it; the same question again brings another answer.
THREADS = Table(
    columns={
        "question": ("vraag", "title", "titel", "subject", "onderwerp"),
        "body": ("toelichting", "text", "tekst", "description", "beschrijving", "inhoud"),
        "author": ("auteur", "asked_by", "asker", "vraagsteller", "gesteld_door"),
        "asked_at": ("gesteld_op", "date", "datum", "asked_on", "created_at", "vraagdatum"),
        "tags": ("trefwoorden", "onderwerpen", "subjects", "labels", "thema's", "themas"),
        "answer": ("antwoord",),
        "answer_author": ("antwoord_auteur", "answered_by", "beantwoord_door"),
        "answered_at": ("beantwoord_op", "answer_date", "antwoord_datum", "antwoorddatum"),
        "accepted": ("gekozen", "accepted_answer", "gekozen_antwoord"),
        "comment": ("opmerking", "remark", "reactie"),
        "comment_author": ("opmerking_auteur", "commented_by", "opmerking_door"),
        "commented_at": ("opmerking_op", "comment_date", "opmerking_datum"),
        "id": ("nummer", "number", "nr", "question_id", "vraag_id", "vraagnummer"),
        "url": ("link", "koppeling"),
    },
    needed=("question",),
)
# One row a text, whatever it is.
TEXTS = Table(
    columns={
        "kind": ("soort", "type"),
        "id": ("nummer", "number", "nr"),
        "belongs_to": ("hoort_bij", "question_id", "vraag_id", "parent", "parent_id", "bij"),
        "title": ("titel", "question", "vraag", "subject", "onderwerp"),
        "body": ("tekst", "text", "toelichting", "inhoud", "beschrijving", "description"),
        "author": ("auteur", "door", "by", "written_by", "geschreven_door"),
        "date": ("datum", "written_at", "geschreven_op", "created_at", "asked_at"),
        "tags": THREADS.columns["tags"],
        "accepted": THREADS.columns["accepted"],
        "url": THREADS.columns["url"],
    },
    needed=("kind", "id", "body"),
)
# One row a person.
PEOPLE = Table(
    columns={
        "name": ("naam", "full_name", "volledige_naam", "lid", "member"),
        "first_name": ("voornaam", "roepnaam", "given_name"),
        "infix": ("tussenvoegsel", "voorvoegsel", "tussenvoegsels"),
        "last_name": ("achternaam", "surname", "family_name"),
        "address": (
            "e_mail",
            "email",
            "email_address",
            "mail",
            "mailadres",
            "e_mailadres",
            "emailadres",
        ),
        "how": ("hoe", "bekend_van", "known_from"),
        "words": ("woorden", "bericht", "message"),
        "language": ("taal",),
    },
    needed=("address",),
)
KINDS = {
    "question": "question",
    "vraag": "question",
    "answer": "answer",
    "antwoord": "answer",
    "comment": "comment",
    "opmerking": "comment",
    "remark": "comment",
    "reactie": "comment",
}
YES = {"yes", "ja", "j", "y", "x", "1", "true", "waar", "v"}


def choose(
    header: list[str], tables: Iterable[Table], given: dict[str, str]
) -> tuple[Table, list[str]]:
    """Say which table a header is of, and our name for each of its columns ('' for the others).

    `given` are names somebody chose: ours -> theirs. Raises Unreadable, naming the columns found
    and wanted.
    """
    tables = list(tables)
    _check(header, tables, given)
    for table in tables:
        if set(given) <= set(table.columns):
            names = _names(header, table, given)
            if set(table.needed) <= set(names):
                _check_single(header, names)
                return table, names
    wanted = _(" or ").join(" + ".join(map(table.shown, table.needed)) for table in tables[::-1])
    known = ", ".join(map(tables[-1].shown, tables[-1].columns))
    raise Unreadable(
        _(
            "The first row must name the columns. Found: %(found)s. Wanted at least: %(wanted)s. "
            "It may have: %(known)s."
        )
        % {"found": ", ".join(header)[:500] or _("nothing"), "wanted": wanted, "known": known}
    )


def _names(header: list[str], table: Table, given: dict[str, str]) -> list[str]:
    """Our name of each column: the one given, or the one it goes by."""
    theirs = {name.casefold().strip(): ours for ours, name in given.items()}
    names = []
    for column in header:
        ours = theirs.get(column.casefold().strip()) or table.named(column)
        is_given_away = ours in given and column.casefold().strip() not in theirs
        names.append("" if is_given_away else ours)
    return names


def _check(header: list[str], tables: list[Table], given: dict[str, str]) -> None:
    """What was given must be there, on both sides. Raises Unreadable."""
    there = {column.casefold().strip() for column in header}
    for ours, name in given.items():
        if not any(ours in table.columns for table in tables):
            known = ", ".join(dict.fromkeys(n for table in tables for n in table.columns))
            said = {"name": ours, "known": known}
            raise Unreadable(_("Kring reads no column %(name)s. It reads: %(known)s.") % said)
        if name.casefold().strip() not in there:
            said = {"name": name, "found": ", ".join(header)[:500]}
            raise Unreadable(_("There is no column %(name)s. Found: %(found)s.") % said)


def _check_single(header: list[str], names: list[str]) -> None:
    for ours in filter(None, names):
        both = [column for column, name in zip(header, names, strict=True) if name == ours]
        if len(both) > 1:
            said = {"both": ", ".join(both), "name": ours}
            raise Unreadable(
                _("These columns mean the same, %(name)s: %(both)s. Rename or remove one.") % said
            )
