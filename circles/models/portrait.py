"""What a member says of themselves in one circle. The name and the job stand in their profile."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone


class Portraits(models.QuerySet):
    def of(self, membership) -> "Portraits":
        return self.filter(circle_id=membership.circle_id, membership_id=membership.pk)


class Portrait(models.Model):
    """What colleagues may ask somebody here, what they seek, and how many requests a week reach
    them. Shown while its member is in the circle; afterwards it is theirs alone."""

    MOST_FIELDS = 5
    MOST_A_WEEK = 3

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    membership = models.OneToOneField(
        "circles.Membership", models.CASCADE, db_constraint=False, related_name="portrait"
    )
    expertise = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    brings = models.TextField(blank=True)
    seeks = models.TextField(blank=True)
    welcomes = models.SmallIntegerField(default=1, db_default=1)  # requests a week
    away_until = models.DateField(null=True)  # the last day without requests
    changed_at = models.DateTimeField(db_default=Now())

    objects = Portraits.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(welcomes__gte=0, welcomes__lte=3), name="a_week_holds_three_requests"
            ),
            models.CheckConstraint(
                condition=Q(expertise__len__lte=5), name="a_portrait_has_five_fields"
            ),
        ]

    @property
    def is_away(self) -> bool:
        return self.away_until is not None and self.away_until >= timezone.localdate()

    @property
    def is_blank(self) -> bool:
        return not (self.expertise or self.brings or self.seeks)
