"""Those at the door: applications, the moves they made, the votes on them."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kring.lib.ids import public_id

# Whether the acting member may vote on an application; the database answers.
MAY_VOTE = Func(F("id"), function="kring_may_vote", output_field=BooleanField())


class Applications(models.QuerySet):
    def on_the_desk(self) -> "Applications":
        """What vetters see: everything proven and not ended, oldest promise first."""
        return self.filter(state__in=Application.ON_THE_DESK).order_by("review_since", "id")

    def awaiting_vote_of(self, member_id: int) -> "Applications":
        """What one vetter is asked for: in review, theirs to vote on, and not voted on yet."""
        voted = Vote.objects.filter(
            application_id=models.OuterRef("id"),
            voter_id=member_id,
            at__gte=models.OuterRef("review_since"),
        )
        return self.filter(~models.Exists(voted), MAY_VOTE, state__in=Application.DECIDING)

    def running(self) -> "Applications":
        """Sent in, proven and not ended."""
        return self.filter(state__in=Application.RUNNING)

    def cooling_off(self) -> "Applications":
        """Refused a short while ago, or set aside. The same stands in kring_too_early()."""
        now = timezone.now()
        return self.filter(
            Q(state="declined", moved_at__gt=now - timedelta(days=90))
            | Q(state="declined_final", moved_at__gt=now - timedelta(days=180))
            | Q(state="discarded")
        )


class Application(models.Model):
    """One person asking to be let into one circle."""

    class State(models.TextChoices):
        DRAFT = "draft"
        EMAIL_PENDING = "email_pending"
        REFEREES = "referees"
        REVIEW = "review"
        INFO_REQUESTED = "info_requested"
        OBJECTION = "objection"
        WAITLISTED = "waitlisted"
        OFFERED = "offered"
        APPROVED = "approved"
        DECLINED = "declined"
        APPEALED = "appealed"
        DECLINED_FINAL = "declined_final"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"
        DISCARDED = "discarded"

    class Decline(models.TextChoices):
        NOT_SAME_PROFESSION = "not_same_profession", _("Not the same profession")
        CANNOT_CONFIRM_IDENTITY = "cannot_confirm_identity", _("Identity could not be confirmed")
        REFEREES_NOT_CONFIRMED = "referees_not_confirmed", _("References could not be confirmed")
        REGISTRATION_ISSUE = "registration_issue", _("A matter of the registration")
        OTHER = "other", _("Another reason")

    RUNNING = (
        "referees",
        "review",
        "info_requested",
        "objection",
        "waitlisted",
        "offered",
        "appealed",
    )
    ON_THE_DESK = RUNNING
    DECIDING = ("review", "appealed")  # people vote
    UNSEEN = ("draft", "email_pending")  # vetters see and hear nothing of these
    ENDED = ("approved", "declined", "declined_final", "withdrawn", "expired", "discarded")

    OFFER_DAYS, ANSWER_DAYS = 14, 14  # to take a seat, to answer a question
    APPEAL_DAYS = 21  # to file an appeal, and to decide it
    MOST_DAYS = 90  # from the proven address to a decision
    DEFAULTS = {"decide_days": 14, "erase_days": 28}  # of a draft, which has no policy yet

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="applications")
    link = models.OneToOneField("members.Link", models.PROTECT, related_name="+")
    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    member = models.ForeignKey("members.Member", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=14, choices=State, default=State.DRAFT)
    email = models.EmailField(max_length=254)
    # The keyed hash of the address: it stays, when the words are erased, until one may apply again.
    address_key = models.CharField(max_length=43, blank=True, default="", db_default="")
    register_key = models.CharField(max_length=43, blank=True, default="", db_default="")
    language = models.CharField(max_length=2, default="nl")
    name = models.CharField(max_length=120, blank=True)
    profession = models.CharField(max_length=160, blank=True)
    register_number = models.CharField(max_length=40, blank=True)
    brings = models.TextField(blank=True)
    seeks = models.TextField(blank=True)
    pledged_at = models.DateTimeField(null=True)
    policy = models.JSONField(default=dict)  # the circle's rules as they stood at submission
    decline_code = models.CharField(max_length=24, choices=Decline, blank=True)
    decline_text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    review_since = models.DateTimeField(null=True)
    decide_before = models.DateTimeField(null=True)
    stood_still = models.DurationField(default=timedelta, db_default=timedelta())  # of the clock
    moved_at = models.DateTimeField(default=timezone.now)

    objects = Applications.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="application_address_once_in_a_circle"
            ),
            models.UniqueConstraint(
                F("circle"),
                Lower("email"),
                condition=Q(
                    state__in=[
                        "referees",
                        "review",
                        "info_requested",
                        "objection",
                        "waitlisted",
                        "offered",
                        "appealed",
                    ]
                ),
                name="one_running_application_per_address",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["declined", "declined_final"])
                | (~Q(decline_code="") & ~Q(decline_text=""))
                | Q(email=""),  # erased since
                name="a_refusal_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "email_pending", "expired", "withdrawn"])
                | Q(proven_at__isnull=False),
                name="nobody_is_vetted_unproven",
            ),
        ]
        indexes = [
            models.Index(fields=["circle", "state"], name="applications_by_state"),
            models.Index(Lower("email"), name="applications_of_an_address"),
        ]

    @property
    def is_ended(self) -> bool:
        return self.state in self.ENDED

    def rule(self, name: str) -> int:
        """One of the circle's rules as they stood when this was sent in."""
        return self.policy.get(name, self.DEFAULTS[name])

    @property
    def days_to_decide(self) -> int:
        return self.APPEAL_DAYS if self.state == self.State.APPEALED else self.rule("decide_days")

    @property
    def first_promise(self) -> datetime | None:
        """The day by which the applicant was first promised a decision; it moves by the time the
        clock stood still."""
        if self.review_since is None:
            return None
        return self.review_since + timedelta(days=self.days_to_decide) + self.stood_still

    @property
    def offer_until(self) -> datetime | None:
        """Until when an offered seat is kept."""
        if self.state != self.State.OFFERED:
            return None
        return self.moved_at + timedelta(days=self.OFFER_DAYS)

    @property
    def is_deciding(self) -> bool:
        """People vote on it now."""
        return self.state in self.DECIDING

    @property
    def is_undecided(self) -> bool:
        """People vote on it, or will when the applicant has answered. The same stands in
        kring_judges()."""
        return self.is_deciding or self.state == self.State.INFO_REQUESTED

    @property
    def mark(self) -> str:
        """The state with its moment: another one says that somebody was first."""
        return f"{self.state}.{int(self.moved_at.timestamp())}"

    @property
    def reminded_on(self) -> datetime | None:
        """When an open question is asked once more."""
        return self._asked_plus(7)

    @property
    def answer_until(self) -> datetime | None:
        """Until when an open question can be answered."""
        return self._asked_plus(self.ANSWER_DAYS)

    def _asked_plus(self, days: int) -> datetime | None:
        if self.state != self.State.INFO_REQUESTED:
            return None
        return self.moved_at + timedelta(days=days)

    @property
    def objection_until(self) -> datetime | None:
        """Until when members may object."""
        if self.state != self.State.OBJECTION:
            return None
        return self.moved_at + timedelta(days=self.policy["objection_days"])

    @property
    def appeal_until(self) -> datetime | None:
        """Until when a refusal can be appealed."""
        if self.state != self.State.DECLINED:
            return None
        return self.moved_at + timedelta(days=self.APPEAL_DAYS)

    @property
    def may_appeal(self) -> bool:
        return self.appeal_until is not None and self.appeal_until > timezone.now()

    @property
    def again_from(self) -> datetime | None:
        """From when somebody who was refused may apply again. The same stands in
        kring_too_early()."""
        days = {self.State.DECLINED: 90, self.State.DECLINED_FINAL: 180}.get(self.state)
        return days and self.moved_at + timedelta(days=days)

    @property
    def erased_on(self) -> datetime | None:
        """When every word of an ended application is gone, after the last right has ended. Of an
        admitted member see papers_gone_on: how they are registered stays."""
        if not self.is_ended or self.state == self.State.APPROVED:
            return None
        return (self.appeal_until or self.moved_at) + timedelta(days=self.rule("erase_days"))

    @property
    def papers_gone_on(self) -> datetime:
        """When words and papers of somebody who takes the seat are gone, counted from their last
        move: the offer, later their becoming a member."""
        return self.moved_at + timedelta(days=self.rule("erase_days"))

    @property
    def is_late(self) -> bool:
        """That day has gone by without a decision."""
        return (
            self.state in self.DECIDING
            and self.first_promise is not None
            and self.first_promise < timezone.now()
        )


class Step(models.Model):
    """One move of an application: what the timeline and a late click tell."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, models.CASCADE, db_constraint=False, related_name="steps"
    )
    old = models.CharField(max_length=14)
    new = models.CharField(max_length=14)
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Vote(models.Model):
    class Choice(models.TextChoices):
        APPROVE = "approve", _("Admit")
        DECLINE = "decline", _("Refuse")
        ABSTAIN = "abstain", _("I abstain")
        RECUSE = "recuse", _("I am not free to vote")
        SPAM = "spam", _("This is spam")

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, models.CASCADE, db_constraint=False, related_name="votes"
    )
    voter = models.ForeignKey("members.Profile", models.CASCADE, related_name="+")
    choice = models.CharField(max_length=7, choices=Choice)
    sentence = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application", "voter"], name="one_vote_per_vetter"
            )
        ]


class Inquiry(models.Model):
    """One question of a vetter to the applicant, and the answer. While it is open the clock of the
    review stands still."""

    MOST = 5  # to one applicant; who knows no more by then decides

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, models.CASCADE, db_constraint=False, related_name="inquiries"
    )
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    question = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "application"],
                condition=Q(answered_at=None),
                name="one_open_inquiry",
            )
        ]
