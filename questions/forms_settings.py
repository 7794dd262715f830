"""The shape of what is typed on the settings page: who one is, and when the digest comes."""

from datetime import time
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from circles.models import Circle
from circles.models.circle import MailCeiling
from kring.lib.forms import KringForm
from questions.at_once.kinds import KINDS, wants
from questions.digests.ceilings import NEVER, steps_below
from questions.models import DigestPlan

HALF_HOURS = [time(half // 2, half % 2 * 30) for half in range(48)]
AREAS = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/",
    "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/",
)  # fmt: skip


def zones() -> list[tuple[str, str]]:
    """List the zones named after places, as the IANA list has them."""
    names = sorted(name for name in available_timezones() if name.startswith(AREAS))
    return [(name, name.replace("_", " ")) for name in [*names, "UTC"]]


def _half_hours(label) -> forms.TypedChoiceField:
    choices = [(f"{at:%H:%M}", f"{at:%H:%M}") for at in HALF_HOURS]
    return forms.TypedChoiceField(label=label, coerce=time.fromisoformat, choices=choices)


class ProfileForm(KringForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("As colleagues know you."),
        error_messages={"required": _("Say who you are.")},
    )
    title = forms.CharField(label=_("What you do, and where"), max_length=160, required=False)
    about = forms.CharField(
        label=_("Behind the job"),
        help_text=_("May stay empty. Something that stands in no register."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DigestForm(KringForm):
    every = forms.ChoiceField(
        label=_("How often"),
        choices=[
            (DigestPlan.Every.WEEK, _("Every week")),
            (DigestPlan.Every.MONTH, _("The first week of each month")),
            (DigestPlan.Every.NEVER, _("Never")),
        ],
    )
    weekday = forms.TypedChoiceField(label=_("Day"), coerce=int, choices=list(WEEKDAYS.items()))
    at = _half_hours(_("Time"))
    zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    paused_until = forms.DateField(
        label=_("Rest until"),
        help_text=_(
            "May be left empty. Nothing is lost: the next digest tells what came between."
        ),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date, such as 2026-12-24.")},
    )

    only_mine = forms.BooleanField(
        label=_("Only what is for me"),
        help_text=_(
            "Answers to you, outcomes you promised, applications that wait for your vote."
        ),
        required=False,
    )

    @classmethod
    def of(cls, plan: DigestPlan) -> "DigestForm":
        """Return the form as the plan stands."""
        return cls(
            initial={
                "every": plan.every,
                "only_mine": plan.only_mine,
                "weekday": plan.weekday,
                "at": f"{plan.at:%H:%M}",
                "zone": plan.zone,
                "paused_until": plan.paused_until,
            },
            auto_id="digest_%s",
        )

    def clean_paused_until(self):
        until = self.cleaned_data["paused_until"]
        if until and (until - timezone.localdate()).days > 366:
            raise forms.ValidationError(_("Choose a day within a year."))
        return until


class CirclesForm(KringForm):
    """What email may show of each circle: never more than the circle allows."""

    per_circle = forms.BooleanField(
        label=_("One email for each circle"),
        help_text=_("Otherwise one email tells of all your circles."),
        required=False,
    )

    def __init__(self, *args, plan: DigestPlan, circles: list[Circle], **kwargs):
        super().__init__(*args, auto_id="circles_%s", **kwargs)
        self.circles = circles
        self.fields["per_circle"].initial = plan.per_circle
        for circle in circles:
            *less, most = steps_below(circle)
            allowed = _("As the circle: %(what)s") % {"what": MailCeiling(most).label}
            self.fields[circle.public_id] = forms.ChoiceField(
                label=circle.name,
                choices=[
                    ("", allowed),
                    *(
                        (step, _("At most %(what)s") % {"what": MailCeiling(step).label})
                        for step in reversed(less)
                    ),
                    (NEVER, _("Not in the digest")),
                ],
                initial=plan.circles.get(str(circle.pk), ""),
                required=False,
            )

    def of_circles(self):
        """Give the fields of the circles."""
        return [self[circle.public_id] for circle in self.circles]

    def chosen(self) -> dict[int, str]:
        """Return what was chosen, by circle."""
        return {circle.pk: self.cleaned_data[circle.public_id] for circle in self.circles}


class LettersForm(KringForm):
    """What comes at once, besides the digest, and when nothing comes."""

    wanted = forms.MultipleChoiceField(
        label=_("Email me at once about"),
        choices=[(kind.name, kind.label) for kind in KINDS.values()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    wanted.choice_hints = {kind.name: kind.hint for kind in KINDS.values()}
    quiet_from = _half_hours(_("Quiet from"))
    quiet_until = _half_hours(_("Quiet until"))
    quiet_weekends = forms.BooleanField(label=_("Quiet in the weekend too"), required=False)

    @classmethod
    def of(cls, plan: DigestPlan) -> "LettersForm":
        """Return the form as the plan stands."""
        return cls(
            initial={
                "wanted": [kind.name for kind in KINDS.values() if wants(plan, kind)],
                "quiet_from": f"{plan.quiet_from:%H:%M}",
                "quiet_until": f"{plan.quiet_until:%H:%M}",
                "quiet_weekends": plan.quiet_weekends,
            },
            auto_id="letters_%s",
        )


class EraseForm(KringForm):
    """What happens to one's words, and that one is sure."""

    words = forms.ChoiceField(
        label=_("What you wrote"),
        choices=[
            ("leave", _("Leave it to the circles, as of a former member")),
            ("withdraw", _("Withdraw all of it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens to what you wrote.")},
    )
    sure = forms.BooleanField(
        label=_("I know that this cannot be undone"),
        error_messages={"required": _("Say that you know it cannot be undone.")},
    )
