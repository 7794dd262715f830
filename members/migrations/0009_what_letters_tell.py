"""A letter keeps the ids of what it told, so that nothing else tells it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0008_addresses_go")]

    operations = [
        migrations.AddField(
            model_name="letter", name="tells", field=models.JSONField(default=list)
        ),
    ]
