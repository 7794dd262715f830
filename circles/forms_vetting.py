"""The shape of what those who decide type: votes, decisions, questions, objections."""

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.forms import words_field
from circles.models import (
    Application,
    Objection,
    Vote,
)
from kring.lib.forms import KringForm


class ReasonForm(KringForm):
    """The reason an applicant reads; needed by the vote that refuses, and only by that one."""

    code = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose …")), *Application.Decline.choices],
        required=False,
    )
    text = words_field(
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

    def __init__(self, *args, is_appeal: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if is_appeal:
            self.fields["choice"].choices = [
                one for one in Vote.Choice.choices if one[0] != Vote.Choice.SPAM
            ]
        self.fields["choice"].choice_hints = {
            Vote.Choice.DECLINE: _("Asks for a reason that the applicant reads."),
            Vote.Choice.RECUSE: _("You are family, a partner or a competitor, for instance."),
            Vote.Choice.SPAM: _(
                "Nobody applies here: it is advertising, nonsense or abuse. When two say so it ends "
                "without a mail, and the sender cannot apply again."
            ),
        }

    def clean(self):
        given = super().clean()
        weighs = given.get("choice") in (
            Vote.Choice.APPROVE,
            Vote.Choice.DECLINE,
            Vote.Choice.SPAM,
        )
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
    question = words_field(
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


class NoteForm(KringForm):
    """A note among those who judge."""

    note = words_field(
        _("Your note"),
        _("Write the note."),
        help_text=_("Only for whoever votes here, after their own vote. Never for the applicant."),
    )


class ObjectionForm(KringForm):
    """What a member has against somebody who is admitted in principle."""

    words = words_field(
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
    note = words_field(_("Why, for the admins"), _("Write down why."))


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
