"""What is remembered so that nothing is lost, and nothing erased comes back: ids and moments."""

from django.db import models
from django.db.models import F, Q


class Erasure(models.Model):
    """One row whose words were erased, or one promise never to write to an address again. After a
    restore it is done once more."""

    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    key = models.CharField(max_length=43, blank=True)  # of a promise: the keyed hash it stands for
    at = models.DateTimeField(db_default=models.functions.Now())
    kept_at = models.DateTimeField(null=True)  # written outside the database as well

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "row_id"], name="a_row_is_erased_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(kept_at=None), name="erasures_to_keep_outside")
        ]


class Backups(models.QuerySet):
    def newest(self) -> "Backup | None":
        """The last backup that was made, here or where this database comes from."""
        return self.order_by("-made_at", "-id").first()

    def last_put_back(self) -> "Backup | None":
        return self.filter(restored_at__isnull=False).order_by("-restored_at").first()


class Backup(models.Model):
    """One backup that was made and read back. It says how much, never where it lies."""

    made_at = models.DateTimeField()
    read_back_at = models.DateTimeField()
    key_tried = models.BooleanField(default=False)  # opened with the key that is kept elsewhere
    size = models.BigIntegerField()  # bytes
    rows = models.BigIntegerField()
    files = models.BigIntegerField()
    restored_at = models.DateTimeField(null=True)

    objects = Backups.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(read_back_at__gte=F("made_at")), name="read_back_after_it_was_made"
            )
        ]
