"""Get everything ready for a start: tables, translations, static files, and once the demo."""

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from members.models import Member


class Command(BaseCommand):
    help = "Migrate, compile translations, collect static files, and load the demo once."
    requires_system_checks = []

    def handle(self, **options):
        self._migrate()
        self._collect()
        if settings.DEMO:
            self._demo()

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self.say(f"Preparing the database ({len(plan)} steps) ...")
            call_command("migrate", verbosity=0, interactive=False)

    def _collect(self) -> None:
        from kring.local import translations

        translations.compile_all(settings.BASE / "locale")
        call_command("collectstatic", verbosity=0, interactive=False)

    def _demo(self) -> None:
        from kring.demo import loading, marker

        if marker.is_demo():
            return
        if Member.objects.exists():
            raise CommandError(
                "KRING_DEMO=1, but this database holds people who did not come in the demo. "
                "Unset KRING_DEMO, or give the demo a database of its own."
            )
        self.say("Filling the demo: two circles, their people and questions ...")
        _shoulder, reasoning = loading.load()
        self.say("Moving an archive into the second circle ...")
        call_command(
            "import_archive",
            str(settings.BASE / "demo" / "ai"),
            format="stackexchange",
            circle=reasoning.public_id,
            site="ai.stackexchange.com",
        )
