"""Closing a circle for good, and opening it again while that can be done: two admins each time."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Archivings(models.QuerySet):
    def open(self) -> "Archivings":
        """Those that wait for a second admin."""
        return self.filter(second_at=None, withdrawn_at=None)


class Archiving(models.Model):
    """One admin wants to archive the circle, or to open it again; a second one confirms."""

    class Kind(models.TextChoices):
        ARCHIVE = "archive", _("archive")
        REOPEN = "reopen", _("open again")

    DAYS = 90  # reading and exporting; then the circle closes
    PERIOD = timedelta(days=DAYS)

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    why = models.CharField(max_length=500)
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())
    second_by = models.ForeignKey("members.Profile", models.CASCADE, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = Archivings.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle"],
                condition=Q(second_at=None, withdrawn_at=None),
                name="one_open_archiving_per_circle",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False) & ~Q(second_by=F("by")),
                name="a_second_admin_archives",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["archive", "reopen"]), name="archiving_is_known"
            ),
        ]
