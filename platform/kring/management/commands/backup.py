"""manage.py backup: database and files in one encrypted file, read back before it counts."""

import signal
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from kring.keeping import keys, making
from kring.local.home import Trouble


class Command(BaseCommand):
    help = (
        "Write database and files into one file, encrypted for the given key (age), and read it "
        "back. As kring_owner. With --make-key: write a new key to FILE instead."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--key", type=Path, metavar="KEY", help="a file with the public key (age1...)"
        )
        parser.add_argument(
            "--verify-with",
            type=Path,
            metavar="SECRET",
            help="open it with this secret key as well; not needed where backups are made",
        )
        parser.add_argument("--make-key", action="store_true", help="write a new secret key")

    def handle(self, *, file, key, verify_with, make_key, **options):
        signal.signal(signal.SIGTERM, _end)
        try:
            if make_key:
                return self._make_key(file)
            if key is None:
                raise Trouble("Say for whom: --key KEY, a file with a public key (age1...).")
            secret = verify_with or (key if keys.holds_a_secret(key) else None)
            kept = making.make(
                file,
                keys.recipients(key),
                files=settings.FILES,
                identities=keys.identities(secret) if secret else None,
            )
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(
            f"{file}: {kept.size:,} bytes, {kept.rows:,} rows and {kept.files:,} files, read back."
        )
        if not kept.key_tried:
            self.stdout.write("It opens with the secret key that belongs to this public one.")

    def _make_key(self, file: Path) -> None:
        public = keys.make(file)
        self.stdout.write(f"The secret key is in {file}: keep it elsewhere, and keep it well.")
        self.stdout.write(f"The public key, for --key: {public}")


def _end(*_) -> None:
    raise SystemExit(143)
