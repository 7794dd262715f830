"""Traces: what happened (for the digest), what one has read, and what a question is about."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone


class Event(models.Model):
    """Something that happened in a circle. `xid` is the writing transaction: ids do not commit in
    order, so a window over (xid, id) misses no slow one."""

    class Kind(models.TextChoices):
        ASKED = "asked"
        ANSWERED = "answered"
        ACCEPTED = "accepted"
        OUTCOME = "outcome"
        REMARKED = "remarked"

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    by = models.ForeignKey("members.Member", models.SET_NULL, null=True, related_name="+")
    question = models.ForeignKey(
        "questions.Question", models.CASCADE, null=True, db_constraint=False, related_name="+"
    )
    answer = models.ForeignKey(
        "questions.Answer", models.CASCADE, null=True, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    xid = models.BigIntegerField(
        db_default=models.Func(
            template="(pg_current_xact_id()::text::bigint)", output_field=models.BigIntegerField()
        )
    )

    class Meta:
        indexes = [models.Index(fields=["circle", "xid", "id"], name="events_of_a_window")]


class Mark(models.Model):
    """What one member has read, and what they set aside. Seen by them alone."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+")
    question = models.ForeignKey(
        "questions.Question", models.CASCADE, db_constraint=False, related_name="marks"
    )
    read_at = models.DateTimeField(null=True)
    aside_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "member", "question"], name="one_mark_per_reader"
            )
        ]


class Tag(models.Model):
    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)
    mail_safe = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "name"], name="tag_once_in_a_circle")
        ]


class Tagging(models.Model):
    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    question = models.ForeignKey(
        "questions.Question", models.CASCADE, db_constraint=False, related_name="taggings"
    )
    tag = models.ForeignKey(Tag, models.CASCADE, db_constraint=False, related_name="taggings")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "question", "tag"], name="tag_once_on_a_question"
            )
        ]
        indexes = [models.Index(fields=["circle", "tag"], name="taggings_of_a_tag")]


def unread_by(member_id: int) -> Q:
    """Questions with something newer than this member's last look."""
    seen = Mark.objects.filter(
        circle_id=models.OuterRef("circle_id"),
        question_id=models.OuterRef("id"),
        member_id=member_id,
        read_at__gte=models.OuterRef("last_activity_at"),
    )
    return ~models.Exists(seen)


def tag_names() -> ArraySubquery:
    """The names of a question's tags, in the order in which they were given."""
    here = Tagging.objects.filter(circle_id=OuterRef("circle_id"), question_id=OuterRef("id"))
    return ArraySubquery(here.order_by("id").values("tag__name"))
