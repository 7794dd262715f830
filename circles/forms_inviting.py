"""The shape of an invitation and of the answer to one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.models import (
    How,
)
from circles.models.circle import Language
from kring.lib.forms import KringForm


class InvitationForm(KringForm):
    """Whom one invites, in one's own words."""

    SHORTEST = 20  # characters; "good surgeon" is no endorsement
    name = forms.CharField(
        label=_("Their name"),
        max_length=120,
        help_text=_("As you would greet them, with their title if they use one."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter their name.")},
    )
    address = forms.EmailField(
        label=_("Their email address at work"),
        max_length=254,
        help_text=_("The invitation is for this address only, and for one application."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter their email address."),
            "invalid": _("Enter an email address, like name@example.org."),
        },
    )
    how = forms.ChoiceField(
        label=_("How do you know them?"),
        choices=How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you know them.")},
    )
    words = forms.CharField(
        label=_("Your words"),
        max_length=1000,
        help_text=_(
            "Why they belong here, in a few sentences. They read it on the page behind the link, "
            "and the vetters read it with their application. It does not stand in the mail."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Say why they belong here."),
            "max_length": _("This text is too long: at most 1,000 characters."),
        },
    )
    language = forms.ChoiceField(
        label=_("Language of the letter"), choices=Language.choices, widget=forms.RadioSelect
    )
    field_order = ["name", "address", "how", "words", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].choice_hints = {
            How.NAME: _("You may, but it does not weigh as somebody's word for them."),
        }

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if len(words) < self.SHORTEST:
            raise forms.ValidationError(_("A little more: at least 20 characters."))
        return words


class AnswerForm(KringForm):
    """No, thank you; with a word or without."""

    answer = forms.CharField(
        label=_("A word to them"),
        max_length=300,
        required=False,
        help_text=_("May be left empty."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("This text is too long: at most 300 characters.")},
    )
