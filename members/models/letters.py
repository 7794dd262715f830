"""The outbox, and the mailed links that letters carry. Ids only: no text waits here."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Link(models.Model):
    """What a mailed link opens. The link itself is derived from (purpose, id, version) and never
    stored: raising the version ends it, and a stolen database holds no working link."""

    purpose = models.CharField(max_length=30)
    version = models.SmallIntegerField(default=1)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )


class Letters(models.QuerySet):
    def waiting(self) -> "Letters":
        """Letters whose moment has come and that nobody else is holding."""
        now = timezone.now()
        return self.filter(
            Q(held_until=None) | Q(held_until__lte=now),
            state__in=[Letter.State.QUEUED, Letter.State.FAILED],
            due_at__lte=now,
        )

    def with_mailbox(self) -> "Letters":
        """With what the reader's account knows of its address: `mail_off`, `soft_weeks`."""
        return self.annotate(
            mail_off=F("member__mail_off_since"), soft_weeks=F("member__soft_weeks")
        )

    def dropped(self) -> "Letters":
        """Letters whose worker died between the first and the last word of the hand-over."""
        return self.filter(state=Letter.State.SENDING, held_until__lte=timezone.now())


class Letter(models.Model):
    """One mail to one reader about one row, written in the transaction of the act that causes it."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        SKIPPED = "skipped"
        FAILED = "failed"  # will be tried again
        DEAD = "dead"  # will not
        UNKNOWN = "unknown"  # the worker died during the hand-over

    kind = models.CharField(max_length=40)
    member = models.ForeignKey("members.Member", models.CASCADE, null=True, related_name="+")
    link = models.ForeignKey(Link, models.CASCADE, null=True, related_name="+")
    circle_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField()
    seq = models.IntegerField(default=0)
    # Ids of what it told, as it was handed over. Functions of the owner write letters too.
    tells = models.JSONField(default=list, db_default=[])
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    bounced = models.CharField(max_length=9, blank=True, default="", db_default="")
    # What the provider called it, as a keyed hash: by this its news finds the letter.
    handed_as = models.CharField(max_length=40, blank=True, default="", db_default="")
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    settled_at = models.DateTimeField(null=True)

    objects = Letters.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "member", "link", "subject_id", "seq"],
                name="a_letter_is_written_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False) ^ Q(link__isnull=False),
                name="a_letter_has_one_reader",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["queued", "failed", "sending"]),
                name="letters_to_bring",
            ),
            models.Index(
                fields=["settled_at"],
                condition=Q(settled_at__isnull=False),
                name="letters_settled",
            ),
            models.Index(
                fields=["handed_as"],
                condition=Q(handed_as__gt=""),
                name="letters_known_to_a_provider",
            ),
        ]
