"""A letter tells nothing until it says so, also when a function of the owner writes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0010_letter_days")]

    operations = [
        migrations.AlterField(
            model_name="letter", name="tells", field=models.JSONField(default=list, db_default=[])
        ),
    ]
