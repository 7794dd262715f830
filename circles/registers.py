"""Registers of professions: what a number looks like, and the extract a circle's admins bring."""

import csv
import io
import re
import unicodedata
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Circle, RegisterEntry, RegisterExtract
from kring.lib.refused import Refused
from members import audit
from members.models import Member

# How the numbers of registers are written. Another register is another line.
PATTERNS = {
    "BIG": re.compile(r"\d{11}"),
    "AGB": re.compile(r"\d{8}"),
    "GMC": re.compile(r"\d{7}"),
    "KNB": re.compile(r"[A-Z]\d{5,6}"),
    "NOvA": re.compile(r"A\d{5}"),
}
MOST_ROWS, MOST_BYTES = 20_000, 4 * 1024**2
COLUMNS = ("number", "name", "status", "measures")
TRUE = {"1", "ja", "yes", "j", "y", "true", "x"}


def plain(number: str) -> str:
    """A register number without what people put between its digits."""
    return re.sub(r"[\s.\-/]", "", number).upper()


def fits(number: str, *, register: str = "") -> str:
    """Say of which register a number has the form, or nothing; `register`: of this one only."""
    known = {register: PATTERNS[register]} if register in PATTERNS else PATTERNS
    return next((name for name, form in known.items() if form.fullmatch(plain(number))), "")


def same_person(written: str, registered: str) -> bool:
    """Say whether two names can be one person's: a surname of one stands in the other."""
    mine, theirs = _names(written), _names(registered)
    return bool(mine and theirs) and (theirs[-1] in mine or mine[-1] in theirs)


def _names(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"[a-z]{2,}", "".join(c for c in bare if not unicodedata.combining(c)))
    return [word for word in words if word not in {"dr", "drs", "prof", "mr", "ir", "van", "de"}]


@transaction.atomic
def bring(circle: Circle, *, by: Member, name: str, dated: date, content: bytes) -> int:
    """Put an extract in the place of the one before, all of it or nothing; return its rows.

    CSV with the columns number, name, status, measures; the first two are needed. Raises Refused,
    with field "file", naming the line that cannot be read.
    """
    if dated > timezone.localdate():
        raise Refused(_("An extract is of today or earlier."), field="dated")
    entries = list(_read(content))
    now = RegisterExtract.objects.filter(circle_id=circle.pk)
    RegisterEntry.objects.filter(circle_id=circle.pk).delete()
    now.delete()
    extract = RegisterExtract.objects.create(
        circle_id=circle.pk, name=name, dated=dated, rows=len(entries), by_id=by.pk
    )
    for entry in entries:
        entry.circle_id, entry.extract = circle.pk, extract
    RegisterEntry.objects.bulk_create(entries, batch_size=2000)
    audit.record(
        "circle.register_brought",
        by=by,
        circle_id=circle.pk,
        subject="register",
        subject_id=extract.pk,
        rows=len(entries),
    )
    return len(entries)


def _read(content: bytes):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    dialect = ";" if text.split("\n", 1)[0].count(";") else ","
    rows = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=dialect)
    head = [cell.strip().lower() for cell in next(rows, [])]
    if not {"number", "name"} <= set(head):
        raise Refused(
            _("The first line must name the columns: number, name, status, measures."),
            field="file",
        )
    seen = set()
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _entry(dict(zip(head, row, strict=False)), rows.line_num, seen)
    except csv.Error as error:
        raise _wrong(rows.line_num) from error
    if not seen:
        raise Refused(_("This file has no rows."), field="file")


def _entry(row: dict[str, str], line: int, seen: set[str]) -> RegisterEntry:
    number, name = plain(row.get("number", "")), " ".join(row.get("name", "").split())
    if not number or len(number) > 40 or not name or number in seen:
        raise _wrong(line)
    if len(seen) >= MOST_ROWS:
        raise Refused(_("An extract may have at most 20,000 rows."), field="file")
    seen.add(number)
    return RegisterEntry(
        number=number,
        name=name[:120],
        status=" ".join(row.get("status", "").split())[:80],
        measures=row.get("measures", "").strip().lower() in TRUE,
    )


def _wrong(line: int) -> Refused:
    return Refused(
        _("Line %(line)d cannot be read: each needs a number, once, and a name.") % {"line": line},
        field="file",
    )


@transaction.atomic
def set_domains(circle: Circle, *, by: Member, domains: list[str]) -> bool:
    """Set of which domains a mailbox is an institution's. Say whether anything changed."""
    changed = (
        Circle.objects.filter(pk=circle.pk)
        .exclude(mailbox_domains=domains)
        .update(mailbox_domains=domains)
    )
    if changed:
        audit.record(
            "circle.mailbox_domains",
            by=by,
            circle_id=circle.pk,
            subject="circle",
            subject_id=circle.pk,
        )
    return bool(changed)
