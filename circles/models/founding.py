"""A circle in the making: what a member writes before a steward sees it, and who founds it too."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from circles.models.circle import Language
from kring.lib.ids import public_id


class Founding(models.Model):
    """A proposal while it is being written. Its lead's, and read by those they ask to join.

    `charter` and `parameters` stand as in a file of `manage.py propose_circle`, as far as they are
    written. With the proposal the circle takes over the name in the address.
    """

    class State(models.TextChoices):
        WRITING = "writing"
        PROPOSED = "proposed"
        DROPPED = "dropped"

    MOST_ASKED = 3  # at once; and twice as many in all
    FEWEST_ADMINS = 2

    lead = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    public_id = models.CharField(max_length=10, default=public_id, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.WRITING)
    start = models.CharField(max_length=20, blank=True)  # the starting point last chosen
    language = models.CharField(max_length=2, choices=Language, default=Language.NL)
    charter = models.JSONField(default=dict)
    parameters = models.JSONField(default=list)
    before = models.JSONField(null=True)  # what a starting point took the place of
    seen = models.JSONField(default=list)  # the steps that were saved without a fault
    circle = models.ForeignKey("circles.Circle", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=Q(state="writing"), name="one_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", circle__isnull=False)
                | ~Q(state="proposed") & Q(circle=None),
                name="a_proposal_has_its_circle",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.WRITING

    @property
    def name(self) -> str:
        return self.charter.get("name", "")

    @property
    def is_sensitive(self) -> bool:
        return self.charter.get("sensitivity") != "normal"


class Cofounders(models.QuerySet):
    def standing(self) -> "Cofounders":
        """Those who are asked or have agreed."""
        return self.filter(state__in=[Cofounder.State.ASKED, Cofounder.State.AGREED])


class Cofounder(models.Model):
    """Somebody asked to found a circle too: by their address, or as a member one knows."""

    class State(models.TextChoices):
        ASKED = "asked"
        AGREED = "agreed"
        DECLINED = "declined"
        DROPPED = "dropped"  # taken back by the lead

    DAYS, ERASE_DAYS = 30, 28

    founding = models.ForeignKey(Founding, models.CASCADE, related_name="cofounders")
    link = models.OneToOneField("members.Link", models.PROTECT, null=True, related_name="+")
    public_id = models.CharField(max_length=10, default=public_id, unique=True, editable=False)
    # Whom one chose by name; of somebody asked by address, once they have agreed.
    member = models.ForeignKey("members.Profile", models.CASCADE, null=True, related_name="+")
    is_chosen = models.BooleanField(default=False)  # by name, not by address
    name = models.CharField(max_length=120, blank=True)
    address = models.EmailField(max_length=254, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asks = models.SmallIntegerField(default=0)  # times asked once more, after a change of the text
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    objects = Cofounders.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_chosen=True, member__isnull=False, address="", link=None)
                | Q(is_chosen=False, link__isnull=False),
                name="a_cofounder_is_chosen_or_has_a_link",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None)
                | ~Q(state="asked") & Q(answered_at__isnull=False),
                name="an_answered_cofounder_has_the_date",
            ),
            models.UniqueConstraint(
                fields=["founding", "address"],
                condition=Q(state__in=["asked", "agreed"]) & ~Q(address=""),
                name="a_cofounder_is_asked_once",
            ),
            models.UniqueConstraint(
                fields=["founding", "member"],
                condition=Q(state__in=["asked", "agreed"], is_chosen=True),
                name="a_chosen_cofounder_is_asked_once",
            ),
        ]


class FirstHour(models.Model):
    """What the admins of a new circle did with it first, each once, as they said or did it."""

    class Step(models.TextChoices):
        BEGUN = "begun"  # with the confirmation
        CHARTER = "charter"  # read once more, and stood by
        FORM = "form"  # filled in as somebody who asks
        RULES = "rules"  # looked at, and left as they are
        CLOSED = "closed"  # the list is not wanted any more

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    step = models.CharField(max_length=8, choices=Step)
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "step"], name="a_first_step_is_done_once")
        ]
