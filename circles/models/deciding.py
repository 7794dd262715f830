"""Around the votes: notes among those who vet, deciders whom a steward appointed, an appeal, an
objection of a member."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models.admission import Application
from kring.lib.ids import public_id


class OfApplication(models.Model):
    """A row that belongs to one application. Abstract."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, models.CASCADE, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Note(OfApplication):
    """What somebody who vets leaves for the others; they read it after their own vote."""

    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    text = models.TextField()


class Decider(OfApplication):
    """Somebody whom a steward appointed, because too few are left who may vote."""

    class Stage(models.TextChoices):
        REVIEW = "review"
        APPEALED = "appealed"

    member = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    stage = models.CharField(max_length=8, choices=Stage)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application", "member", "stage"], name="appointed_once"
            )
        ]


class Appeal(OfApplication):
    """What an applicant says against a refusal; only whoever decides on it reads it."""

    words = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "application"], name="one_appeal")
        ]


class Objection(OfApplication):
    """What a member has against somebody who is admitted in principle; the admins read it."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("The vetters look at it once more")
        DISMISSED = "dismissed", _("No reason to look once more")

    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    words = models.TextField()
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    note = models.TextField(blank=True)
    settled_by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="objection_address_once_in_a_circle"
            ),
            models.UniqueConstraint(
                fields=["circle", "application", "by"],
                condition=Q(settled_at=None),
                name="one_open_objection_a_member",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None)
                | Q(outcome__in=["upheld", "dismissed"], settled_at__isnull=False),
                name="a_settled_objection_has_its_outcome",
            ),
        ]
