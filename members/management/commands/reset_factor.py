"""`manage.py reset_factor EMAIL`: let somebody in again who lost their phone and their codes."""

from django.core.management.base import BaseCommand, CommandError

from kring.lib.acting import at_the_desk
from members import factors
from members.models import Member


class Command(BaseCommand):
    help = (
        "Remove every second factor of one member, who then signs in with the password alone. "
        "Be sure who asks: meet them, or let an admin of their circle vouch for them. They are "
        "told by email, and every session of theirs ends."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address they sign in with")

    def handle(self, *, email: str, **options):
        with at_the_desk():
            member = Member.objects.filter(email__iexact=email.strip()).first()
        if member is None:
            raise CommandError(f"Nobody signs in with {email}.")
        try:
            typed = input(f"Type {member.email} once more to remove their second factor: ")
        except EOFError:  # nobody sits there
            typed = ""
        if typed.strip().lower() != member.email:
            raise CommandError("Nothing was removed.")
        if not factors.reset(member):
            raise CommandError(f"{member.email} has no second factor.")
        self.stdout.write(f"Removed. {member.email} is told.")
