"""The shape of what is typed: asking, answering, remarking, reporting an outcome."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django import forms
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from circles.models import Circle, Parameter
from kring.lib.forms import KringForm
from kring.lib.ids import public_id
from kring.lib.text import MAX_CHARACTERS
from questions.forms_guard import GuardedForm
from questions.models import Outcome, Question

WEEKS = [(2, _("2 weeks")), (6, _("6 weeks")), (12, _("12 weeks"))]


class NumberOrUnknown(forms.CharField):
    """A number with a comma or a point, or the word 'unknown'."""

    def __init__(self, *, minimum: Decimal | None, maximum: Decimal | None, **kwargs):
        self.minimum, self.maximum = minimum, maximum
        super().__init__(max_length=30, **kwargs)

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        if typed.lower() in {"unknown", "onbekend", gettext("unknown")}:
            return "unknown"
        try:
            number = Decimal(typed.replace(",", "."))
        except InvalidOperation:
            number = None
        low, high = self.minimum, self.maximum
        inside = number is not None and number.is_finite()
        inside = inside and (low is None or number >= low) and (high is None or number <= high)
        if not inside:
            raise forms.ValidationError(self._sentence())
        return f"{number.normalize():f}"

    def _sentence(self) -> str:
        low, high = (
            None if v is None else f"{v.normalize():f}" for v in (self.minimum, self.maximum)
        )
        if low is not None and high is not None:
            return gettext("Enter a number from %(low)s to %(high)s, or “unknown”.") % {
                "low": low,
                "high": high,
            }
        if low is not None:
            return gettext("Enter a number of at least %(low)s, or “unknown”.") % {"low": low}
        if high is not None:
            return gettext("Enter a number of at most %(high)s, or “unknown”.") % {"high": high}
        return gettext("Enter a number, or “unknown”.")


def parameter_field(parameter: Parameter) -> forms.Field:
    """Make the field that asks for one parameter of the circle."""
    label = f"{parameter.name} ({parameter.unit})" if parameter.unit else parameter.name
    optional = gettext("may be left empty")
    common = {
        "label": label if parameter.required else f"{label} · {optional}",
        "required": parameter.required,
        "help_text": parameter.help,
        "error_messages": {"required": _("This circle needs this to be able to answer.")},
    }
    choices = [(choice, choice) for choice in parameter.choices]
    match parameter.kind:
        case Parameter.Kind.NUMBER:
            return NumberOrUnknown(
                minimum=parameter.minimum,
                maximum=parameter.maximum,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                **common,
            )
        case Parameter.Kind.DATE:
            return forms.DateField(widget=_date_input(), **common)
        case Parameter.Kind.CHOICE:
            return forms.ChoiceField(choices=[("", gettext("Choose …")), *choices], **common)
        case Parameter.Kind.CHOICES:
            return forms.MultipleChoiceField(
                choices=choices, widget=forms.CheckboxSelectMultiple, **common
            )
        case Parameter.Kind.YES_NO:
            return forms.ChoiceField(
                choices=[("yes", pgettext("answer", "Yes")), ("no", pgettext("answer", "No"))],
                widget=forms.RadioSelect,
                **common,
            )
        case _:
            return forms.CharField(max_length=200, **common)


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def shown(parameter: Parameter, value) -> str:
    """Say a parameter's value as the question shows it."""
    if value == "unknown":
        return gettext("unknown")
    match parameter.kind:
        case Parameter.Kind.DATE:
            return date_format(date.fromisoformat(value), "j F Y")
        case Parameter.Kind.CHOICES:
            return ", ".join(value)
        case Parameter.Kind.YES_NO:
            return pgettext("answer", "Yes") if value == "yes" else pgettext("answer", "No")
        case Parameter.Kind.NUMBER if parameter.unit:
            return f"{value} {parameter.unit}"
        case _:
            return str(value)


class TextForm(GuardedForm):
    """One text in Markdown, sent once: the hidden number makes a second tap harmless."""

    drawn_once = ("body",)

    public_id = forms.RegexField(
        r"^[2-9bcdfghjkmnpqrstvwxyz]{10}$", widget=forms.HiddenInput, required=False
    )
    body = forms.CharField(
        label=_("Your answer"),
        max_length=MAX_CHARACTERS,
        help_text=_("Write what you would do, and when it does not hold. Markdown is welcome."),
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": _("Write something first."),
            "max_length": _("This text is too long: at most 30,000 characters and 1,500 lines."),
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["public_id"].initial = public_id()

    def clean_public_id(self) -> str:
        return self.cleaned_data["public_id"] or public_id()


class TryForm(KringForm):
    """The parameters of a circle alone, to try what it asks. Nothing of it is kept."""

    def __init__(self, *args, parameters: list[Parameter], **kwargs):
        super().__init__(*args, **kwargs)
        self.parameters = parameters
        for parameter in parameters:
            self.fields[f"p{parameter.pk}"] = parameter_field(parameter)

    def facts(self) -> list[tuple[str, str]]:
        """How it would read above a question."""
        given = ((p, self.cleaned_data.get(f"p{p.pk}")) for p in self.parameters)
        return [
            (p.name, shown(p, value.isoformat() if isinstance(value, date) else value))
            for p, value in given
            if value not in (None, "", [])
        ]


class CommentForm(GuardedForm):
    body = forms.CharField(
        label=_("Your remark"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write something first.")},
    )


class QuestionForm(TextForm):
    """A question with the parameters its circle chose."""

    title = forms.CharField(
        label=_("Your question in one sentence"),
        max_length=200,
        help_text=_("Name the dilemma, not the diagnosis. Ends with a question mark."),
        error_messages={"required": _("Put your question in one sentence.")},
    )
    mail_line = forms.CharField(
        label=_("Line for the mail"),
        max_length=60,
        required=False,
    )
    need = forms.ChoiceField(
        label=_("What do you need?"),
        choices=Question.Need.choices,
        initial=Question.Need.OPINION,
        widget=forms.RadioSelect,
    )
    needed_by = forms.DateField(
        label=_("Answer needed before"),
        help_text=_("May be left empty."),
        required=False,
        widget=_date_input(),
    )
    outcome_weeks = forms.TypedChoiceField(
        label=_("When will you report the outcome?"),
        choices=WEEKS,
        coerce=int,
        initial=6,
        widget=forms.RadioSelect,
    )
    tags = forms.CharField(
        label=_("Subjects"),
        help_text=_("At most five, with commas between. May be left empty."),
        max_length=200,
        required=False,
    )
    untraceable = forms.BooleanField(
        label=_("Nothing in this text can be traced to a person"),
        error_messages={"required": _("Confirm this first: names and dates give people away.")},
    )

    field_order = ["public_id", "title", "mail_line"]

    def __init__(self, *args, circle: Circle, parameters: list[Parameter], **kwargs):
        super().__init__(*args, **kwargs)
        self.circle, self.parameters = circle, parameters
        for parameter in parameters:
            self.fields[f"p{parameter.pk}"] = parameter_field(parameter)
        self.fields["body"].label = _("What is going on, and what did you try?")
        self.fields["body"].help_text = _("**bold**, a list with dashes, > for a quotation.")
        self.fields["mail_line"].help_text = (
            _("This circle is sensitive: mail carries numbers only. Shown after signing in.")
            if circle.is_sensitive
            else _("May be left empty. Nothing that could not stand on a postcard.")
        )
        if not circle.is_sensitive:
            del self.fields["untraceable"]

    def guarded_fields(self) -> tuple[str, ...]:
        words = (p for p in self.parameters if p.kind == Parameter.Kind.TEXT)
        return ("title", "mail_line", *(f"p{p.pk}" for p in words), "body", "tags")

    def parameter_fields(self) -> list:
        return [self[f"p{parameter.pk}"] for parameter in self.parameters]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_tags(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["tags"].split(",") if name.strip()]
        if len(names) > 5 or any(len(name) > 60 for name in names):
            raise forms.ValidationError(_("At most five subjects, each of at most 60 characters."))
        return names

    def clean_needed_by(self) -> date | None:
        day = self.cleaned_data["needed_by"]
        if day and day < date.today():
            raise forms.ValidationError(_("Choose a day from today on."))
        return day

    def answers(self) -> list[dict]:
        """The parameters as the question keeps them, whatever the circle asks for later; what they
        show is in the circle's own language."""
        with translation.override(self.circle.language):
            return self._kept()

    def _kept(self) -> list[dict]:
        kept = []
        for parameter in self.parameters:
            value = self.cleaned_data.get(f"p{parameter.pk}")
            if value in (None, "", []):
                continue
            value = value.isoformat() if isinstance(value, date) else value
            kept.append(
                {
                    "id": parameter.pk,
                    "name": parameter.name,
                    "unit": parameter.unit,
                    "value": value,
                    "shown": shown(parameter, value),
                }
            )
        return kept


def initial_of(question: Question) -> dict:
    """What the form shows when a question is changed."""
    given = {f"p{p['id']}": p["value"] for p in question.parameters}
    return {
        "title": question.title,
        "mail_line": question.mail_line,
        "body": question.body,
        "need": question.need,
        "needed_by": question.needed_by,
        "outcome_weeks": question.outcome_weeks,
        **given,
    }


class OutcomeForm(GuardedForm):
    helped = forms.ChoiceField(
        label=_("Did the advice help?"),
        choices=Outcome.Helped.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )
    body = forms.CharField(
        label=_("How did it turn out?"),
        help_text=_("Two sentences are enough."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SeenForm(KringForm):
    """The moment a page was made, as it says itself."""

    seen = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])


class FilterForm(forms.Form):
    """What a list shows. Never refuses: what it does not know, it leaves out."""

    STATES = [
        ("", _("All")),
        ("open", _("Open")),
        ("unanswered", _("Unanswered")),
        ("solved", _("Solved")),
        ("mine", _("Mine")),
    ]
    q = forms.CharField(label=_("Search in this circle"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
