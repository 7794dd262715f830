"""Files that admins bring in the browser, and what was found in them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kring.lib.ids
from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    WORKER,
    changing,
    child,
    parent,
    reading,
    run,
    secured,
    writing,
)

# The house knows that an import is over, never what was found in it: the database forgets that.
FORGETTING = """
create function kring_import_forgets() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    delete from questions_importfinding
    where circle_id = new.circle_id and archive_import_id = new.id
      and (kind in ('coming', 'note') or new.forgotten_at is not null);
    return null;
end $$;
create trigger import_forgets after update of state, forgotten_at on questions_archiveimport
for each row when (
    new.state in ('done', 'discarded', 'expired') or new.forgotten_at is not null
) execute function kring_import_forgets();
"""
PROGRESS = "state, state_at, counts, passed, total, done, holder, held_until, forgotten_at"


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0002_access"),
        ("members", "0003_condition"),
        ("questions", "0003_imported_texts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchiveImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=kring.lib.ids.public_id, editable=False, max_length=10
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("csv", "Csv"), ("stackexchange", "Stack Exchange")],
                        max_length=13,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=80)),
                ("licence", models.CharField(blank=True, max_length=60)),
                ("link", models.URLField(blank=True)),
                ("file_name", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Looking what would come"),
                            ("checked", "This is what would come"),
                            ("moving", "It is moving in"),
                            ("stopped", "Stopped half-way"),
                            ("failed", "This went wrong on our side"),
                            ("done", "Moved in"),
                            ("refused", "This file cannot be read"),
                            ("discarded", "Dropped"),
                            ("expired", "Nobody said yes within a day"),
                        ],
                        default="checking",
                        max_length=9,
                    ),
                ),
                ("counts", models.JSONField(default=dict)),
                ("passed", models.JSONField(default=dict)),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("holder", models.BigIntegerField(default=0)),
                ("held_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("state_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("forgotten_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.profile",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bad", "Bad"),
                            ("coming", "Coming"),
                            ("note", "Note"),
                            ("refusal", "Refusal"),
                        ],
                        max_length=7,
                    ),
                ),
                ("place", models.IntegerField()),
                ("file", models.CharField(blank=True, max_length=100)),
                ("line", models.IntegerField(default=0)),
                ("text", models.CharField(max_length=600)),
                (
                    "archive_import",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="questions.archiveimport",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="archiveimport",
            index=models.Index(fields=["circle", "-created_at"], name="imports_of_a_circle"),
        ),
        migrations.AddConstraint(
            model_name="archiveimport",
            constraint=models.UniqueConstraint(
                fields=("circle", "public_id"), name="import_address_once_in_a_circle"
            ),
        ),
        migrations.AddConstraint(
            model_name="archiveimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["checking", "checked", "moving", "stopped", "failed"])
                ),
                fields=("circle",),
                name="one_import_at_a_time_in_a_circle",
            ),
        ),
        migrations.AddConstraint(
            model_name="importfinding",
            constraint=models.UniqueConstraint(
                fields=("circle", "archive_import", "kind", "place"), name="each_finding_once"
            ),
        ),
        parent("questions_archiveimport"),
        child("questions_importfinding", "archive_import_id", of="questions_archiveimport"),
        run(
            FORGETTING,
            "drop trigger import_forgets on questions_archiveimport; "
            "drop function kring_import_forgets();",
        ),
        secured(
            "questions_archiveimport",
            web="select, insert, update (state, state_at, held_until, forgotten_at)",
            worker=f"select, update ({PROGRESS})",
            policies=[
                reading("admins see what is moved in", ADMINISTERS),
                writing("admins move files in", f"{ADMINISTERS} and by_id = {ME}"),
                changing("admins stop and go on", ADMINISTERS),
                reading("house sees what waits", HOUSE, to=WORKER),
                changing("house keeps it going", HOUSE, to=WORKER),
            ],
        ),
        secured(
            "questions_importfinding",
            web="select",
            worker="select, insert",
            policies=[
                reading("admins read what was found", ADMINISTERS),
                writing("findings are written for an admin", ADMINISTERS, to=WORKER),
            ],
        ),
    ]
