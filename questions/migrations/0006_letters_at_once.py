"""What a member wants at once, and when they want quiet."""

from datetime import time

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0005_people_to_invite")]

    operations = [
        migrations.AddField("digestplan", "letters", models.JSONField(default=dict)),
        migrations.AddField("digestplan", "quiet_from", models.TimeField(default=time(21, 0))),
        migrations.AddField("digestplan", "quiet_until", models.TimeField(default=time(7, 30))),
        migrations.AddField("digestplan", "quiet_weekends", models.BooleanField(default=False)),
    ]
