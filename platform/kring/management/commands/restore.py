"""manage.py restore: put a backup back, and erase again what was erased since."""

import signal
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from kring.keeping import database, keys, returning
from kring.local.home import Trouble


class Command(BaseCommand):
    help = (
        "Put a backup back: database, rights and files. What was erased after the backup is "
        "erased again. As kring_owner, with pages, worker and clock stopped."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--key", type=Path, required=True, metavar="SECRET", help="a file with the secret key"
        )
        parser.add_argument(
            "--erasures",
            type=Path,
            default=None,
            metavar="LEDGER",
            help="what was erased since (KRING_ERASURES, when it is there)",
        )
        parser.add_argument(
            "--replace", action="store_true", help="in place of what the database holds now"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--force", action="store_true", help="end connections of others")

    def handle(self, *, file, key, erasures, replace, yes, force, **options):
        signal.signal(signal.SIGTERM, _end)
        try:
            if erasures and not erasures.is_file():
                raise Trouble(f"There is no ledger {erasures}.")
            self._may_begin(replace=replace, force=force)
            identities = keys.identities(key)
            self.say("Reading the whole backup ...")
            manifest = returning.check(file, identities)
            ledger = returning.find_ledger(erasures or settings.ERASURES)
            if database.tables() and not yes:
                self._ask()
            told = returning.put_back(
                *(file, identities, manifest),
                files=settings.FILES,
                ledger=ledger,
                say=self.say,
            )
        except Trouble as trouble:
            raise CommandError(f"{trouble} Nothing was changed.") from trouble
        self._tell(told)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _may_begin(self, *, replace: bool, force: bool) -> None:
        name = connection.settings_dict["NAME"]
        database.assert_maker()
        if database.tables() and not replace:
            raise Trouble(
                f"The database {name} is not empty. With --replace the backup takes its place."
            )
        if force:
            database.send_away()
        if others := database.somebody_else():
            raise Trouble(
                f"Others are connected: {', '.join(others)}. Stop pages, worker and clock first"
                f"{', since these are not ours to end' if force else ' (or --force)'}."
            )

    def _ask(self) -> None:
        name = connection.settings_dict["NAME"]
        self.stdout.write(f"All that {name} holds now will be gone. Type its name to go on: ")
        try:
            typed = input()
        except EOFError:
            typed = ""
        if typed.strip() != name:
            raise Trouble("That was not its name.")

    def _tell(self, told: returning.Told) -> None:
        at = timezone.localtime(told.made_at)
        self.say(
            f"Back as of {at:%Y-%m-%d %H:%M}: {told.rows:,} rows and {told.files:,} files. "
            "Rows, rights and policies are as they were."
        )
        for sentence in told.settled:
            self.say(sentence)
        self.say("Everybody signs in anew.")
        if told.other_secret:
            self.say(
                "This KRING_SECRET_KEY is not the one of the backup: mailed links are dead, and "
                "codes from authenticator apps do not work. Set the old one if you have it."
            )
        again, ledger = told.again, told.ledger
        if ledger.bad:
            self.stderr.write(f"{ledger.bad} lines of the ledger could not be read.")
        if again.unknown:
            self.stderr.write(f"{again.unknown} erasures are of a kind this Kring does not know.")
        if ledger.places:
            self.say(
                f"Erased again: {again.erased}, of {len(ledger.lines)} in the ledger "
                f"(from {' and '.join(ledger.places)})."
            )
        else:
            self.stderr.write(
                "NO LEDGER OF ERASURES WAS FOUND. Whatever was erased between "
                f"{at:%Y-%m-%d %H:%M} and now is back: applications that had ended, drafts, and "
                "all that somebody asked to be erased. Find the file of KRING_ERASURES and "
                "restore again with --erasures."
            )


def _end(*_) -> None:
    raise SystemExit(143)
