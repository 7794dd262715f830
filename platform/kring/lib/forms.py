"""The form every form of Kring is: text without what PostgreSQL cannot store or a page not show."""

import re

from django import forms
from django.http import HttpRequest

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Drop NUL bytes and lone surrogates."""
    return _UNSTORABLE.sub("", text)


SECRETS = ("csrfmiddlewaretoken", "next")


def typed_texts(request: HttpRequest) -> list[str]:
    """The texts of a form that could not be taken, to copy: without passwords and hidden things;
    the short ones are typed again."""
    return [
        value
        for name in request.POST
        if name not in SECRETS and "password" not in name
        for value in request.POST.getlist(name)
        if len(value) >= 40
    ]


class KringForm(forms.Form):
    """A form whose text fields give storable text, and to which a refusal can be added."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False  # the server's own sentences say what is missing
        if self.is_bound:
            self.data = self.data.copy()
            for name in self.data:
                values = self.data.getlist(name) if hasattr(self.data, "getlist") else None
                if values is not None:
                    self.data.setlist(name, [storable(value) for value in values])

    def take_back(self) -> None:
        """Become a form that nobody has sent yet, with what was typed in it."""
        typed = {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }  # asking self["body"] would make it remember what it was before
        self.is_bound, self.initial = False, {**self.initial, **typed}

    def refuse(self, refused) -> None:
        """Put the sentence of a Refused beside its field, or on top."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.sentence)
