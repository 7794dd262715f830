"""What a member owes is found at once, whatever else they asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0010_what_a_digest_told")]

    operations = [
        migrations.AddIndex(
            "question",
            models.Index(
                fields=["author", "outcome_due_at"],
                condition=models.Q(state__in=["answered", "outcome_due"]),
                name="questions_that_owe",
            ),
        ),
    ]
