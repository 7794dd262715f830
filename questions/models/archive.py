"""People who wrote in an archive that was moved in. They have no account and get no mail."""

from django.db import models


class ImportedAuthor(models.Model):
    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    archive = models.CharField(max_length=80)  # such as ai.stackexchange.com
    key = models.CharField(max_length=40)  # their number or name in that archive
    name = models.CharField(max_length=120)
    url = models.URLField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "archive", "key"], name="imported_author_once_in_a_circle"
            )
        ]
