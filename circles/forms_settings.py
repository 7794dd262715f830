"""The shape of what a circle sets: its door, its rules, what it asks; and of proposing one."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from circles.forms import words_field
from circles.models import (
    DoorQuestion,
)
from circles.models.circle import BOUNDS, Registry
from kring.lib.forms import KringForm


class DoorQuestionForm(KringForm):
    """One of the questions a circle asks at its door."""

    label = forms.CharField(
        label=_("Question"),
        max_length=200,
        required=False,
        help_text=_("Leave it empty to ask nothing here."),
    )
    kind = forms.ChoiceField(
        label=_("Answered with"), choices=DoorQuestion.Kind.choices, initial="text"
    )
    choices = forms.CharField(
        label=_("To choose from"),
        max_length=1000,
        required=False,
        help_text=_("One on each line, for 'one of a few'."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    help = forms.CharField(label=_("Hint"), max_length=300, required=False)
    required = forms.BooleanField(label=_("Needs an answer"), required=False, initial=True)

    def clean_choices(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines())
        return list(dict.fromkeys(filter(None, lines)))

    def clean(self):
        given = super().clean()
        few = given.get("choices") or []
        if given.get("label") and given.get("kind") == DoorQuestion.Kind.CHOICE:
            if not 2 <= len(few) <= 12:
                self.add_error("choices", _("Give two to twelve to choose from, one on a line."))
            elif any(len(choice) > 120 for choice in few):
                self.add_error("choices", _("Each may have at most 120 characters."))
        return given


class DoorForm(KringForm):
    """What the circle asks at its door."""

    demand = forms.BooleanField(
        label=_("Members sign in with a second factor"),
        help_text=_("An authenticator app or a passkey, besides the password."),
        required=False,
    )


SEATS = (3, 150)  # as the database has it


def _number(label, **options) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, widget=widget, **options)


class AdmissionForm(KringForm):
    """How the circle admits, each rule within its bounds."""

    required_referees = _number(_("Referees"))
    approvals_needed = _number(_("Approvals that admit"))
    declines_to_stop = _number(_("Refusals that stop"))
    decide_days = _number(_("Days to decide"))
    objection_days = _number(_("Days for objections"))
    size_cap = _number(_("Seats in all"))
    reverify_months = _number(_("Months until checked again"))
    erase_days = _number(_("Days until papers are erased"))
    registry = forms.ChoiceField(
        label=_("Register"),
        choices=Registry.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    outside_referees = forms.BooleanField(
        label=_("A referee may come from outside the circle"),
        help_text=_("With a register number that is checked."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (least, most) in {**BOUNDS, "size_cap": SEATS}.items():
            field = self.fields[name]
            field.validators += [MinValueValidator(least), MaxValueValidator(most)]
            field.widget.attrs |= {"min": least, "max": most}
            said = _("Enter a number from %(least)d to %(most)d.") % {"least": least, "most": most}
            for kind in ("required", "invalid", "min_value", "max_value"):
                field.error_messages[kind] = said

    def numbers(self) -> list:
        """The fields that stand side by side, in their order."""
        return [self[name] for name in self.fields if name in BOUNDS or name == "size_cap"]


class ArchivingForm(KringForm):
    """Why the circle is archived, or opened again; its admins read it."""

    why = forms.CharField(
        label=_("Why"),
        max_length=500,
        help_text=_("At least 20 characters. The other admins read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Say why; the other admins read it."),
            "max_length": _("This text is too long: at most 500 characters."),
        },
    )


class ProposalForm(KringForm):
    """Why a circle is not confirmed; its proposers read it."""

    why = words_field(
        _("Why not"),
        _("Give a reason; those who propose the circle read it."),
        help_text=_("At least 20 characters. Those who propose the circle read it, nobody else."),
    )
