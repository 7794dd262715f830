"""`manage.py due`: which timers are set, what each does, and how late it is."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from members import due


class Command(BaseCommand):
    help = (
        "List what falls due and why: kind, row, moment in UTC, how late. No content and no names. "
        "Run it where the worker runs."
    )

    def add_arguments(self, parser):
        parser.add_argument("--kind", default="", help="only timers of this kind")
        parser.add_argument("--overdue", action="store_true", help="only what should be done")
        parser.add_argument("--limit", type=int, default=100, help="how many at most (100)")

    def handle(self, *, kind: str, overdue: bool, limit: int, **options):
        before = timezone.now() if overdue else None
        rows = due.waiting(kind=kind, before=before, limit=limit)
        for row in rows:
            late = f"  {int(row.overdue.total_seconds() // 60)} min late" if row.overdue else ""
            circle = f" circle {row.circle_id}" if row.circle_id else ""
            self.stdout.write(
                f"{row.due_at:%Y-%m-%d %H:%M}  {row.kind} {row.subject_id}{circle}: {row.why}{late}"
            )
        if not rows:
            self.stdout.write("Nothing is overdue." if overdue else "No timer is set.")
        elif len(rows) == limit:
            self.stdout.write(f"The first {limit}; --limit shows more.")
