"""Those who are asked to apply: invitations, and the words of whoever vouches for an applicant."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kring.lib.ids import public_id


class How(models.TextChoices):
    """How somebody knows whom they vouch for."""

    WORKED = "worked", _("We worked or trained together")
    MET = "met", _("We have met")
    NAME = "name", _("By name only")


class Invitations(models.QuerySet):
    def open(self) -> "Invitations":
        return self.filter(state=Invitation.State.OPEN)


class Invitation(models.Model):
    """One member's signed words to one address: apply here. Never a way past the vetting.

    The inviter follows an application only when it was begun by this invitation, whose page says
    so; `application` names that one and no other.
    """

    class State(models.TextChoices):
        OPEN = "open"
        BEGUN = "begun"  # an application was begun by its link
        VETTING = "vetting"
        JOINED = "joined"
        NOT_JOINED = "not_joined"
        DECLINED = "declined"  # by the invitee: no, thank you
        EXPIRED = "expired"
        REVOKED = "revoked"

    RUNNING = ("open", "begun", "vetting")

    OPEN_AT_ONCE, IN_90_DAYS = 5, 10  # of a member; the trigger count_invitations keeps them
    DAYS, REMINDER_DAYS, ERASE_DAYS, FORGET_DAYS = 14, 7, 28, 90

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    link = models.OneToOneField("members.Link", models.PROTECT, related_name="+")
    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    inviter = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, null=True, db_constraint=False, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    address = models.EmailField(max_length=254, blank=True)
    address_key = models.CharField(max_length=43, blank=True)  # outlives the address, see FORGET
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, default="nl")
    how = models.CharField(max_length=6, choices=How)
    words = models.TextField(blank=True)
    answer = models.CharField(max_length=300, blank=True)  # of the invitee, to the inviter
    created_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = Invitations.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="invitation_address_once_in_a_circle"
            ),
            models.UniqueConstraint(
                F("circle"),
                F("inviter"),
                Lower("address"),
                condition=Q(state="open"),
                name="one_open_invitation_per_inviter_and_address",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "begun", "vetting"], ended_at=None) & ~Q(address="")
                | ~Q(state__in=["open", "begun", "vetting"]) & Q(ended_at__isnull=False),
                name="an_ended_invitation_has_its_date",
            ),
        ]
        indexes = [
            models.Index(fields=["circle", "-created_at", "-id"], name="invitations_of_a_circle"),
            models.Index(fields=["circle", "address_key"], name="invitations_of_an_address"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN and self.until > timezone.now()

    @property
    def until(self) -> datetime:
        """Until when the link in its letters opens anything."""
        return self.created_at + timedelta(days=self.DAYS)

    @property
    def may_remind(self) -> bool:
        """Its second and last letter may go earlier than by itself, from a day after the first."""
        a_day_ago = timezone.now() - timedelta(days=1)
        return self.is_open and self.reminded_at is None and self.created_at < a_day_ago


class Endorsement(models.Model):
    """The words of a member on an application, as they stood when they were attached to it.

    Whoever vouches does not vote. They may not know of it: invited by them, somebody may have
    applied without saying so.
    """

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "circles.Application", models.CASCADE, db_constraint=False, related_name="endorsements"
    )
    invitation = models.ForeignKey(
        Invitation, models.CASCADE, db_constraint=False, related_name="+"
    )
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    how = models.CharField(max_length=6, choices=How)
    words = models.TextField(blank=True)
    at = models.DateTimeField(db_default=models.functions.Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application", "by"],
                name="one_endorsement_per_member_and_application",
            )
        ]
