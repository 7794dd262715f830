"""Those who say who an applicant is: referees as the applicant named them, and their references.

Two tables, because an applicant follows whether a referee could be reached, and never reads a word
of what they said.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models.invitation import How
from kring.lib.ids import public_id


class Referees(models.QuerySet):
    def named(self) -> "Referees":
        """Those with a name and an address, in the order they were named."""
        return self.exclude(address="").order_by("number")


class Referee(models.Model):
    """Somebody an applicant names. Of the answer it says only whether it could be confirmed."""

    class State(models.TextChoices):
        NAMED = "named"
        ASKED = "asked"
        CONFIRMED = "confirmed"
        UNCONFIRMED = "unconfirmed"  # no answer, no wish to, by name only: never which

    MOST_REPLACEMENTS = 2

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="referees"
    )
    number = models.SmallIntegerField()
    replaces = models.SmallIntegerField(null=True)  # the number of one who could not confirm
    name = models.CharField(max_length=120, blank=True)
    address = models.EmailField(max_length=254, blank=True)
    address_key = models.CharField(max_length=43, blank=True)
    relation = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=11, choices=State, default=State.NAMED)
    asked_at = models.DateTimeField(null=True)

    objects = Referees.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application", "number"], name="referees_have_an_order"
            ),
            models.UniqueConstraint(
                fields=["circle", "application", "replaces"], name="a_referee_is_replaced_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=6), name="few_referees_are_named"
            ),
        ]

    @property
    def until(self) -> datetime | None:
        """Until when an answer is awaited."""
        return self.asked_at and self.asked_at + timedelta(days=Reference.DAYS)


class References(models.QuerySet):
    def open(self) -> "References":
        return self.filter(answered_at=None, ended_at=None, until__gt=timezone.now())

    def counting(self) -> "References":
        """Answered by somebody who knows the applicant, not by name only."""
        return self.filter(answered_at__isnull=False).exclude(how=How.NAME)


class Reference(models.Model):
    """What one referee is asked and answers. That a member vouched stays when the words are gone."""

    class OwnCase(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNSURE = "unsure", _("I cannot judge that")

    DAYS, REMINDER_DAYS, TOLD_DAYS = 14, 5, 28
    ASKED_IN = ("referees", "review", "info_requested", "appealed")  # also in keep_reference
    OPEN_AT_ONCE = 3  # vouches of a member in one circle; the trigger keep_reference counts them

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="references"
    )
    referee = models.ForeignKey(
        Referee, models.CASCADE, db_constraint=False, related_name="references"
    )
    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    # Asked by a mailed link, or as a member of the circle, in the product.
    link = models.OneToOneField("members.Link", models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey("members.Profile", models.CASCADE, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # without an answer
    how = models.CharField(max_length=6, choices=How, blank=True)
    place = models.CharField(max_length=200, blank=True)  # where and when they worked together
    own_case = models.CharField(max_length=6, choices=OwnCase, blank=True)
    words = models.TextField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    register_number = models.CharField(max_length=40, blank=True)
    vouches = models.BooleanField(default=False)  # set by the database, with the answer

    objects = References.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "referee"], name="a_referee_is_asked_once"),
            models.UniqueConstraint(
                fields=["circle", "application", "member"],
                name="one_reference_per_member_and_application",
            ),
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="reference_address_once_in_a_circle"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False) ^ Q(link__isnull=False),
                name="a_reference_is_asked_one_way",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(ended_at=None),
                name="a_reference_ends_one_way",
            ),
        ]
        indexes = [models.Index(fields=["member", "vouches"], name="vouches_of_a_member")]

    @property
    def is_open(self) -> bool:
        return not (self.answered_at or self.ended_at) and self.until > timezone.now()
