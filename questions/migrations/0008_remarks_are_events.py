"""A remark is something that happened: the digest tells it to whom it is made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0007_finding_words")]

    operations = [
        migrations.AlterField(
            "event",
            "kind",
            models.CharField(
                max_length=8,
                choices=[
                    ("asked", "Asked"),
                    ("answered", "Answered"),
                    ("accepted", "Accepted"),
                    ("outcome", "Outcome"),
                    ("remarked", "Remarked"),
                ],
            ),
        )
    ]
