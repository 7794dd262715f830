"""What was moved in keeps its licence, and how it read before."""

import django.db.models.deletion
from django.db import migrations, models

from kring.lib.policies import ADMINISTERS, WORKER, child, run, writing

# Until now every archive was one of before 2018.
LICENCES = "\n".join(
    f"update {table} set licence = 'CC BY-SA 3.0' where imported_author_id is not null;"
    for table in ("questions_question", "questions_answer", "questions_comment")
)
VERSIONS = writing(
    "admins move earlier versions in",
    f"{ADMINISTERS} and by_id is null and imported_author_id is not null",
    to=WORKER,
)


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0002_access"),
        ("members", "0002_access"),
        ("questions", "0002_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="licence",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="comment",
            name="licence",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="question",
            name="licence",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="revision",
            name="imported_author",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="questions.importedauthor",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="source_key",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=("circle", "source_key"),
                name="version_imported_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(("by", None), ("imported_author", None), _connector="OR"),
                name="version_has_one_author",
            ),
        ),
        child("questions_revision", "imported_author_id", of="questions_importedauthor"),
        run(
            f"grant insert on questions_revision to {WORKER}; {VERSIONS.sql('questions_revision')}",
            f"revoke insert on questions_revision from {WORKER}; "
            f'drop policy "{VERSIONS.name}" on questions_revision;',
        ),
        run(LICENCES),
    ]
