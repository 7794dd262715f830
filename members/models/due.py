"""Timers as rows: what is to happen when. Swept in UTC; done once."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class DueRows(models.QuerySet):
    def waiting(self) -> "DueRows":
        return self.filter(done_at=None, due_at__lte=timezone.now())


class Due(models.Model):
    """One thing that falls due once, for one row of one kind."""

    circle_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    # As whom it is done, where only a member may touch the row; nobody: the house does it.
    member = models.ForeignKey("members.Member", models.CASCADE, null=True, related_name="+")
    seq = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = DueRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "seq"], name="each_thing_falls_due_once"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="what_falls_due")
        ]
