"""What was checked of an applicant, by whom or what, when, and against which source."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Check(models.Model):
    """One check that is done by itself, and tried again until it could be done."""

    class State(models.TextChoices):
        WAITING = "waiting"
        GOOD = "good"
        LOOK = "look"  # somebody should look at it
        UNKNOWN = "unknown"  # says nothing either way
        FAILED = "failed"  # could not be done

    MOST_TRIES = 5

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="checks"
    )
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    code = models.CharField(max_length=30, blank=True)
    detail = models.JSONField(default=dict)
    source = models.CharField(max_length=120, blank=True)
    tries = models.SmallIntegerField(default=0)
    try_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application", "kind"], name="each_check_is_done_once"
            )
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(state="waiting"), name="checks_to_do")
        ]


class Confirmation(models.Model):
    """A dated fact somebody who vets answers for. Who this is, and whether they may practise, are
    two facts: a right name in a register is not the person who typed it."""

    class Fact(models.TextChoices):
        IDENTITY = "identity", _("Identity")
        PRACTICE = "practice", _("Right to practise")

    class How(models.TextChoices):
        WORKED = "worked", _("A referee worked with them")
        MAILBOX = "mailbox", _("The mailbox of their institution")
        MET = "met", _("Met in person")
        SHOWN = "shown", _("Showed a proof of identity")

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="confirmations"
    )
    fact = models.CharField(max_length=8, choices=Fact)
    how = models.CharField(max_length=7, choices=How, blank=True)  # of an identity
    source = models.CharField(max_length=160, blank=True)
    name_matches = models.BooleanField(null=True)  # of a right to practise, as the two below
    measures = models.BooleanField(null=True)
    status = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    second_by = models.ForeignKey("members.Profile", models.CASCADE, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("by")),
                name="nobody_signs_twice",
            ),
            models.CheckConstraint(
                condition=Q(fact="identity", name_matches=None, measures=None)
                | Q(fact="practice", name_matches__isnull=False, measures__isnull=False),
                name="each_fact_has_its_own_answers",
            ),
        ]
        indexes = [
            models.Index(
                fields=["circle", "application", "fact", "-id"], name="facts_of_an_application"
            )
        ]

    @property
    def needs_second(self) -> bool:
        """A name that differs or a measure is not for one person to judge. The same stands in
        kring_unsigned()."""
        return self.name_matches is False or self.measures is True

    @property
    def waits_for_second(self) -> bool:
        return self.needs_second and self.second_by_id is None


class RegisterExtract(models.Model):
    """A register as its admins brought it, of one day. One a circle; a new one takes its place."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    dated = models.DateField()
    rows = models.IntegerField()
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class RegisterEntry(models.Model):
    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    extract = models.ForeignKey(
        RegisterExtract, models.CASCADE, db_constraint=False, related_name="entries"
    )
    number = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=80, blank=True)
    measures = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "extract", "number"], name="a_number_once_in_an_extract"
            )
        ]
