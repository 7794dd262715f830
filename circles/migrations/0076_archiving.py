"""A circle can be archived: by whom, why, and until when it is read."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0075_first_hour"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="Archiving",
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
                        choices=[("archive", "archive"), ("reopen", "open again")], max_length=7
                    ),
                ),
                ("why", models.CharField(max_length=500)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("second_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="circle",
            name="archived_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="circle",
            name="closes_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("archived_at", None), ("closes_at", None)),
                    models.Q(
                        ("archived_at__isnull", False),
                        ("closes_at__isnull", False),
                        ("listed", False),
                    ),
                    _connector="OR",
                ),
                name="an_archived_circle_has_its_last_day",
            ),
        ),
        migrations.AddField(
            model_name="archiving",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.profile"
            ),
        ),
        migrations.AddField(
            model_name="archiving",
            name="circle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="circles.circle"
            ),
        ),
        migrations.AddField(
            model_name="archiving",
            name="second_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="members.profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="archiving",
            constraint=models.UniqueConstraint(
                condition=models.Q(("second_at", None), ("withdrawn_at", None)),
                fields=("circle",),
                name="one_open_archiving_per_circle",
            ),
        ),
        migrations.AddConstraint(
            model_name="archiving",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_at", None), ("second_by", None)),
                    models.Q(
                        ("second_at__isnull", False),
                        ("second_by__isnull", False),
                        models.Q(("second_by", models.F("by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_second_admin_archives",
            ),
        ),
        migrations.AddConstraint(
            model_name="archiving",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["archive", "reopen"])), name="archiving_is_known"
            ),
        ),
    ]
