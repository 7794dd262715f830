"""The digest: when somebody wants it and which letters besides, and each issue that was made. Ids
and states, never text."""

from datetime import time

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DigestPlan(models.Model):
    """When and how one member wants the digest, which letters may come at once, and when none may.
    The cursor says up to where the digest has told."""

    class Every(models.TextChoices):
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")
        NEVER = "never", _("never")

    member = models.OneToOneField(
        "members.Member", models.CASCADE, primary_key=True, related_name="digest_plan"
    )
    link = models.OneToOneField("members.Link", models.PROTECT, related_name="+")  # unsubscribe
    every = models.CharField(max_length=5, choices=Every, default=Every.WEEK)
    weekday = models.SmallIntegerField(default=1)  # Monday is 0; Tuesday by default
    at = models.TimeField(default=time(7, 30))
    zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    paused_until = models.DateField(null=True)
    next_due_at = models.DateTimeField(null=True)
    # Kinds of letters at once that were chosen or stopped: {"answer_on_mine": false}.
    letters = models.JSONField(default=dict)
    quiet_from = models.TimeField(default=time(21, 0))  # the same time twice: no quiet hours
    quiet_until = models.TimeField(default=time(7, 30))
    quiet_weekends = models.BooleanField(default=False)
    cursor_xid = models.BigIntegerField(default=0)
    cursor_event = models.BigIntegerField(default=0)
    only_mine = models.BooleanField(default=False)  # nothing but what is for the member
    per_circle = models.BooleanField(default=False)  # one email for each circle
    # What a mail may show of a circle, where the member chose less than it allows, or that the
    # digest leaves it out: {"3": "counts", "7": "never"}.
    circles = models.JSONField(default=dict)
    # Circles whose own digest has told further than the cursor: {"3": [transaction, event]}.
    cursors = models.JSONField(default=dict)
    parts = models.JSONField(default=list)  # circles by the number in their unsubscribe link
    seen_at = models.DateTimeField(null=True)  # on the web last, as far as planning noticed

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__gte=0, weekday__lte=6), name="digest_has_a_weekday"
            ),
            models.CheckConstraint(
                condition=Q(every="never") | Q(next_due_at__isnull=False),
                name="a_wanted_digest_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["next_due_at"], name="digests_that_fall_due")]


class DigestIssue(models.Model):
    """One issue for one member: the ISO week of their zone, or one they asked for themselves."""

    class State(models.TextChoices):
        PLANNED = "planned"
        BUILT = "built"
        SENDING = "sending"
        SENT = "sent"
        SKIPPED = "skipped"
        FAILED = "failed"
        UNKNOWN = "unknown"

    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+")
    week = models.CharField(max_length=8)  # 2026-W48
    scope = models.BigIntegerField(default=0)  # 0: over all circles; else one circle's id
    asked = models.SmallIntegerField(default=0)  # 0: the week's own; else the n-th asked for
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    reason = models.CharField(max_length=20, blank=True)
    # [{"section", "circle", "kind", "question", "count", …}]: what it says, as ids and numbers
    items = models.JSONField(default=list)
    told = models.JSONField(null=True)  # the places of those that found a place in the mail
    lower_xid = models.BigIntegerField(default=0)
    upper_xid = models.BigIntegerField(default=0)
    upper_event = models.BigIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(db_default=models.functions.Now())
    built_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "week", "scope", "asked"], name="one_digest_per_member_and_week"
            )
        ]
