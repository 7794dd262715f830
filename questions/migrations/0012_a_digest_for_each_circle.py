"""One digest for each circle, less of a circle, and who has not come for long."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0011_outcomes_owed")]

    operations = [
        migrations.AddField("digestplan", "only_mine", models.BooleanField(default=False)),
        migrations.AddField("digestplan", "per_circle", models.BooleanField(default=False)),
        migrations.AddField("digestplan", "circles", models.JSONField(default=dict)),
        migrations.AddField("digestplan", "cursors", models.JSONField(default=dict)),
        migrations.AddField("digestplan", "parts", models.JSONField(default=list)),
        migrations.AddField("digestplan", "seen_at", models.DateTimeField(null=True)),
    ]
