"""`manage.py reseal`: after KRING_SECRET_KEY has changed, seal under it what earlier keys sealed."""

from django.core.management.base import BaseCommand

from members import factors


class Command(BaseCommand):
    help = (
        "Seal every stored secret under the present KRING_SECRET_KEY. Afterwards "
        "KRING_SECRET_KEY_FALLBACKS may be emptied. As the owner of the tables."
    )

    def handle(self, **options):
        self.stdout.write(f"Sealed anew: {factors.reseal_all()}.")
