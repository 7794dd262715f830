"""manage.py create_steward: give somebody the duty of running the installation, or take it back."""

from django.core.management.base import BaseCommand, CommandError

from kring.lib.refused import Refused
from members import stewards


class Command(BaseCommand):
    help = (
        "Make somebody a steward: they confirm circles and see queues, never content. An account "
        "is made when there is none; a letter leads them to a password. As kring_owner."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument("--name", default="", help="who they are, for a new account")
        parser.add_argument("--language", choices=["nl", "en"], default="nl")
        parser.add_argument("--remove", action="store_true", help="take the duty back")

    def handle(self, *, email, name, language, remove, **options):
        try:
            if remove:
                gone = stewards.dismiss(email)
                self.stdout.write(f"{gone.email} is no steward any more. The account stays.")
                return
            steward, is_new = stewards.appoint(email, name=name, language=language)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"{steward.email} is a steward now.")
        if is_new:
            self.stdout.write("A letter goes there, with a link to choose a password.")
