"""What a circle asks at its door, what was answered, and the papers that were added."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kring.lib.ids import public_id


class DoorQuestions(models.QuerySet):
    def asked(self) -> "DoorQuestions":
        """What the form asks now, in its order."""
        return self.exclude(label="").order_by("position")


class DoorQuestion(models.Model):
    """A question of the circle's own; without words it is not asked. Every change of what is
    asked is a new version."""

    class Kind(models.TextChoices):
        TEXT = "text", _("a text")
        CHOICE = "choice", _("one of a few")
        YES_NO = "yes_no", _("yes or no")

    MOST = 5

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.TEXT)
    label = models.CharField(max_length=200, blank=True)
    help = models.CharField(max_length=300, blank=True)
    choices = models.JSONField(default=list)
    required = models.BooleanField(default=True)
    version = models.SmallIntegerField(default=1)

    objects = DoorQuestions.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "position"], name="questions_at_the_door_have_an_order"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=5), name="few_questions_at_the_door"
            ),
        ]


class DoorAnswer(models.Model):
    """What was answered, with the words and the version of what was asked."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="door_answers"
    )
    position = models.SmallIntegerField()
    version = models.SmallIntegerField()
    asked = models.CharField(max_length=200)
    value = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application", "position"], name="each_question_answered_once"
            )
        ]


class Papers(models.QuerySet):
    def kept(self) -> "Papers":
        return self.filter(erased_at=None).order_by("id")


class Paper(models.Model):
    """One file an applicant added: cleaned when it came, read by vetters, erased by the clock."""

    class Kind(models.TextChoices):
        IMAGE = "jpg", _("image")
        PDF = "pdf", _("PDF")

    MOST = 4
    MOST_BYTES = 10 * 1024**2

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="papers"
    )
    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    kind = models.CharField(max_length=3, choices=Kind)
    what = models.CharField(max_length=80, blank=True)
    size = models.IntegerField()  # bytes, as kept
    added_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True)

    objects = Papers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="paper_address_once_in_a_circle"
            )
        ]
