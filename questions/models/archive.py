"""What is moved in: the people who wrote it, who have no account and get no mail; and the files
admins bring in the browser, while they are at it."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kring.lib.ids import public_id

PATIENCE = timedelta(seconds=5)


class ImportedAuthor(models.Model):
    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    archive = models.CharField(max_length=80)  # such as ai.stackexchange.com
    key = models.CharField(max_length=40)  # their number or name in that archive
    name = models.CharField(max_length=120)
    url = models.URLField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "archive", "key"], name="imported_author_once_in_a_circle"
            )
        ]


class ArchiveImport(models.Model):
    """One file an admin moves in: how far it is. What it says stands in `ImportFinding`."""

    class Kind(models.TextChoices):
        CSV = "csv"
        STACK_EXCHANGE = "stackexchange"
        MEMBERS = "members"

    class State(models.TextChoices):
        CHECKING = "checking", _("Looking what would come")
        CHECKED = "checked", _("This is what would come")  # an admin is to say yes
        MOVING = "moving", _("It is moving in")
        STOPPED = "stopped", _("Stopped half-way")  # by an admin; may go on
        FAILED = "failed", _("This went wrong on our side")  # may go on
        DONE = "done", _("Moved in")
        REFUSED = "refused", _("This file cannot be read")
        DISCARDED = "discarded", _("Dropped")
        EXPIRED = "expired", _("Nobody said yes within a day")

    WORKING = ("checking", "moving")
    WAITING = ("checked", "stopped", "failed")
    UNFINISHED = WORKING + WAITING

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    by = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    kind = models.CharField(max_length=13, choices=Kind)
    source = models.CharField(max_length=80, blank=True)  # where it comes from, as shown
    licence = models.CharField(max_length=60, blank=True)
    link = models.URLField(blank=True)
    words = models.TextField(blank=True)  # to people, where their row has none
    how = models.CharField(max_length=6, blank=True)
    file_name = models.CharField(max_length=100)
    size = models.BigIntegerField()  # bytes
    state = models.CharField(max_length=9, choices=State, default=State.CHECKING)
    counts = models.JSONField(default=dict)  # {"archive": {"question": 10, …}, "moved": …}
    passed = models.JSONField(default=dict)  # {"question": bundles that are behind us, …}
    total = models.IntegerField(default=0)  # texts
    done = models.IntegerField(default=0)
    # Whoever works on it holds it until then, and says so again with every bundle.
    holder = models.BigIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    state_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)  # its findings are gone

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="import_address_once_in_a_circle"
            ),
            models.UniqueConstraint(
                fields=["circle"],
                condition=models.Q(
                    state__in=["checking", "checked", "moving", "stopped", "failed"]
                ),
                name="one_import_at_a_time_in_a_circle",
            ),
        ]
        indexes = [models.Index(fields=["circle", "-created_at"], name="imports_of_a_circle")]

    @property
    def is_of_people(self) -> bool:
        return self.kind == self.Kind.MEMBERS

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    @property
    def waits_for_its_turn(self) -> bool:
        """Ordered a while ago, and nobody is at it (yet, or any more)."""
        now = timezone.now()
        held = self.held_until is not None and self.held_until > now
        return self.is_working and not held and self.state_at < now - PATIENCE


class ImportFinding(models.Model):
    """What the dry run found in a file: a row that cannot come, one that would, why none can."""

    class Kind(models.TextChoices):
        BAD = "bad"
        COMING = "coming"
        NOTE = "note"
        REFUSAL = "refusal"
        UNSENT = "unsent"  # what could not be sent after all

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    archive_import = models.ForeignKey(
        ArchiveImport, models.CASCADE, db_constraint=False, related_name="findings"
    )
    kind = models.CharField(max_length=7, choices=Kind)
    place = models.IntegerField()  # the how manieth of its kind; the same in a second dry run
    file = models.CharField(max_length=100, blank=True)
    line = models.IntegerField(default=0)
    text = models.CharField(max_length=600)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "archive_import", "kind", "place"], name="each_finding_once"
            )
        ]
