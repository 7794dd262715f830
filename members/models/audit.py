"""The audit: every act that touches access. Append-only: nobody but the owner of the tables can
change or remove a line."""

from django.db import models


class AuditEntry(models.Model):
    """One act: who did what to which row. Facts are ids and states, never content."""

    circle_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(
        "members.Profile", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    about = models.ForeignKey(
        "members.Profile", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        indexes = [models.Index(fields=["circle_id", "-id"], name="audit_of_a_circle")]
