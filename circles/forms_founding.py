"""The shape of a proposal, step by step. A draft keeps all that fits, also when something else is
missing."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from circles.forms_settings import AdmissionForm
from circles.models import Parameter
from circles.models.circle import Guard, Language, Sensitivity
from circles.proposing import starting_points
from kring.lib.forms import KringForm
from members.models import Member

PROMISES = 4  # lines of a commitment
MOST_PARAMETERS = 12


class Amount(forms.CharField):
    """A number with a comma or a point, within bounds."""

    def __init__(self, *, least=None, most=None, **kwargs):
        self.least, self.most = least, most
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_length=15, **kwargs)

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        try:
            number = Decimal(typed.replace(",", "."))
        except InvalidOperation:
            number = None
        inside = number is not None and number.is_finite()
        inside = inside and (self.least is None or number >= self.least)
        inside = inside and (self.most is None or number <= self.most)
        if not inside:
            raise forms.ValidationError(self._sentence())
        return int(number) if number == int(number) else float(number)

    def _sentence(self) -> str:
        if self.least is None or self.most is None:
            return gettext("Enter a number.")
        return gettext("Enter a number from %(least)s to %(most)s.") % {
            "least": self.least,
            "most": self.most,
        }


class StartForm(KringForm):
    """What a proposal begins with."""

    start = forms.ChoiceField(
        label=_("Begin with"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what to begin with.")},
    )
    text_language = forms.ChoiceField(
        label=_("Language of the circle"), choices=Language.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args, language: str, **kwargs):
        super().__init__(*args, **kwargs)
        points = starting_points.every(language).values()
        self.fields["start"].choices = [(point.name, point.called) for point in points]
        self.fields["start"].choice_hints = {point.name: point.hint for point in points}


def _text(label, needed, most, rows=0, **options) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    too_long = _("This text is too long: at most %(limit_value)d characters.")
    return forms.CharField(
        label=label,
        max_length=most,
        widget=widget,
        error_messages={"required": needed, "max_length": too_long},
        **options,
    )


class _Drafted(KringForm):
    def __init__(self, *args, draft: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values() if draft else ():
            field.required = False

    def fits(self) -> dict:
        """All that can be kept of what was typed."""
        self.is_valid()
        return dict(self.cleaned_data)


class CharterForm(_Drafted):
    """What the circle is for, and what it asks."""

    name = _text(
        _("Name of the circle"),
        _("Give the circle a name."),
        80,
        help_text=_("Short, as you would say it: 'Hand therapy South'."),
    )
    profession = _text(
        _("For which profession"),
        _("Say for which profession."),
        120,
        help_text=_("One line, with the field or region if that belongs to it."),
    )
    purpose = _text(
        _("Purpose"),
        _("Say what the circle is for."),
        2000,
        rows=3,
        help_text=_("What gets better outside the circle because you are in it? One sentence."),
    )
    belongs = _text(
        _("Who belongs"),
        _("Say who belongs."),
        2000,
        rows=3,
        help_text=_("So that somebody knows whether it is for them before they apply."),
    )
    pledge = _text(
        _("What we promise each other"),
        _("Say what members promise each other."),
        5000,
        rows=8,
        help_text=_("Everybody who comes in subscribes to this."),
    )
    sensitivity = forms.ChoiceField(
        label=_("How sensitive is it?"),
        choices=Sensitivity.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    hours_per_month = Amount(
        label=_("Hours a month"),
        least=0,
        most=200,
        required=False,
        help_text=_("May be left empty."),
    )
    term_months = forms.IntegerField(
        label=_("Term in months"),
        min_value=1,
        max_value=60,
        help_text=_("Then each says: stay or go."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            kind: _("Enter a number from 1 to 60.")
            for kind in ("required", "invalid", "min_value", "max_value")
        },
    )
    cost = Amount(
        label=_("Costs per member and year, in euros"),
        least=0,
        most=100_000,
        required=False,
        help_text=_("Leave it empty when there are none."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sensitivity"].choice_hints = {
            Sensitivity.NORMAL: _("Mails may say what a question is about."),
            Sensitivity.SENSITIVE: _(
                "For patients, clients or pupils. Mails tell numbers only, and what is certain to "
                "point at a person is never posted."
            ),
        }

    def fits(self) -> dict:
        kept = super().fits()
        if "cost" in kept:
            kept["cost_cents"] = round((kept.pop("cost") or 0) * 100)
        return {
            name: value for name, value in kept.items() if value is not None or _may_miss(name)
        }


def _may_miss(name: str) -> bool:
    return name == "hours_per_month"


class PromiseForm(_Drafted):
    """One line of the commitment."""

    label = _text(_("What"), _("Say what is promised."), 60, required=False)
    value = _text(_("How much"), _("Say how much."), 60, required=False)
    note = _text(_("Note"), "", 120, required=False)

    def clean(self):
        given = super().clean()
        if bool(given.get("label")) != bool(given.get("value")):
            missing = "value" if given.get("label") else "label"
            self.add_error(missing, self.fields[missing].error_messages["required"])
        return given


class ParameterForm(_Drafted):
    """One circumstance a question is asked with."""

    name = _text(_("Name"), _("Give it a name."), 80)
    help = _text(_("Hint for whoever asks"), "", 200, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Parameter.Kind.choices)
    choices = forms.CharField(
        label=_("To choose from"),
        max_length=2000,
        required=False,
        help_text=_("One on each line, for lists only."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    unit = _text(_("Unit"), "", 20, required=False)
    minimum = Amount(label=_("From"), least=-999_999_999, most=999_999_999, required=False)
    maximum = Amount(
        label=_("Up to and including"), least=-999_999_999, most=999_999_999, required=False
    )
    required = forms.BooleanField(
        label=_("Needs an answer"),
        required=False,
        help_text=_("Without this nobody can answer well. A number may always be 'unknown'."),
    )

    def clean_choices(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines())
        return list(dict.fromkeys(filter(None, lines)))

    def clean(self):
        given = super().clean()
        few, kind = given.get("choices") or [], given.get("kind")
        if kind in (Parameter.Kind.CHOICE, Parameter.Kind.CHOICES) and not 2 <= len(few) <= 20:
            self.add_error("choices", _("Give two to twenty to choose from, one on a line."))
        elif any(len(choice) > 120 for choice in few):
            self.add_error("choices", _("Each may have at most 120 characters."))
        least, most = given.get("minimum"), given.get("maximum")
        if least is not None and most is not None and least > most:
            self.add_error("maximum", _("This is less than where it begins."))
        return given

    def row(self) -> dict:
        """The parameter as a proposal has it: what was typed, also where it is not right yet."""
        kept = self.fits()
        typed = {name: self.data.get(self.add_prefix(name), "") for name in self.fields}
        lines = typed["choices"].splitlines() if isinstance(typed["choices"], str) else []
        made = {
            "name": kept.get("name", typed["name"][:80]),
            "kind": kept.get("kind", Parameter.Kind.TEXT),
            "choices": kept.get("choices", [line.strip()[:200] for line in lines if line.strip()]),
            "unit": kept.get("unit", typed["unit"][:20]),
            "help": kept.get("help", typed["help"][:200]),
            "required": kept.get("required", False),
        }
        for name in ("minimum", "maximum"):
            value = kept.get(name, typed[name][:15])
            if value not in (None, ""):
                made[name] = value
        if made["kind"] not in (Parameter.Kind.CHOICE, Parameter.Kind.CHOICES):
            made["choices"] = kept.get("choices", made["choices"])
        return made


class RulesForm(AdmissionForm):
    """How the circle admits, and what its privacy guard does."""

    guard = forms.ChoiceField(
        label=_("When a text points at a person"),
        choices=Guard.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    listed = forms.BooleanField(
        label=_("Stands in the guide once it is open"),
        help_text=_(
            "Then everybody can read the charter and apply. Otherwise only who is invited."
        ),
        required=False,
    )


class AskForm(KringForm):
    """Whom one asks to found the circle too."""

    name = _text(
        _("Their name"),
        _("Enter their name."),
        120,
        required=False,
    )
    address = forms.EmailField(
        label=_("Their email address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Enter an email address, like name@example.org.")},
    )
    member = forms.TypedChoiceField(
        label=_("Or somebody from your circles"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args, companions=(), **kwargs):
        super().__init__(*args, **kwargs)
        people = [
            (row.member_id, f"{row.name}, {row.title}" if row.title else row.name)
            for row in companions
        ]
        self.fields["member"].choices = [("", _("Nobody")), *people]
        if not people:
            del self.fields["member"]

    def clean(self):
        given = super().clean()
        if self.errors or given.get("member"):
            return given
        if not given.get("name"):
            self.add_error("name", _("Enter their name."))
        if not given.get("address"):
            self.add_error("address", _("Enter their email address."))
        return given

    def whom(self) -> dict:
        given = self.cleaned_data
        if given.get("member"):
            return {"member_id": given["member"]}
        return {"name": given["name"], "address": given["address"]}


class AgreeForm(KringForm):
    """Yes, of somebody who has an account."""

    charter = forms.BooleanField(
        label=_("I subscribe to the charter and lead the circle with the others"),
        error_messages={"required": _("Without this you cannot found it too.")},
    )


class AgreeAnewForm(AgreeForm):
    """Yes, of somebody who has no account yet."""

    name = _text(
        _("Your name"),
        _("Enter your name."),
        120,
        help_text=_("As your colleagues know you."),
    )
    title = _text(_("Profession and place"), "", 160, required=False)
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("12 characters or more. A sentence is easier to remember than a word."),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )
    field_order = ["name", "title", "password", "charter"]

    def __init__(self, *args, address: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, user=Member(email=self.address))
        return password
