"""manage.py import_archive: move what another community wrote into a circle."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import translation
from tqdm import tqdm

from circles.models import Circle, Membership
from circles.models.invitation import How
from members.models import Member
from questions.archive import reports
from questions.archive.dump import open_dump
from questions.archive.move import Archive, Counts, Watch
from questions.archive.moving_in import move_in
from questions.archive.people import INVITATION, open_people, send_all, try_all
from questions.archive.spreadsheet import open_spreadsheet
from questions.archive.texts import ACCEPTED, Row, Unreadable


def pair(text: str) -> tuple[str, str]:
    ours, _is, theirs = text.partition("=")
    if not ours or not theirs:
        raise ArgumentTypeError(f"{text!r} is no pair. Write it like author=Wie.")
    return ours.strip(), theirs.strip()


class Command(BaseCommand):
    help = (
        "Move questions, answers and comments into a circle: from a Stack Exchange dump (a folder "
        "or a zip) or from a list a spreadsheet saved as CSV. May be stopped and run again: it "
        "goes on where it was, and brings nothing twice. Or invite a list of people (members): "
        "without --send it only says who would be. docs/moving-in.md says how to write a list. "
        "Ends with 0 when something is in the circle (bad rows are told), with 1 when "
        "nothing could come, with 130 when it was stopped."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, metavar="PATH", help="folder, zip or CSV file")
        parser.add_argument("--format", required=True, choices=["stackexchange", "csv", "members"])
        parser.add_argument("--circle", required=True, metavar="NAME", help="name or public id")
        parser.add_argument("--by", default="", metavar="ADDRESS", help="the admin who does it")
        parser.add_argument("--dry-run", action="store_true", help="say what would come")
        parser.add_argument("--report", type=Path, metavar="FILE", help="bad rows, as CSV")
        parser.add_argument("--site", default="", help="of a dump, such as ai.stackexchange.com")
        parser.add_argument(
            "--source", default="", metavar="NAME", help="where a CSV comes from, as shown"
        )
        parser.add_argument("--licence", default="", help="of a CSV, as shown: CC0 1.0")
        parser.add_argument("--link", default="", help="web address of the source of a CSV")
        parser.add_argument(
            "--column",
            dest="columns",
            action="append",
            default=[],
            type=pair,
            metavar="OURS=THEIRS",
            help="which column of a CSV is which, as in author=Wie; may be repeated",
        )

        parser.add_argument("--send", action="store_true", help="send the invitations (members)")
        parser.add_argument("--words", default="", help="to those whose row has none (members)")
        parser.add_argument(
            "--how",
            default="",
            choices=["", *How.values],
            help="how the admin knows them (members)",
        )

    def handle(self, *, path, circle, by, dry_run, report, **options):
        with translation.override("en"):  # what the operator reads
            found = circle_called(circle)
            admin = admin_of(found, by)
            progress = Progress(self.stdout, self.stderr)
            try:
                if options["format"] == "members":
                    dry_run = dry_run or not options["send"]
                    counts = self._invite(path, found, admin, progress, dry_run, **options)
                    lines = lines_of_people(counts, dry_run=dry_run)
                else:
                    archive = archive_at(path, **options)
                    counts = move_in(archive, found, admin, dry_run=dry_run, watch=progress)
                    lines = lines_of(archive, found, counts, dry_run=dry_run)
            except Unreadable as unreadable:
                raise CommandError(str(unreadable)) from unreadable
            except KeyboardInterrupt:
                raise CommandError(
                    "Stopped. Run the same command again to go on.", returncode=130
                ) from None
            finally:
                progress.ends()
                if report:
                    progress.write_report(report)
            for line in lines:
                self.stdout.write(line)
            if not counts.moved.total() and not counts.there.total():
                raise CommandError("Nothing could be moved in.")

    def _invite(self, path, circle, admin, progress, dry_run, *, words, how, **options) -> Counts:
        people = open_people(path, words=words, how=how)
        if dry_run:
            return try_all(people, circle, admin, progress)
        return send_all(people, circle, admin, progress)


def archive_at(path: Path, *, format: str, site: str, columns: list, **options) -> Archive:
    """Open a folder or file in the format it is said to have. Raises Unreadable."""
    if format == "stackexchange":
        return open_dump(path, site)
    return open_spreadsheet(
        path,
        options["source"],
        licence=options["licence"],
        link=options["link"],
        columns=dict(columns),
    )


def circle_called(text: str) -> Circle:
    """The circle with this public id or name. Raises CommandError."""
    circles = Circle.objects.filter(Q(public_id=text) | Q(name=text)).order_by("public_id")
    if not circles:
        raise CommandError(f"There is no circle {text!r}.")
    exact = [circle for circle in circles if circle.public_id == text] or list(circles)
    if len(exact) > 1:
        ids = ", ".join(circle.public_id for circle in exact)
        raise CommandError(f"{len(exact)} circles are called {text!r}. Name one by its id: {ids}.")
    return exact[0]


def admin_of(circle: Circle, address: str) -> Member:
    """The active admin with this address, else the one who is it longest. Raises CommandError."""
    # The house may read accounts and memberships; the profiles between them are closed to it.
    admins = Membership.objects.filter(
        circle=circle, role=Membership.Role.ADMIN, state=Membership.State.ACTIVE
    ).order_by("since", "id")
    accounts = Member.objects.filter(is_active=True).in_bulk(
        list(admins.values_list("member_id", flat=True))
    )
    for membership in admins:
        account = accounts.get(membership.member_id)
        if account and address.strip().lower() in ("", account.email.lower()):
            return account
    who = f"{address} is no active admin" if address else "Nobody is an active admin"
    raise CommandError(f"{who} of {circle.name}, and only an admin moves an archive in.")


def lines_of(archive: Archive, circle: Circle, counts: Counts, *, dry_run: bool) -> list[str]:
    """The totals, in lines."""
    moved = "would come" if dry_run else "moved in"
    lines = [f"{'':<17}{'in archive':>12}{moved:>12}{'were there':>12}{'left out':>12}"]
    for kind in (*archive.kinds, ACCEPTED):
        numbers = (counts.archive, counts.moved, counts.there, counts.bad)
        columns = "".join(f"{number[kind]:>12,}" for number in numbers)
        lines.append(f"{kind + 's':<17}{columns}")
    if counts.unreadable:
        lines.append(f"{counts.unreadable:,} rows could not be read at all.")
    lines += archive.notes
    held = ", ".join(f"{counts.held[kind]:,} {kind}s" for kind in archive.kinds)
    lines.append(f"Of {archive.name}, {circle.name} ({circle.public_id}) now holds {held}.")
    if dry_run:
        lines.append("Nothing was written.")
    return lines


def lines_of_people(counts: Counts, *, dry_run: bool) -> list[str]:
    """The totals of a list of people, in lines."""
    sent, asked = counts.moved[INVITATION], counts.there[INVITATION]
    what = "would be invited" if dry_run else "invited"
    lines = [f"{sent:,} {what}, {asked:,} were already, {counts.bad[INVITATION]:,} left out."]
    if dry_run:
        lines.append("Nothing was sent. Add --send to send them.")
    return lines


class Progress(Watch):
    """A bar on a terminal, a line for every tenth elsewhere; each bad row by its line."""

    def __init__(self, out, err):
        self.out, self.err = out, err
        self.bar = None
        self.total = self.done = 0
        self.bad_rows: list[tuple[str, int, str]] = []

    def begins(self, total: int) -> None:
        self.total = total
        if sys.stderr.isatty():
            self.bar = tqdm(total=total, unit=" texts", smoothing=0.05, leave=False)

    def moves(self, count: int) -> None:
        tenths = self.done * 10 // self.total
        self.done += count
        if self.bar is not None:
            self.bar.update(count)
        elif self.done * 10 // self.total > tenths:
            share = self.done * 100 // self.total
            self.err.write(f"{share:>3} %  {self.done:,} of {self.total:,} texts")

    def comes(self, row: Row, title: str) -> None:
        if row.values.get("address"):
            self.out.write(f"{row.file} line {row.line} invites {title}")

    def left_out(self, file: str, line: int, reason: str) -> None:
        self.bad_rows.append((file, line, reason))
        with tqdm.external_write_mode(file=sys.stdout):
            self.out.write(f"{file} line {line} left out: {reason}")

    def write_report(self, path: Path) -> None:
        """What was left out, also when it was stopped half-way."""
        with path.open("w", encoding="utf-8", newline="") as file:
            reports.write(file, self.bad_rows)

    def ends(self) -> None:
        if self.bar is not None:
            self.bar.close()
