"""manage.py propose_circle: lay a circle before the stewards, from a file."""

from email.utils import parseaddr
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from circles import founding, proposals
from kring.lib.refused import Refused
from members import opening


class Command(BaseCommand):
    help = (
        "Propose a circle: its charter and question form from a JSON file (as demo/*/circle.json), "
        "and two people or more who lead it. A steward confirms it. As kring_owner."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE.json")
        parser.add_argument(
            "--admin",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="who leads it; 'Noor Haddad <noor@example.org>' for somebody new",
        )

    def handle(self, *, file, admin, **options):
        proposed = proposals.read(file)
        if proposed.wrong:
            raise CommandError("\n".join(["This cannot be proposed:", *proposed.wrong]))
        try:
            with transaction.atomic(), translation.override("en"):
                people = [self._account(given, proposed.charter) for given in admin]
                circle = founding.propose(
                    proposed.charter,
                    proposed.parameters,
                    proposers=[member for member, _ in people],
                )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"{circle.name} ({circle.public_id}) waits for a steward.")
        for member, is_new in people:
            if is_new:
                self.stdout.write(f"{member.email} gets a letter with a link to a password.")

    def _account(self, given: str, charter: dict):
        name, address = parseaddr(given)
        return opening.account_for(address or given, name=name, language=charter["language"])
