"""The circle with its charter and its question form."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kring.lib.ids import public_id


class Language(models.TextChoices):
    NL = "nl", _("Dutch")
    EN = "en", _("English")


class Sensitivity(models.TextChoices):
    NORMAL = "normal", _("ordinary circle")
    SENSITIVE = "sensitive", _("sensitive circle")


class MailCeiling(models.TextChoices):
    """How much of a question a mail may say at most; a member may choose less."""

    COUNTS = "counts", _("numbers only")
    LINE = "line", _("the mail-safe line")
    TITLE = "title", _("the question in one sentence")


class Registry(models.TextChoices):
    """Which register an applicant is looked up in, and by whom."""

    NONE = "none", _("No register")
    MANUAL = "manual", _("A vetter looks it up")
    BIG = "big", _("The Dutch BIG register")


class Guard(models.TextChoices):
    """What the circle does when a text points at a person."""

    OFF = "off", _("Nothing is checked")
    ADVISE = "advise", _("It is shown once")
    CONFIRM = "confirm", _("The writer says why it stays")
    BLOCK = "block", _("What is certain is never posted")


# The least and the most of every number an admission goes by; the database keeps the same.
BOUNDS = {
    "required_referees": (0, 3),
    "approvals_needed": (1, 5),
    "declines_to_stop": (1, 5),
    "objection_days": (0, 30),
    "decide_days": (7, 28),
    "erase_days": (1, 28),
    "reverify_months": (6, 24),
}


class Charter(models.Model):
    """What is told before one joins. Abstract: the circle carries it, the guide shows it."""

    name = models.CharField(max_length=80)
    profession = models.CharField(max_length=120)
    purpose = models.TextField()
    belongs = models.TextField()
    commitment = models.JSONField(default=list)  # [{label, value, note}]
    hours_per_month = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    term_months = models.SmallIntegerField(default=12)
    cost_cents = models.IntegerField(default=0)  # per member and year
    cost_lines = models.JSONField(default=list)  # [{label, cents}], the yearly budget
    pledge = models.TextField()
    size_cap = models.SmallIntegerField(default=40)
    language = models.CharField(max_length=2, choices=Language, default=Language.NL)
    sensitivity = models.CharField(
        max_length=9, choices=Sensitivity, default=Sensitivity.SENSITIVE
    )

    class Meta:
        abstract = True

    @property
    def is_sensitive(self) -> bool:
        return self.sensitivity == Sensitivity.SENSITIVE

    @property
    def budget_cents(self) -> int:
        """What the circle costs in a year, all lines together."""
        return sum(line["cents"] for line in self.cost_lines)


class Circles(models.QuerySet):
    def proposed(self) -> "Circles":
        """Those that wait for a steward, oldest first."""
        return self.filter(confirmed_at=None, declined_at=None).order_by("founded_at", "id")


class Circle(Charter):
    """A closed circle. Its address is random; its name need not be unique and probes nothing.

    It begins as a proposal: until a steward has confirmed it, nobody reads or writes in it.
    """

    public_id = models.CharField(max_length=10, default=public_id, unique=True, editable=False)
    mail_alias = models.CharField(max_length=40, default="Kring A")
    mail_ceiling = models.CharField(max_length=6, choices=MailCeiling, default=MailCeiling.COUNTS)
    listed = models.BooleanField(default=False)
    required_referees = models.SmallIntegerField(default=2)
    outside_referees = models.BooleanField(default=True)
    approvals_needed = models.SmallIntegerField(default=2)
    declines_to_stop = models.SmallIntegerField(default=2)
    objection_days = models.SmallIntegerField(default=7)
    decide_days = models.SmallIntegerField(default=14)
    erase_days = models.SmallIntegerField(default=28)
    reverify_months = models.SmallIntegerField(default=12)
    registry = models.CharField(max_length=6, choices=Registry, default=Registry.NONE)
    mailbox_domains = models.JSONField(default=list, db_default=[])
    demands_second_factor = models.BooleanField(default=False, db_default=False)
    guard = models.CharField(
        max_length=7, choices=Guard, default=Guard.CONFIRM, db_default=Guard.CONFIRM
    )
    guard_words = models.JSONField(default=list, db_default=[])  # known as no person
    founded_at = models.DateTimeField(default=timezone.now)  # proposed, later confirmed
    list_when_confirmed = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)  # of an archived circle: its last day of reading
    declined_text = models.TextField(blank=True)
    decided_by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")

    objects = Circles.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(listed=False) | Q(confirmed_at__isnull=False),
                name="a_listed_circle_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_text="")
                | Q(declined_at__isnull=False, confirmed_at=None) & ~Q(declined_text=""),
                name="a_declined_circle_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None, closes_at=None)
                | Q(archived_at__isnull=False, closes_at__isnull=False, listed=False),
                name="an_archived_circle_has_its_last_day",
            ),
            models.CheckConstraint(
                condition=Q(size_cap__gte=3, size_cap__lte=150), name="circle_is_capped"
            ),
            models.CheckConstraint(
                condition=~Q(sensitivity="sensitive") | Q(mail_ceiling="counts"),
                name="sensitive_circle_mails_numbers_only",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": least, f"{name}__lte": most}),
                    name=f"{name}_within_bounds",
                )
                for name, (least, most) in BOUNDS.items()
            ),
            models.CheckConstraint(condition=Q(guard__in=Guard.values), name="guard_is_known"),
            models.CheckConstraint(
                condition=Q(registry__in=Registry.values), name="registry_is_known"
            ),
        ]

    @property
    def guards_by(self) -> str:
        """The rule of its privacy guard; a sensitive circle always blocks what is certain."""
        return Guard.BLOCK if self.is_sensitive else self.guard

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def is_archived(self) -> bool:
        """Read-only. The rights leave it out: kring_writes() and its like."""
        return self.archived_at is not None

    @property
    def is_declined(self) -> bool:
        return self.declined_at is not None


class Parameters(models.QuerySet):
    def asked(self) -> "Parameters":
        """The parameters a new question is asked for, in their order."""
        return self.filter(retired_at=None).order_by("position", "id")


class Parameter(models.Model):
    """One circumstance that belongs to a question in this profession."""

    class Kind(models.TextChoices):
        TEXT = "text", _("short text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        CHOICE = "choice", _("one from a list")
        CHOICES = "choices", _("several from a list")
        YES_NO = "yes_no", _("yes or no")

    circle = models.ForeignKey(Circle, models.CASCADE, related_name="parameters")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=7, choices=Kind)
    choices = models.JSONField(default=list, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    minimum = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    maximum = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    required = models.BooleanField(default=False)
    help = models.CharField(max_length=200, blank=True)
    position = models.SmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True)

    objects = Parameters.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "name"],
                condition=Q(retired_at=None),
                name="parameter_name_once_in_a_circle",
            ),
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(minimum__lte=F("maximum")),
                name="parameter_minimum_below_maximum",
            ),
        ]


class GuideEntries(models.QuerySet):
    def in_order(self) -> "GuideEntries":
        return self.order_by("name", "public_id")


class GuideEntry(Charter):
    """A listed circle as everybody may see it: charter columns and counts, no people."""

    public_id = models.CharField(max_length=10)
    members = models.IntegerField()
    seats_free = models.IntegerField()
    decided_in_days = models.IntegerField(null=True)  # the median; after five decisions
    required_referees = models.SmallIntegerField()
    decide_days = models.SmallIntegerField()
    objection_days = models.SmallIntegerField()
    erase_days = models.SmallIntegerField()

    objects = GuideEntries.as_manager()

    class Meta:
        managed = False
        db_table = "circles_guide"
