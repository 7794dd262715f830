"""What stands beside a membership: the dated facts it rests on, and what admins did against it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from circles.models.checking import Confirmation


class Fact(models.Model):
    """One of the two dated facts a membership rests on, and who answers for it. Never changed."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    membership = models.ForeignKey(
        "circles.Membership", models.CASCADE, db_constraint=False, related_name="facts"
    )
    fact = models.CharField(max_length=8, choices=Confirmation.Fact)
    how = models.CharField(max_length=7, choices=Confirmation.How, blank=True)  # of an identity
    source = models.CharField(max_length=160, blank=True)  # of a right to practise
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "circles_memberfact"
        indexes = [
            models.Index(
                fields=["circle", "membership", "fact", "-id"], name="facts_of_a_membership"
            )
        ]


class Sanctions(models.QuerySet):
    def open(self) -> "Sanctions":
        """Suspensions that hold."""
        return self.filter(kind=Sanction.Kind.SUSPENSION, ended_at=None)


class Sanction(models.Model):
    """A suspension or a removal: why, by whom, who signed it as the second, what its member says."""

    class Kind(models.TextChoices):
        SUSPENSION = "suspension", _("suspension")
        REMOVAL = "removal", _("removal")

    class Code(models.TextChoices):
        BREACH = "breach", _("Broke what was pledged")
        PRACTICE = "practice", _("No right to practise, or a measure in the register")
        ABSENT = "absent", _("Cannot be reached")
        OTHER = "other", _("Something else")

    SHORTEST = 20  # characters of a reason, at least
    CONFIRM_DAYS = 7

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    membership = models.ForeignKey(
        "circles.Membership", models.CASCADE, db_constraint=False, related_name="sanctions"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=8, choices=Code)
    why = models.TextField()
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())
    second_by = models.ForeignKey("members.Profile", models.CASCADE, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("members.Profile", models.CASCADE, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = Sanctions.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "membership"],
                condition=Q(kind="suspension", ended_at=None),
                name="one_suspension_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("by")),
                name="nobody_confirms_their_own_suspension",
            ),
        ]

    @property
    def is_confirmed(self) -> bool:
        return self.second_at is not None


class Renewal(models.Model):
    """What a member said at the end of a term. Read by that member alone."""

    class Choice(models.TextChoices):
        STAY = "stay", _("I stay")
        PAUSE = "pause", _("I pause")
        LEAVE = "leave", _("I leave")

    class Worth(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    membership = models.ForeignKey(
        "circles.Membership", models.CASCADE, db_constraint=False, related_name="renewals"
    )
    choice = models.CharField(max_length=5, choices=Choice)
    worth = models.CharField(max_length=6, choices=Worth, blank=True)
    at = models.DateTimeField(db_default=models.functions.Now())
