"""The shape of what is typed at the door of a circle. Who may do it is not asked here."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from circles.models import (
    Application,
    DoorQuestion,
)
from circles.models.circle import Language
from kring.lib.forms import KringForm
from members.models import Member

TEXTS = ("name", "profession", "register_number", "brings", "seeks")


class GuideFilter(forms.Form):
    """What the guide shows. Never refuses: what it does not know, it leaves out."""

    SEATS = [("", _("All")), ("free", _("Seats now")), ("full", _("Waiting list"))]
    q = forms.CharField(
        label=_("Search by profession or purpose"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    seats = forms.ChoiceField(label=_("Seats"), choices=SEATS, required=False)
    profession = forms.ChoiceField(label=_("Profession"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("All")), *Language.choices], required=False
    )

    def __init__(self, *args, professions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["profession"].choices = [("", _("All")), *((p, p) for p in professions)]

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "").replace("\x00", "") for name in self.fields}


class AddressForm(KringForm):
    email = forms.EmailField(
        label=_("Email address at work"),
        max_length=254,
        help_text=_("We mail you a link. Until you open it, nobody sees your application."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter an email address, like name@example.org."),
        },
    )


def words_field(label, needed, **options) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": needed,
            "max_length": _("This text is too long: at most 2,000 characters."),
        },
        **options,
    )


class ApplicationForm(KringForm):
    """An application. As a draft nothing is missing yet."""

    name = forms.CharField(
        label=_("Name as it stands in the register"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    profession = forms.CharField(
        label=_("Profession"),
        max_length=160,
        help_text=_("With your field and your place of work."),
        error_messages={"required": _("Enter your profession.")},
    )
    register_number = forms.CharField(
        label=_("Register number"),
        max_length=40,
        required=False,
        help_text=_(
            "May be left empty. The number is public and does not prove who you are; "
            "it helps the vetters to look you up."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    brings = words_field(
        _("What do you bring?"),
        _("Say what you bring."),
        help_text=_("Begin with giving: experience, figures, a protocol. Two or three sentences."),
    )
    seeks = words_field(_("What do you seek?"), _("Say what you seek."))
    pledge = forms.BooleanField(
        label=_("I subscribe to the charter and the commitment"),
        error_messages={"required": _("Without this a circle cannot admit you.")},
    )

    what = forms.CharField(
        label=_("What is it?"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Add a file"),
        required=False,
        help_text=_(
            "May be left empty. A diploma or a badge, as a picture or PDF of at most 10 MB. "
            "We take out what the camera and the editor wrote into it."
        ),
        error_messages={"empty": _("This file is empty.")},
    )

    def __init__(self, *args, draft: bool = False, questions=(), papers=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        if self.questions:
            del self.fields["brings"], self.fields["seeks"]
        if not papers:
            del self.fields["what"], self.fields["file"]
        for question in self.questions:
            self.fields[f"question{question.position}"] = _asked(question)
            self.initial[f"question{question.position}"] = question.value
        for field in self.fields.values() if draft else ():
            field.required = False

    def own_questions(self) -> list:
        """The fields of the circle's own questions."""
        return [self[f"question{question.position}"] for question in self.questions]

    def texts(self) -> dict[str, str]:
        """What can be kept: everything that fits, also when something else is missing."""
        return {name: self.cleaned_data[name] for name in TEXTS if name in self.cleaned_data}

    def answers(self) -> dict[int, str]:
        """The same of the circle's own questions, by their place."""
        names = {question.position: f"question{question.position}" for question in self.questions}
        return {
            position: self.cleaned_data[name]
            for position, name in names.items()
            if name in self.cleaned_data
        }


def _asked(question: DoorQuestion) -> forms.Field:
    """The field of a circle's own question."""
    told = {"label": question.label, "help_text": question.help, "required": question.required}
    needed = {"required": _("This question needs an answer.")}
    if question.kind == DoorQuestion.Kind.TEXT:
        return words_field(told.pop("label"), needed["required"], **told)
    choices = [(choice, choice) for choice in question.choices]
    if question.kind == DoorQuestion.Kind.YES_NO:
        choices = [("yes", _("Yes")), ("no", _("No"))]
    return forms.ChoiceField(
        **told, choices=choices, widget=forms.RadioSelect, error_messages=needed
    )


class AcceptForm(KringForm):
    """The last yes: to the charter, to silence about others, to the costs."""

    charter = forms.BooleanField(
        label=_("I subscribe to the charter and the commitment"),
        error_messages={"required": _("Without this you cannot become a member.")},
    )
    silence = forms.BooleanField(
        label=_("What I read in the circle stays in the circle"),
        error_messages={"required": _("Without this you cannot become a member.")},
    )
    costs = forms.BooleanField(
        label=_("I pay my share of the costs"),
        error_messages={"required": _("Without this you cannot become a member.")},
    )

    def __init__(self, *args, application: Application, **kwargs):
        super().__init__(*args, **kwargs)
        if not application.policy.get("cost_cents"):
            del self.fields["costs"]


class NewAccountForm(AcceptForm):
    """The last yes of somebody who has no account yet."""

    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("12 characters or more. A sentence is easier to remember than a word."),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )
    field_order = ["password", "charter", "silence", "costs"]

    def __init__(self, *args, application: Application, **kwargs):
        super().__init__(*args, application=application, **kwargs)
        self.application = application

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, user=Member(email=self.application.email))
        return password


class InquiryAnswerForm(KringForm):
    """What the applicant answers."""

    answer = words_field(_("Your answer"), _("Write your answer."))


class AppealForm(KringForm):
    """What was not seen well, in the words of whoever was refused."""

    words = words_field(
        _("What did we not see well?"),
        _("Say what we did not see well."),
        help_text=_("Only the people who judge the appeal read this."),
    )
