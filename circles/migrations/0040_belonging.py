"""How a membership goes on and ends: since when it is what it is, its dated facts, its sanctions."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0029_guide_rules"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fact",
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
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "circles_memberfact",
            },
        ),
        migrations.CreateModel(
            name="Sanction",
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
                        choices=[("suspension", "suspension"), ("removal", "removal")],
                        max_length=10,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("breach", "Broke what was pledged"),
                            ("practice", "No right to practise, or a measure in the register"),
                            ("absent", "Cannot be reached"),
                            ("other", "Something else"),
                        ],
                        max_length=8,
                    ),
                ),
                ("why", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("second_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="membership",
            name="back_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="moved_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="membership",
            name="practising_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="verified_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.RunSQL(
            "update circles_membership set back_on = current_date + 183 where state = 'paused';",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("back_on__isnull", False), ("state", "paused")),
                    models.Q(models.Q(("state", "paused"), _negated=True), ("back_on", None)),
                    _connector="OR",
                ),
                name="a_pause_has_its_end",
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.profile"
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="circle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="circles.circle"
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="facts",
                to="circles.membership",
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.profile"
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="circle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="circles.circle"
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="members.profile",
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sanctions",
                to="circles.membership",
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="second_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="members.profile",
            ),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                fields=["circle", "membership", "fact", "-id"], name="facts_of_a_membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="sanction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("kind", "suspension")),
                fields=("circle", "membership"),
                name="one_suspension_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="sanction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_by", None),
                    models.Q(("second_by", models.F("by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_confirms_their_own_suspension",
            ),
        ),
    ]
