"""Which items of a digest found a place in its mail. Until now the others were marked themselves."""

from django.db import migrations, models

from kring.lib.policies import run

MARKED = """
update questions_digestissue issue
set told = (
    select coalesce(jsonb_agg(place - 1), '[]')
    from jsonb_array_elements(issue.items) with ordinality of (item, place)
    where item ->> 'rest' is null)
where state = 'sent';
"""


class Migration(migrations.Migration):
    dependencies = [("questions", "0009_words_are_forgotten")]

    operations = [
        migrations.AddField("digestissue", "told", models.JSONField(null=True)),
        run(MARKED),
    ]
