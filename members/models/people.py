"""The account (address, password) apart from the person (name, title), who may be seen."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac


class Members(BaseUserManager):
    def get_by_natural_key(self, email: str) -> "Member":
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **facts) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **facts)
        member.set_password(password)
        member.save(using=self._db)
        return member


class Member(AbstractBaseUser):
    """An account: the address and password with which somebody signs in."""

    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, default="nl")
    is_active = models.BooleanField(default=True)
    is_steward = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    # Counts up when everything that is signed in elsewhere must end.
    session_round = models.IntegerField(default=0, db_default=0)
    # Mail to this address does not arrive: since when, and why (hard, soft, complaint). Written by
    # kring_mail_fate() alone; another address begins anew, by a trigger.
    mail_off_since = models.DateTimeField(null=True)
    mail_off_why = models.CharField(max_length=9, blank=True, default="", db_default="")
    mail_works_since = models.DateTimeField(null=True)  # earlier letters say nothing any more
    soft_week = models.DateField(null=True)  # the Monday of the last week mail was given up in
    soft_weeks = models.SmallIntegerField(default=0, db_default=0)  # how many such weeks in a row

    USERNAME_FIELD = EMAIL_FIELD = "email"
    objects = Members()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
            models.CheckConstraint(
                condition=models.Q(language__in=["nl", "en"]), name="member_speaks_nl_or_en"
            ),
            models.CheckConstraint(
                condition=models.Q(mail_off_since__isnull=True, mail_off_why="")
                | models.Q(
                    mail_off_since__isnull=False, mail_off_why__in=["hard", "soft", "complaint"]
                ),
                name="mail_is_off_for_a_reason",
            ),
        ]

    # Django and allauth ask for these; rights come from memberships, never from here.
    @property
    def username(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What every session of this member carries: it ends with the password and the round."""
        known = f"{self.password}:{self.session_round}"
        return salted_hmac("members.session", known, secret=secret, algorithm="sha256").hexdigest()

    @property
    def masked_address(self) -> str:
        """The address as its owner knows it again and somebody beside them does not: a…@host."""
        name, _, host = self.email.rpartition("@")
        return f"{name[:1]}…@{host}"

    def __str__(self) -> str:
        return f"member {self.pk}"


class Profile(models.Model):
    """The person behind the job, visible to those who share a circle. Its key is the member's id,
    so whatever names a person in a circle points here, and never at the account."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="profile")
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=160, blank=True)
    about = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """The name one greets with: the first word that is not a title like 'dr.'."""
        words = [word for word in self.name.split() if not word.endswith(".")]
        return words[0] if words else self.name
