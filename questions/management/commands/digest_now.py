"""`manage.py digest_now`: bring a digest at once, and say for each member what became of it."""

import time

from django.core.management.base import BaseCommand, CommandError

from members import delivery
from members.models import Member
from questions.digests import asking

PATIENCE = 20.0  # seconds to wait for letters that the running worker is bringing


class Command(BaseCommand):
    help = "Send digests now. They move no cursor: the weekly ones come as before."

    def add_arguments(self, parser):
        parser.add_argument("addresses", nargs="*", metavar="ADDRESS")
        parser.add_argument("--everyone", action="store_true", help="all members of all circles")

    def handle(self, *, addresses: list[str], everyone: bool, **options):
        members = self._members(addresses, everyone)
        issues = asking.ask_for(members)
        delivery.deliver_waiting()
        deadline = time.monotonic() + PATIENCE
        while asking.under_way(issues) and time.monotonic() < deadline:
            time.sleep(0.2)
        width = max(len(member.email) for member in members)
        for member, words in asking.what_became_of(issues):
            self.stdout.write(f"{member.email:<{width}}  {words}")

    def _members(self, addresses: list[str], everyone: bool) -> list[Member]:
        try:
            return asking.members_named(addresses, everyone=everyone)
        except LookupError as error:
            raise CommandError(str(error)) from error
