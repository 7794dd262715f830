"""Referees and their references; the keyed hash by which an applicant is known again."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kring.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0011_inquiry"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="address_key",
            field=models.CharField(blank=True, default="", db_default="", max_length=43),
        ),
        migrations.CreateModel(
            name="Referee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.SmallIntegerField()),
                ("replaces", models.SmallIntegerField(null=True)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("address", models.EmailField(blank=True, max_length=254)),
                ("address_key", models.CharField(blank=True, max_length=43)),
                ("relation", models.CharField(blank=True, max_length=160)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("named", "Named"),
                            ("asked", "Asked"),
                            ("confirmed", "Confirmed"),
                            ("unconfirmed", "Unconfirmed"),
                        ],
                        default="named",
                        max_length=11,
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referees",
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
        ),
        migrations.CreateModel(
            name="Reference",
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
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worked", "We worked or trained together"),
                            ("met", "We have met"),
                            ("name", "By name only"),
                        ],
                        max_length=6,
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=200)),
                (
                    "own_case",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Yes"), ("no", "No"), ("unsure", "I cannot judge that")],
                        max_length=6,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("register_number", models.CharField(blank=True, max_length=40)),
                ("vouches", models.BooleanField(default=False)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
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
                (
                    "link",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.link",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.profile",
                    ),
                ),
                (
                    "referee",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="circles.referee",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="referee",
            constraint=models.UniqueConstraint(
                fields=("circle", "application", "number"), name="referees_have_an_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="referee",
            constraint=models.UniqueConstraint(
                fields=("circle", "application", "replaces"), name="a_referee_is_replaced_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="referee",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", 6)),
                name="few_referees_are_named",
            ),
        ),
        migrations.AddIndex(
            model_name="reference",
            index=models.Index(fields=["member", "vouches"], name="vouches_of_a_member"),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                fields=("circle", "referee"), name="a_referee_is_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                fields=("circle", "application", "member"),
                name="one_reference_per_member_and_application",
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                fields=("circle", "public_id"), name="reference_address_once_in_a_circle"
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("member__isnull", False), ("link__isnull", False), _connector="XOR"
                ),
                name="a_reference_is_asked_one_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_at", None), ("ended_at", None), _connector="OR"),
                name="a_reference_ends_one_way",
            ),
        ),
    ]
