"""The shape of what one says of oneself in a circle, and of looking for somebody there."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import Portrait
from kring.lib.forms import KringForm
from questions.forms_guard import GuardedForm

MOST_SHOWN = 8  # fields of others, beside one's own
LONGEST_AWAY = timedelta(days=366)


class PortraitForm(GuardedForm):
    guarded = ("expertise", "brings", "seeks")

    expertise = forms.CharField(
        label=_("Your fields"),
        help_text=_(
            "At most five, with commas between. A question that needs one of them may be passed "
            "on to you."
        ),
        max_length=300,
        required=False,
    )
    brings = forms.CharField(
        label=_("What do you bring?"),
        help_text=_("What you like to help with, and what you have seen often."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seeks = forms.CharField(
        label=_("What do you seek?"),
        help_text=_("What you come here for yourself. Said openly, others can offer it."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    welcomes = forms.TypedChoiceField(
        label=_("How many questions a week may come to you?"),
        choices=[(0, _("None")), *((n, str(n)) for n in range(1, Portrait.MOST_A_WEEK + 1))],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how many; none is an answer too.")},
    )
    away_until = forms.DateField(
        label=_("Not now, up to and including"),
        help_text=_("May stay empty. After that day you are open again by yourself."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Choose a day, like 2027-01-31.")},
    )

    def __init__(self, *args, known: list[str], **kwargs):
        """`known`: how the circle writes its fields, so that one word is written one way."""
        super().__init__(*args, **kwargs)
        self.known = known

    @classmethod
    def showing(cls, portrait: Portrait) -> dict:
        return {
            "expertise": ", ".join(portrait.expertise),
            "brings": portrait.brings,
            "seeks": portrait.seeks,
            "welcomes": portrait.welcomes,
            "away_until": portrait.away_until if portrait.is_away else None,
        }

    def known_in_short(self) -> str:
        return ", ".join(self.known[:MOST_SHOWN])

    def clean_expertise(self) -> list[str]:
        written = {name.casefold(): name for name in reversed(self.known)}
        named = {}
        for typed in self.cleaned_data["expertise"].replace(";", ",").split(","):
            if name := " ".join(typed.split()):
                named.setdefault(name.casefold(), written.get(name.casefold(), name))
        if len(named) > Portrait.MOST_FIELDS or any(len(name) > 60 for name in named.values()):
            raise forms.ValidationError(_("At most five fields, each of at most 60 characters."))
        return list(named.values())

    def clean_away_until(self) -> date | None:
        day, today = self.cleaned_data["away_until"], timezone.localdate()
        if day and day < today:
            raise forms.ValidationError(_("Choose a day from today on."))
        if day and day > today + LONGEST_AWAY:
            raise forms.ValidationError(_("Choose a day within a year."))
        return day


class DirectoryForm(KringForm):
    """Whom a list of people shows. Never refuses: what it does not know, it leaves out."""

    q = forms.CharField(label=_("Search by name or field"), required=False, max_length=100)
    field = forms.CharField(label=_("Field"), required=False, widget=forms.Select)
    room = forms.ChoiceField(
        label=_("Room"),
        choices=[("", _("All")), ("now", _("Welcomes questions now"))],
        required=False,
    )

    def __init__(self, *args, known: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["field"].widget.choices = [("", _("All")), *((name, name) for name in known)]

    def asked(self) -> dict:
        """What was understood of it."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "words": given.get("q", ""),
            "field": given.get("field", ""),
            "has_room": given.get("room") == "now",
        }
