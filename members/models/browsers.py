"""The browsers in which somebody has signed in. No address of the network, no key of a session."""

from datetime import timedelta

from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kring.lib.ids import public_id


class Browsers(models.QuerySet):
    def signed_in(self) -> "Browsers":
        """Those with a session that still runs, and its end as `until`."""
        session = models.Q(session__expire_date__gt=timezone.now())
        return self.filter(session).annotate(until=models.F("session__expire_date"))

    def forgotten(self) -> "Browsers":
        """Those not used for so long that they count as new again; never a member's last one,
        or their next sign-in would be the first, of which nobody is told."""
        newer = Browser.objects.filter(
            Q(used_at__gt=OuterRef("used_at"))
            | Q(used_at=OuterRef("used_at"), id__gt=OuterRef("id")),
            member_id=OuterRef("member_id"),
        )
        limit = timezone.now() - Browser.KEPT
        return self.filter(models.Exists(newer), session=None, used_at__lt=limit)


class Browser(models.Model):
    """One browser of one member: a print of the token it holds, and what it calls itself."""

    KEPT = timedelta(days=400)  # the longest a browser keeps a cookie

    public_id = models.CharField(max_length=10, default=public_id, unique=True, editable=False)
    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+")
    print = models.CharField(max_length=64)
    # The row of its session, by the print that stands there; emptied by PostgreSQL when that goes.
    session = models.ForeignKey(
        "sessions.Session", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    browser = models.CharField(max_length=20, blank=True)
    system = models.CharField(max_length=20, blank=True)
    first_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now)  # signed in here last

    objects = Browsers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "print"], name="a_browser_is_known_once"),
            models.UniqueConstraint(fields=["session"], name="a_session_is_in_one_browser"),
        ]

    @property
    def name(self) -> str:
        """What one calls it: Firefox on Windows."""
        known = {"browser": self.browser, "system": self.system}
        if self.browser and self.system:
            return _("%(browser)s on %(system)s") % known
        return self.browser or self.system or _("A browser that does not say which")
