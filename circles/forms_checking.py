"""The shape of what vetters confirm and of what an admin gives to check against."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.models import (
    Confirmation,
)
from kring.lib.forms import KringForm


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
