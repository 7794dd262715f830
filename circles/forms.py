"""The shape of what is typed at the door of a circle. Who may do it is not asked here."""

import re

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from circles.models import (
    Application,
    Confirmation,
    DoorQuestion,
    How,
    Objection,
    Reference,
    Vote,
)
from circles.models.circle import BOUNDS, Language, Registry
from kring.lib.forms import KringForm
from members.models import Member
from members.silence import plain

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


def _words(label, needed, **options) -> forms.CharField:
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
    brings = _words(
        _("What do you bring?"),
        _("Say what you bring."),
        help_text=_("Begin with giving: experience, figures, a protocol. Two or three sentences."),
    )
    seeks = _words(_("What do you seek?"), _("Say what you seek."))
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
        return _words(told.pop("label"), needed["required"], **told)
    choices = [(choice, choice) for choice in question.choices]
    if question.kind == DoorQuestion.Kind.YES_NO:
        choices = [("yes", _("Yes")), ("no", _("No"))]
    return forms.ChoiceField(
        **told, choices=choices, widget=forms.RadioSelect, error_messages=needed
    )


class IdentityForm(KringForm):
    """Who an applicant is: how one knows, and from where."""

    how = forms.ChoiceField(
        label=_("How is it known?"),
        choices=Confirmation.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it is known.")},
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=160,
        help_text=_("Who said so, or what was seen. For instance: spoke to W. Oudshoorn."),
        error_messages={"required": _("Say from where.")},
    )


_YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class PracticeForm(KringForm):
    """Whether an applicant may practise, as a register says."""

    name_matches = forms.ChoiceField(
        label=_("Does the register name the same person?"),
        choices=_YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    measures = forms.ChoiceField(
        label=_("Does it show a measure?"),
        choices=_YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    status = forms.CharField(
        label=_("Status"),
        max_length=80,
        required=False,
        help_text=_("As the register has it. May be left empty."),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=160,
        help_text=_("The register, and how you looked."),
        error_messages={"required": _("Say from where.")},
    )

    def facts(self) -> dict:
        given = dict(self.cleaned_data)
        for name in ("name_matches", "measures"):
            given[name] = given[name] == "yes"
        return given


class DomainsForm(KringForm):
    """Of which domains only an institution gives mailboxes."""

    domains = forms.CharField(
        label=_("Domains of institutions"),
        max_length=4000,
        required=False,
        help_text=_("One on each line, for instance: hospital.example. No free mail providers."),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _("This list is too long.")},
    )

    def clean_domains(self) -> list[str]:
        lines = [line.strip().lower().lstrip("@") for line in self.cleaned_data["domains"].split()]
        for line in lines:
            if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", line):
                raise forms.ValidationError(
                    _("%(line)s is no domain, like hospital.example."), params={"line": line[:60]}
                )
        return sorted(set(lines))


class ExtractForm(KringForm):
    """A register as a file."""

    name = forms.CharField(
        label=_("Which register"),
        max_length=60,
        error_messages={"required": _("Say which register it is.")},
    )
    dated = forms.DateField(
        label=_("Of which day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("Say of which day it is."),
            "invalid": _("Enter a day."),
        },
    )
    file = forms.FileField(
        label=_("The file"),
        help_text=_("CSV of at most 4 MB, with the columns number, name, status, measures."),
        error_messages={"required": _("Choose the file."), "empty": _("This file is empty.")},
    )


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
    words = _words(
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


class ReasonForm(KringForm):
    """The reason an applicant reads; needed by the vote that refuses, and only by that one."""

    code = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose …")), *Application.Decline.choices],
        required=False,
    )
    text = _words(
        _("What the applicant reads"),
        "",
        required=False,
        help_text=_(
            "At least 20 characters. What a referee wrote never goes to the applicant. "
            "Not kept when yours is not the vote that refuses."
        ),
    )


class VoteForm(ReasonForm):
    choice = forms.ChoiceField(
        label=_("Your vote"),
        choices=Vote.Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you vote.")},
    )
    sentence = forms.CharField(
        label=_("One sentence why"),
        max_length=300,
        required=False,
        help_text=_("Only for your fellow vetters."),
    )
    field_order = ["choice", "sentence", "code", "text"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["choice"].choice_hints = {
            Vote.Choice.DECLINE: _("Asks for a reason that the applicant reads."),
            Vote.Choice.RECUSE: _("You are family, a partner or a competitor, for instance."),
        }

    def clean(self):
        given = super().clean()
        weighs = given.get("choice") in (Vote.Choice.APPROVE, Vote.Choice.DECLINE)
        if weighs and not given.get("sentence") and "sentence" not in self.errors:
            self.add_error("sentence", _("Say in one sentence why."))
        return given


class DecisionForm(ReasonForm):
    admit = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("yes", _("Admit")), ("no", _("Refuse"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you decide.")},
    )
    sentence = forms.CharField(
        label=_("Why, for your fellow vetters"),
        max_length=300,
        help_text=_("Takes the place of the sentence with your own vote."),
        error_messages={"required": _("Write down why.")},
    )
    field_order = ["admit", "sentence", "code", "text"]


class InquiryForm(KringForm):
    """What a vetter asks the applicant."""

    SHORTEST = 10
    question = _words(
        _("Your question"),
        _("Write the question."),
        help_text=_(
            "One question. The applicant reads it without your name. The clock stops until the "
            "answer is there; we send one reminder after 7 days."
        ),
    )

    def clean_question(self) -> str:
        question = self.cleaned_data["question"]
        if len(question) < self.SHORTEST:
            raise forms.ValidationError(_("A little more: at least 10 characters."))
        return question


class InquiryAnswerForm(KringForm):
    """What the applicant answers."""

    answer = _words(_("Your answer"), _("Write your answer."))


class NoteForm(KringForm):
    """A note among those who judge."""

    note = _words(
        _("Your note"),
        _("Write the note."),
        help_text=_("Only for whoever votes here, after their own vote. Never for the applicant."),
    )


class AppealForm(KringForm):
    """What was not seen well, in the words of whoever was refused."""

    words = _words(
        _("What did we not see well?"),
        _("Say what we did not see well."),
        help_text=_("Only the people who judge the appeal read this."),
    )


class ObjectionForm(KringForm):
    """What a member has against somebody who is admitted in principle."""

    words = _words(
        _("What should the admins know?"),
        _("Say what the admins should know."),
        help_text=_("Only the admins read this, with your name. The applicant never does."),
    )


class SettleForm(KringForm):
    """What an admin does with an objection."""

    outcome = forms.ChoiceField(
        label=_("What follows"),
        choices=Objection.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what follows.")},
    )
    note = _words(_("Why, for the admins"), _("Write down why."))


class AppointForm(KringForm):
    """Whom a steward asks to decide."""

    members = forms.TypedMultipleChoiceField(
        label=_("Whom do you ask?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose one or more."),
            "invalid_choice": _("One of them cannot be asked any more. Choose others."),
        },
    )

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        field.choices = [(one.member_id, one.name) for one in candidates]
        field.choice_hints = {str(one.member_id): one.place for one in candidates}


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


class ProposalForm(KringForm):
    """Why a circle is not confirmed; its proposers read it."""

    why = _words(
        _("Why not"),
        _("Give a reason; those who propose the circle read it."),
        help_text=_("At least 20 characters. Those who propose the circle read it, nobody else."),
    )
