"""`manage.py mail_check ADDRESS`: send a test letter, and say what is wrong with how mail leaves."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from members import mail_check


class Command(BaseCommand):
    help = "Send a test letter the way all mail goes, show what was said, and say what is wrong."

    def add_arguments(self, parser):
        parser.add_argument("address", metavar="ADDRESS")

    def handle(self, *, address: str, **options):
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"{address!r} is no email address.") from None
        found = mail_check.try_mail(address)
        self._part("Headers as handed over", [f"{name}: {value}" for name, value in found.headers])
        self._part("What was said", found.talk)
        self._part("What is wrong", found.wrong or ["Nothing that can be seen from here."])
        self._part("Good to know", found.notes)
        self._part("To look up yourself", self._questions())
        if not found.taken:
            raise CommandError("The letter was not taken.")
        self.stdout.write(
            self.style.SUCCESS(f"The letter was taken. See whether {address} gets it.")
        )

    def _questions(self) -> list[str]:
        lines = []
        for what, question, answer in mail_check.records(mail_check.from_domain()):
            lines += [what, f"  $ {question}", f"    {answer}"]
        return lines

    def _part(self, title: str, lines: list[str]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(title))
        for line in lines:
            self.stdout.write(f"  {line}")
        self.stdout.write("")
