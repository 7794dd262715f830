"""Questions at the door, their answers, and papers."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kring.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0021_referee_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="DoorAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.SmallIntegerField()),
                ("version", models.SmallIntegerField()),
                ("asked", models.CharField(max_length=200)),
                ("value", models.TextField(blank=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="door_answers",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("circle", "application", "position"),
                        name="each_question_answered_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DoorQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.SmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "a text"),
                            ("choice", "one of a few"),
                            ("yes_no", "yes or no"),
                        ],
                        default="text",
                        max_length=6,
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=200)),
                ("help", models.CharField(blank=True, max_length=300)),
                ("choices", models.JSONField(default=list)),
                ("required", models.BooleanField(default=True)),
                ("version", models.SmallIntegerField(default=1)),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("circle", "position"), name="questions_at_the_door_have_an_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 5)),
                        name="few_questions_at_the_door",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Paper",
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
                    models.CharField(choices=[("jpg", "image"), ("pdf", "PDF")], max_length=3),
                ),
                ("what", models.CharField(blank=True, max_length=80)),
                ("size", models.IntegerField()),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("circle", "public_id"), name="paper_address_once_in_a_circle"
                    )
                ],
            },
        ),
    ]
