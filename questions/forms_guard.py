"""The privacy guard as part of a form: what was found stands above the button that posts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.models import Circle
from circles.models.circle import Guard
from kring.lib.forms import KringForm
from kring.lib.privacy.saying import KIND_NAMES
from members.models import Member
from questions import privacy
from questions.privacy import Reason

MARGIN = 60  # characters shown around a finding


class GuardedForm(KringForm):
    """A form whose texts are looked at before they are posted.

    `guarded_by()` says for which circle and writer; without it nothing is looked at. Then a text
    with something in it makes the form invalid until it is redacted or answered for.
    """

    guarded: tuple[str, ...] = ("body",)
    reasons = Reason.choices
    look: privacy.Look | None = None
    _circle: Circle | None = None
    _by: Member | None = None

    def guarded_by(self, circle: Circle, by: Member) -> "GuardedForm":
        """Look at the texts as this circle wants it; and redact, where a button asked for it."""
        self._circle, self._by = circle, by
        if self.is_bound and "redact" in self.data:
            self._redact(self.data["redact"])
            self.show_again()
        return self

    def show_again(self) -> None:
        """Show what was typed, with what was found in it, as a form nobody has sent yet."""
        self.take_back()
        self._look(self.initial)

    def guarded_fields(self) -> tuple[str, ...]:
        return self.guarded

    def clean(self):
        given = super().clean()
        if self._circle is None:
            return given
        self._look(self.data)
        said = self.look.question(seal=self._typed("guard_seal"), reason=self.reason())
        if said:
            self.add_error(None, said)
        return given

    def reason(self) -> str:
        return self._typed("guard_reason")

    def redacted(self) -> str:
        """The kinds redacted so far, as the form carries them along."""
        return self._typed("guard_redacted")

    def note(self) -> None:
        """Write down what was decided, once the text is posted."""
        if self.look is not None:
            privacy.note(
                self._circle,
                self.look,
                by=self._by,
                reason=self.reason(),
                redacted=privacy.counted(self.redacted()),
            )

    def rows(self) -> list[dict]:
        return rows(self.look)

    def excerpts(self) -> list:
        return excerpts(self.look)

    def _typed(self, name: str) -> str:
        return self.data.get(name, "") if self.data else ""

    def _look(self, typed) -> None:
        texts = []
        for name in self.guarded_fields():
            text = str(typed.get(name) or "").replace("\r\n", "\n")
            if name in self.fields and text:
                texts.append((name, str(self.fields[name].label), text))
        self.look = privacy.look(self._circle, texts, by=self._by)

    def _redact(self, asked: str) -> None:
        """Put suggestions in the place of one finding ('body.12.20'), or of all."""
        self._look(self.data)
        kinds = [self.redacted()] if self.redacted() else []
        for place in self.look.places:
            chosen = [
                one
                for one in place.found
                if asked in {"all", f"{place.name}.{one.start}.{one.end}"}
            ]
            if chosen:
                self.data[place.name] = privacy.redact(place.text, chosen)
                kinds += [one.type for one in chosen]
        self.data["guard_redacted"] = ".".join(kinds)[:2000]


class RuleForm(KringForm):
    """What a circle does about findings, and the words it knows as no person."""

    guard = forms.ChoiceField(
        label=_("What happens before something is posted"),
        choices=Guard.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    words = forms.CharField(
        label=_("Known as no person"),
        help_text=_("One on a line: eponyms, authors, names of clubs, schools and departments."),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, *args, circle: Circle, **kwargs):
        super().__init__(*args, **kwargs)
        self.circle = circle

    def clean_words(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["words"].splitlines())
        words = list(dict.fromkeys(filter(None, lines)))
        if any(len(word) > 80 for word in words):
            raise forms.ValidationError(_("Each may have at most 80 characters."))
        return words


def pieces(place: privacy.Place, first: int) -> list[tuple[str, int]]:
    """The text around its findings: (words, number), number 0 for what is between; '[…]' for gaps."""
    shown, at = [], 0
    for number, one in enumerate(place.found, first):
        before = place.text[at : one.start]
        if len(before) > 2 * MARGIN:
            before = (before[:MARGIN] + " […] " if at else "[…] ") + before[-MARGIN:]
        shown += [(before, 0), (place.text[one.start : one.end], number)]
        at = one.end
    rest = place.text[at:]
    shown.append((rest if len(rest) <= MARGIN else rest[:MARGIN] + " […]", 0))
    return shown


def rows(look: privacy.Look) -> list[dict]:
    """Every finding with its number, what it is, and what it becomes."""
    listed, number = [], 0
    for place in look.places:
        for one in place.found:
            number += 1
            listed.append(
                {
                    "number": number,
                    "kind": KIND_NAMES[one.type],
                    "text": place.text[one.start : one.end],
                    "instead": one.suggestion,
                    "certain": one.confidence == "certain",
                    "value": f"{place.name}.{one.start}.{one.end}",
                }
            )
    return listed


def excerpts(look: privacy.Look) -> list[tuple[str, list[tuple[str, int]]]]:
    """The texts with something in them, each with its label, as pieces."""
    found, number = [], 1
    for place in look.places:
        if place.found:
            found.append((place.label, pieces(place, number)))
            number += len(place.found)
    return found
