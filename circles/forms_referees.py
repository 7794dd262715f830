"""The shape of naming a referee, and of what a referee answers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.forms import words_field
from circles.models import (
    How,
    Reference,
)
from kring.lib.forms import KringForm
from members.silence import plain


class RefereeForm(KringForm):
    """One referee: in a draft one of several, later in place of somebody."""

    name = forms.CharField(
        label=_("Their name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter their name.")},
    )
    address = forms.EmailField(
        label=_("Their email address at work"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter their email address."),
            "invalid": _("Enter an email address, like name@example.org."),
        },
    )
    relation = forms.CharField(
        label=_("How they know you"),
        max_length=160,
        help_text=_("For instance: trained me, Assen, 2012 to 2018."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say how they know you.")},
    )


class RefereeForms:
    """The referees of a draft: as many forms as the circle asks for, in their order."""

    def __init__(self, data, *, many: int, kept, own: str, draft: bool = False):
        start = {row.number: row for row in kept}
        self.forms = [
            self._form(data, number, start.get(number), draft) for number in range(1, many + 1)
        ]
        self.own = own

    @staticmethod
    def _form(data, number: int, row, draft: bool) -> RefereeForm:
        initial = row and {name: getattr(row, name) for name in RefereeForm.base_fields}
        form = RefereeForm(data, prefix=f"referee{number}", auto_id="id_%s", initial=initial or {})
        form.number = number
        for field in form.fields.values() if draft else ():
            field.required = False
        return form

    def is_valid(self) -> bool:
        """Each by itself; nobody twice, and nobody for themselves."""
        checked = [form.is_valid() for form in self.forms]  # each, also after a bad one
        sound = all(checked)
        seen = {plain(self.own): _("This is your own address.")}
        for form in self.forms:
            address = plain(form.cleaned_data.get("address", ""))
            if address in seen:
                form.add_error("address", seen[address])
                sound = False
            elif address:
                seen[address] = _("You named this address already. Name another person.")
        return sound

    def texts(self) -> list[dict[str, str]]:
        """What can be kept of each."""
        return [
            {name: form.cleaned_data.get(name, "") for name in form.fields} for form in self.forms
        ]

    def __iter__(self):
        return iter(self.forms)


class ReferenceForm(KringForm):
    """What a referee says."""

    how = forms.ChoiceField(
        label=_("What fits best?"),
        choices=How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you know them.")},
    )
    place = forms.CharField(
        label=_("Where and when"),
        max_length=200,
        required=False,
        help_text=_("For instance: the practice in Assen, 2012 to 2018. May be left empty."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    own_case = forms.ChoiceField(
        label=_("Would you take your own hard case to this colleague?"),
        choices=Reference.OwnCase.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you would do.")},
    )
    words = words_field(
        _("What else must the vetters know?"),
        "",
        required=False,
        help_text=_("May be left empty. The applicant never reads this."),
    )
    mine = forms.BooleanField(
        label=_("I fill this in myself and answer for what I write"),
        error_messages={"required": _("Without this we cannot use your answer.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].choice_hints = {
            How.NAME: _("Then it does not count. That is no judgement: they may name another."),
        }

    def texts(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "mine"}


class OutsideReferenceForm(ReferenceForm):
    """The same of somebody without an account, who says who they are."""

    name = forms.CharField(
        label=_("Your name as it stands in the register"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    register_number = forms.CharField(
        label=_("Your register number"),
        max_length=40,
        help_text=_("We only look whether name and number belong together."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter your register number.")},
    )
    field_order = ["how", "place", "own_case", "words", "name", "register_number", "mine"]
