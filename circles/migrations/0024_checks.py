"""Checks, the facts people answer for, and extracts of registers."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0013_deciding_access"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="register_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=43),
        ),
        migrations.AddField(
            model_name="circle",
            name="mailbox_domains",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.CreateModel(
            name="RegisterExtract",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("dated", models.DateField()),
                ("rows", models.IntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
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
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("good", "Good"),
                            ("look", "Look"),
                            ("unknown", "Unknown"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=30)),
                ("detail", models.JSONField(default=dict)),
                ("source", models.CharField(blank=True, max_length=120)),
                ("tries", models.SmallIntegerField(default=0)),
                ("try_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="circles.application",
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
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["try_at"],
                        name="checks_to_do",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("circle", "application", "kind"), name="each_check_is_done_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fact",
                    models.CharField(
                        choices=[("identity", "Identity"), ("practice", "Right to practise")],
                        max_length=8,
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worked", "A referee worked with them"),
                            ("mailbox", "The mailbox of their institution"),
                            ("met", "Met in person"),
                            ("shown", "Showed a proof of identity"),
                        ],
                        max_length=7,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=160)),
                ("name_matches", models.BooleanField(null=True)),
                ("measures", models.BooleanField(null=True)),
                ("status", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("second_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="circles.application",
                    ),
                ),
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
                (
                    "second_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.profile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["circle", "application", "fact", "-id"],
                        name="facts_of_an_application",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_by", None),
                            models.Q(("second_by", models.F("by")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_signs_twice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("fact", "identity"), ("measures", None), ("name_matches", None)
                            ),
                            models.Q(
                                ("fact", "practice"),
                                ("measures__isnull", False),
                                ("name_matches__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="each_fact_has_its_own_answers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("status", models.CharField(blank=True, max_length=80)),
                ("measures", models.BooleanField(default=False)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
                (
                    "extract",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="circles.registerextract",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("circle", "extract", "number"), name="a_number_once_in_an_extract"
                    )
                ],
            },
        ),
    ]
