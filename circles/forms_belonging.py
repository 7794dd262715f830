"""The shape of what is typed about a membership: a pause, an answer, a role, a reason, a fact."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from circles import auditing
from circles.belonging import doors
from circles.forms import words_field
from circles.models import Confirmation, Membership, Renewal, Sanction
from kring.lib.forms import KringForm


class PauseForm(KringForm):
    until = forms.DateField(
        label=_("Away up to and including"),
        help_text=_("Half a year at most. You may come back earlier, at any moment."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the last day of your pause."),
            "invalid": _("Choose a day, like 2027-01-31."),
        },
    )


class RenewalForm(KringForm):
    """Stay, pause or leave; and whether the year was worth it."""

    worth = forms.ChoiceField(
        label=_("Was it worth it?"),
        choices=Renewal.Worth.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("For you alone: nobody else reads it."),
    )
    choice = forms.ChoiceField(
        label=_("The coming term"),
        choices=Renewal.Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you do.")},
    )
    until = forms.DateField(
        label=_("When you pause: up to and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Choose a day, like 2027-01-31.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["choice"].choice_hints = {
            "stay": _("For another term, with the same seat."),
            "pause": _("Half a year at most. Your seat stays yours."),
            "leave": _("At once. What you wrote stays yours."),
        }

    def clean(self):
        given = super().clean()
        pauses = given.get("choice") == Renewal.Choice.PAUSE
        if pauses and not given.get("until") and "until" not in self.errors:
            self.add_error("until", _("Choose the last day of your pause."))
        return given


class AnswerSuspensionForm(KringForm):
    """What a suspended member says to it."""

    words = words_field(
        _("Your answer"),
        _("Write your answer."),
        help_text=_("All admins of the circle read it. You answer once."),
    )


class RoleForm(KringForm):
    """The role an admin gives somebody else."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choice_hints = {
            "member": _("Asks, answers, invites."),
            "vetter": _("Also looks at applications and votes."),
            "admin": _(
                "Also sets up the circle and looks after its people. Only they can lay it down."
            ),
        }


class SanctionForm(KringForm):
    """Why a member is suspended or removed."""

    code = forms.ChoiceField(
        label=_("Reason"),
        choices=Sanction.Code.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    why = words_field(
        _("What the member reads"),
        _("Write what the member reads."),
        help_text=_(
            "At least 20 characters: what happened, and when. The other admins read it too."
        ),
    )


class IdentityFactForm(KringForm):
    how = forms.ChoiceField(
        label=_("How do you know who this is?"),
        choices=Confirmation.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you know.")},
    )


class PracticeFactForm(KringForm):
    source = forms.CharField(
        label=_("Where did you look?"),
        max_length=160,
        help_text=_(
            "The register or the institution, with the date: 'BIG register, 22 November'."
        ),
        error_messages={"required": _("Say where you looked.")},
    )


class AdminForm(KringForm):
    """Whom a steward asks to become admin."""

    member = forms.TypedChoiceField(
        label=_("Whom do you ask?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose somebody."),
            "invalid_choice": _("They cannot be asked any more. Choose somebody else."),
        },
    )

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        field.choices = [(one.member_id, one.name) for one in candidates]
        field.choice_hints = {str(one.member_id): one.place for one in candidates}


class AuditFilter(forms.Form):
    """What the audit shows. Never refuses: what it does not know, it leaves out."""

    kind = forms.ChoiceField(label=_("What"), required=False)
    person = forms.ChoiceField(label=_("Who"), required=False)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.ids = {doors.name_in_address(one): one.member_id for one in people}
        kinds = [(name, label) for name, (label, _acts) in auditing.KINDS.items()]
        self.fields["kind"].choices = [("", _("All")), *kinds]
        named = [(doors.name_in_address(one), one.member.name) for one in people]
        self.fields["person"].choices = [("", _("All")), *named]

    def chosen(self) -> dict:
        self.is_valid()
        given = self.cleaned_data if self.is_bound else {}
        return {"kind": given.get("kind", ""), "person": self.ids.get(given.get("person", ""))}

    def as_query(self) -> str:
        given = self.cleaned_data if self.is_bound else {}
        return urlencode({name: value for name, value in given.items() if value})
