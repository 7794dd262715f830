"""manage.py import_archive: move the dump of another community into a circle."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from tqdm import tqdm

from circles.models import Circle, Membership
from members.models import Member
from questions.archive.move import Counts, Watch
from questions.archive.moving_in import MODELS, move_in
from questions.archive.reading import Archive, Unreadable, open_archive
from questions.archive.rows import ACCEPTED


class Command(BaseCommand):
    help = (
        "Move the questions, answers and comments of an archive into a circle. May be stopped "
        "and run again: it goes on where it was, and brings nothing twice."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="where Posts.xml is")
        parser.add_argument("--format", required=True, choices=["stackexchange"])
        parser.add_argument("--circle", required=True, metavar="NAME", help="name or public id")
        parser.add_argument("--site", default="", help="such as ai.stackexchange.com")
        parser.add_argument("--by", default="", metavar="ADDRESS", help="the admin who does it")
        parser.add_argument("--dry-run", action="store_true", help="say what would come")

    def handle(self, *, folder, circle, site, by, dry_run, **options):
        found = circle_called(circle)
        admin = admin_of(found, by)
        progress = Progress(self.stdout, self.stderr)
        try:
            archive = open_archive(folder, site)
            counts = move_in(archive, found, admin, dry_run=dry_run, watch=progress)
        except Unreadable as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Run the same command again to go on.", returncode=130
            ) from None
        finally:
            progress.ends()
        for line in report(archive, found, counts, dry_run=dry_run):
            self.stdout.write(line)
        if not counts.moved.total() and not counts.there.total():
            raise CommandError("Nothing could be moved in.")


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


def report(archive: Archive, circle: Circle, counts: Counts, *, dry_run: bool) -> list[str]:
    """The totals, in lines."""
    moved = "would come" if dry_run else "moved in"
    lines = [f"{'':<17}{'in archive':>12}{moved:>12}{'were there':>12}{'left out':>12}"]
    for kind in (*MODELS, ACCEPTED):
        numbers = (counts.archive, counts.moved, counts.there, counts.bad)
        columns = "".join(f"{number[kind]:>12,}" for number in numbers)
        lines.append(f"{kind + 's':<17}{columns}")
    if counts.unreadable:
        lines.append(f"{counts.unreadable:,} rows could not be read at all.")
    held = ", ".join(f"{counts.held[kind]:,} {kind}s" for kind in MODELS)
    lines.append(f"Of {archive.site}, {circle.name} ({circle.public_id}) now holds {held}.")
    if dry_run:
        lines.append("Nothing was written.")
    return lines


class Progress(Watch):
    """A bar on a terminal, a line for every tenth elsewhere; each bad row by its line."""

    def __init__(self, out, err):
        self.out, self.err = out, err
        self.bar = None
        self.total = self.done = 0

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

    def left_out(self, file: str, line: int, reason: str) -> None:
        with tqdm.external_write_mode(file=sys.stdout):
            self.out.write(f"{file} line {line} left out: {reason}")

    def ends(self) -> None:
        if self.bar is not None:
            self.bar.close()
