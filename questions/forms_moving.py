"""The shape of a file that is brought, and of what is said about it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kring.lib.forms import KringForm
from kring.lib.uploads import was_too_large
from questions.models import ArchiveImport

K = ArchiveImport.Kind
MOST_MEGABYTES = 100
MOST_BYTES = MOST_MEGABYTES * 1024**2


class ImportForm(KringForm):
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
    file = forms.FileField(
        label=_("The file"),
        help_text=_("At most 100 MB. It is kept apart, seen by nobody, and gone within a day."),
        error_messages={
            "required": _("Choose the file."),
            "empty": _("This file is empty."),
        },
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

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.too_large = request is not None and was_too_large(request)
        self.fields["kind"].choice_hints = {
            K.CSV: _("CSV, from any spreadsheet: a row a question, with its answer."),
            K.STACK_EXCHANGE: _(
                "A zip with Posts.xml, and Users.xml and Comments.xml if you can."
            ),
        }

    def clean(self):
        if self.too_large:
            self.errors.pop("file", None)
            self.add_error(
                "file", ValidationError(_("This file is larger than 100 MB. Cut it in parts."))
            )
        return super().clean()
