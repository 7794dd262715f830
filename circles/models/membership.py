"""Who belongs, in which role and state. All rights follow from these rows, at this moment."""

from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Whether the circle demands a second factor that whoever acts does not have.
IS_LOCKED = Func(F("circle_id"), function="kring_locked", output_field=BooleanField())


class Memberships(models.QuerySet):
    def seated(self) -> "Memberships":
        """Those who take a seat: whoever may still come back counts."""
        return self.exclude(
            state__in=[Membership.State.LEFT, Membership.State.REMOVED, Membership.State.LAPSED]
        )

    def listed(self) -> "Memberships":
        """Those who stand in the directory; a suspension is no news for colleagues."""
        return self.filter(state__in=Membership.LISTED)

    def reading(self) -> "Memberships":
        return self.filter(
            Q(circle__closes_at=None) | Q(circle__closes_at__gt=Now()),
            state__in=Membership.READS,
            circle__confirmed_at__isnull=False,
        )

    def living(self) -> "Memberships":
        """Those of circles in which something may happen still: none that is archived."""
        return self.reading().filter(circle__archived_at=None)

    def proposing(self) -> "Memberships":
        """Those of who proposed a circle, while no steward has confirmed it."""
        return self.filter(state=Membership.State.ACTIVE, circle__confirmed_at=None)

    def with_lock(self) -> "Memberships":
        """With `is_locked`: the circle demands a second factor first. As the member only."""
        return self.annotate(is_locked=IS_LOCKED)

    def unlocked(self) -> "Memberships":
        """Those whose circle lets in whoever acts, as they are."""
        return self.filter(~Q(IS_LOCKED))

    def deciding(self) -> "Memberships":
        """Those who vet: active vetters and admins."""
        return self.filter(state=Membership.State.ACTIVE, role__in=Membership.VETS)


class Membership(models.Model):
    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        VETTER = "vetter", _("vetter")
        ADMIN = "admin", _("admin")

    class State(models.TextChoices):
        PROBATION = "probation", _("probation")
        ACTIVE = "active", _("active")
        REVERIFY_DUE = "reverify_due", _("re-verification due")
        GRACE = "grace", _("grace")
        LAPSED = "lapsed", _("lapsed")
        PAUSED = "paused", _("paused")
        SUSPENDED = "suspended", _("suspended")
        LEFT = "left", _("left")
        REMOVED = "removed", _("removed")

    # The same lists stand in the functions kring_reads(), kring_writes(), kring_vets().
    READS = (State.PROBATION, State.ACTIVE, State.REVERIFY_DUE, State.GRACE)
    WRITES = (State.PROBATION, State.ACTIVE, State.REVERIFY_DUE)
    LISTED = (*READS, State.PAUSED)  # also in the policy of portraits, and in kring_checked()
    VETS = (Role.VETTER, Role.ADMIN)
    ENDED = (State.LEFT, State.REMOVED, State.LAPSED)

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="memberships")
    # The person one may see; the account behind it is its owner's alone. Same id: member_id.
    member = models.ForeignKey("members.Profile", models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    state = models.CharField(max_length=12, choices=State, default=State.PROBATION)
    since = models.DateTimeField(default=timezone.now)
    # A trigger writes the next two with the state; nobody else may.
    moved_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    back_on = models.DateField(null=True)  # of a pause: its last day
    verified_at = models.DateTimeField(db_default=Now())  # identity and practice, both
    renewed_at = models.DateTimeField(db_default=Now())  # when one last said 'I stay'
    practising_at = models.DateTimeField(null=True)  # the member's own word on it

    objects = Memberships.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "member"], name="one_membership_per_circle"),
            models.CheckConstraint(
                condition=Q(state__in=["left", "removed", "lapsed"], ended_at__isnull=False)
                | (~Q(state__in=["left", "removed", "lapsed"]) & Q(ended_at=None)),
                name="an_ended_membership_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(state="paused", back_on__isnull=False)
                | (~Q(state="paused") & Q(back_on=None)),
                name="a_pause_has_its_end",
            ),
        ]
        indexes = [models.Index(fields=["member", "state"], name="memberships_of_a_member")]

    is_visiting = False  # unlike access.Visiting

    @property
    def is_archived(self) -> bool:
        """Whether its circle is read-only, as far as the circle came along; asks nothing."""
        circle = self._state.fields_cache.get("circle")
        return bool(circle and circle.__dict__.get("archived_at"))

    @property
    def writes(self) -> bool:
        return self.state in self.WRITES and not self.is_archived

    @property
    def vets(self) -> bool:
        return self.state == self.State.ACTIVE and self.role in self.VETS and not self.is_archived

    @property
    def administers(self) -> bool:
        return self.leads and not self.is_archived

    @property
    def leads(self) -> bool:
        """An admin, also of an archived circle, which only two of them open again."""
        return self.state == self.State.ACTIVE and self.role == self.Role.ADMIN

    @property
    def is_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def may_invite(self) -> bool:
        """Inviting is vouching: not in probation. The same stands in kring_invites()."""
        return self.state == self.State.ACTIVE and not self.is_archived
