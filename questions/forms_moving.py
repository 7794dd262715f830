"""The shape of a file that is brought, and of what is said about it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from circles.forms_inviting import InvitationForm
from circles.models.invitation import How
from kring.lib.forms import KringForm
from kring.lib.uploads import was_too_large
from questions.models import ArchiveImport

K = ArchiveImport.Kind
MOST_BYTES = 100 * 1024**2


class FileForm(KringForm):
    """One file, with a sentence when it is too large."""

    file = forms.FileField(
        label=_("The file"),
        help_text=_("At most 100 MB. It is kept apart, seen by nobody, and gone within a day."),
        error_messages={
            "required": _("Choose the file."),
            "empty": _("This file is empty."),
        },
    )

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.too_large = request is not None and was_too_large(request)

    def clean(self):
        if self.too_large:
            self.errors.pop("file", None)
            self.add_error(
                "file", ValidationError(_("This file is larger than 100 MB. Cut it in parts."))
            )
        return super().clean()


class ImportForm(FileForm):
    """What was written elsewhere."""

    kind = forms.ChoiceField(
        label=_("What do you bring?"),
        choices=[
            (K.CSV, _("A list of questions and answers")),
            (K.STACK_EXCHANGE, _("The dump of a Stack Exchange site")),
        ],
        initial=K.CSV,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you bring.")},
    )
    source = forms.CharField(
        label=_("Where does it come from?"),
        help_text=_(
            "Stands with every text: “Mail list of the society, 2019 to 2024”. Of a Stack "
            "Exchange site its address, like ai.stackexchange.com."
        ),
        max_length=80,
        error_messages={"required": _("Say where it comes from.")},
    )
    licence = forms.CharField(
        label=_("Licence"),
        help_text=_("May be left empty. A dump says it itself."),
        max_length=60,
        required=False,
    )
    link = forms.URLField(
        label=_("Web address of the source"),
        help_text=_("May be left empty."),
        max_length=200,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Enter a web address, like https://example.org.")},
    )

    field_order = ["kind", "file"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choice_hints = {
            K.CSV: _("CSV, from any spreadsheet: a row a question, with its answer."),
            K.STACK_EXCHANGE: _(
                "A zip with Posts.xml, and Users.xml and Comments.xml if you can."
            ),
        }


class PeopleForm(FileForm):
    """Whom to invite, and the words for those rows that have none of their own."""

    KIND = K.MEMBERS
    kind = forms.ChoiceField(choices=[(KIND, KIND)], initial=KIND, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label=_("How do you know them?"),
        choices=How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you know them.")},
    )
    words = forms.CharField(
        label=_("Your words"),
        max_length=1000,
        help_text=_("For every row without words of its own. Invitee and vetters read them."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("This text is too long: at most 1,000 characters.")},
    )

    field_order = ["kind", "file", "how", "words"]

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if words and len(words) < InvitationForm.SHORTEST:
            raise ValidationError(_("A little more: at least 20 characters."))
        return words
