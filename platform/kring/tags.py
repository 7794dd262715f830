"""What templates call on every page: fields, seats, the rings, and words for dates, money, numbers."""

import math
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache

from babel.numbers import format_currency
from django import forms
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import (
    get_language,
    get_language_info,
    gettext,
    ngettext,
    pgettext_lazy,
)

from kring import letter_names


# --- drawings -----------------------------------------------------------------------------
def rings() -> SafeString:
    """Draw the logo."""
    return _drawn("parts/_rings.html")


@cache
def _drawn(name: str) -> SafeString:
    return mark_safe(render_to_string(name).strip())  # noqa: S308 (our own file)


# Per number of rings: the distance between them, the share of the seats on each but the last,
# and the size of a dot, large and small. The outermost ring is 68 to 80 from the middle.
_RINGS = {
    2: (34, [0.375], 4.6, 8),
    3: (26, [0.2, 0.35], 4.6, 6.4),
    4: (20, [0.125, 0.225, 0.3], 4.6, 5.4),
    5: (16, [0.067, 0.133, 0.2, 0.267], 3.6, 3.9),
}
MOST_SEATS = 150


def seat_dots(taken: int, cap: int, *, small: bool) -> list[tuple[str, str, str, str]]:
    """Place one dot a seat: x, y, class ('' or 'free'), radius, in a square of 180.

    From the inner ring outwards, clockwise; each ring starts 8 degrees further than the last.
    All are text: a template would write a number as Dutch does, with a comma.
    """
    if cap > MOST_SEATS:  # drawn in proportion; the label keeps the numbers
        taken, cap = round(taken * MOST_SEATS / cap), MOST_SEATS
    count = 2 if cap <= 24 else 3 if cap <= 40 else 4 if cap <= 80 else 5
    gap, shares, large_dot, small_dot = _RINGS[count]
    seats = [round(cap * share) for share in shares]
    seats.append(cap - sum(seats))
    dots: list[tuple[str, str, str, str]] = []
    for ring, places in enumerate(seats):
        for place in range(places):
            turn = math.radians(-20 + 8 * ring + 360 * place / places)
            x = 90 + gap * (ring + 1) * math.cos(turn)
            y = 90 + gap * (ring + 1) * math.sin(turn)
            dots.append(
                (
                    f"{x:.0f}" if small else f"{x:.1f}",
                    f"{y:.0f}" if small else f"{y:.1f}",
                    "" if len(dots) < taken else "free",
                    str(small_dot if small else large_dot),
                )
            )
    return dots


def seats(taken: int, cap: int, size: str = "", *, waiting: int = 0, you: int = 0) -> SafeString:
    """Draw a circle's seats; size 's' for lists, waiting and you for the line of a full circle."""
    small = size == "s"
    dots = seat_dots(taken, cap, small=small)
    line = range(1, waiting + 1)
    dots += [
        (f"{170 + 30 * n}", "90", "you" if n == you else "wait", "7" if n == you else "5")
        for n in line
    ]
    label = ngettext(
        "%(taken)d of %(cap)d seat is taken", "%(taken)d of %(cap)d seats are taken", cap
    ) % {"taken": taken, "cap": cap}
    if waiting:
        label += ngettext(", %(n)d waits", ", %(n)d wait", waiting) % {"n": waiting}
    if you:
        label += gettext(", you are number %(n)d") % {"n": you}
    shown = {
        "small": small,
        "waiting": waiting,
        "width": 180 + 30 * waiting,
        "label": label,
        "dots": dots,
    }
    return mark_safe(render_to_string("parts/_seats.html", shown))  # noqa: S308 (our own file)


# --- fields -------------------------------------------------------------------------------
def field(bound: BoundField, **options) -> SafeString:
    """Draw a form field: label, hint, control, error.

    Options: label and hint instead of the form's own; size 'short' or 'mid'; row=True puts choices
    side by side; toolbar=True (and preview=url) for Markdown. Any other option is an attribute of
    the control, with _ for - (data_hx_get=url).
    A form's field may carry choice_hints and refused_choices, both {value: sentence}; a refused
    choice is shown, disabled, with the sentence that says who forbids it. What the
    class of a form calls `drawn_once` looks the same to everybody while it is empty, and is kept.
    """
    form = bound.form
    if (
        bound.name in vars(type(form)).get("drawn_once", ())
        and not form.is_bound
        and not bound.initial
    ):
        language = get_language()
        return _empty(type(form), form.auto_id, bound.name, language, tuple(options.items()))
    return _labelled(bound, options)


@lru_cache(maxsize=512)
def _empty(form: type, auto_id: str, name: str, _language: str, options: tuple) -> SafeString:
    return _labelled(form(auto_id=auto_id)[name], dict(options))


def _labelled(bound: BoundField, options: dict) -> SafeString:
    if bound.is_hidden:
        return mark_safe(str(bound))  # noqa: S308 (drawn by Django)
    label = options.pop("label", None) or bound.label
    hint = options.pop("hint", None)
    hint = bound.help_text if hint is None else hint
    if not hint:
        bound.help_text = ""  # or Django points at a hint that is not there
    shown = {
        "id": bound.auto_id,
        "label": label,
        "hint": hint,
        "errors": bound.errors,
        "describedby": _described(bound, hint),
        "row": options.pop("row", False),
        "toolbar": options.pop("toolbar", False),
        "preview": options.pop("preview", ""),
    }
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        shown |= {"kind": "check", "check": _check(bound, label, hint)}
    elif isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        shown |= {"kind": "choices", "options": _options(bound)}
    else:
        shown |= {"kind": "control", "control": _control(bound, shown, options)}
    return mark_safe(render_to_string("parts/_field.html", shown))  # noqa: S308 (our own file)


def labels(form: forms.BaseForm, **names) -> str:
    """Give fields of a form that is not ours our words, in the notice as well as above them."""
    for name, label in names.items():
        form.fields[name].label = label
        form[name].label = label  # a form that was judged has drawn it already
    return ""


def choice(bound: BoundField, label: str = "", hint: str | None = None) -> SafeString:
    """Draw one check box as a row, to stand with others inside a `choices` list."""
    hint = bound.help_text if hint is None else hint
    shown = {"option": _check(bound, label or bound.label, hint)}
    return mark_safe(render_to_string("parts/_choice.html", shown))  # noqa: S308 (our own file)


def _described(bound: BoundField, hint: str) -> str:
    ids = [f"{bound.auto_id}-h"] if hint else []
    return " ".join(ids + ([f"{bound.auto_id}-e"] if bound.errors else []))


def _control(bound: BoundField, shown: dict, options: dict) -> str:
    widget = bound.field.widget
    size = options.pop("size", "")
    classes = [widget.attrs.get("class", ""), "input", f"input--{size}" if size else ""]
    if isinstance(widget, forms.Textarea):
        classes.append("input--area")
    attrs = {name.replace("_", "-"): value for name, value in options.items()}
    # A placeholder is no label: it goes when one types, and is too pale to read.
    attrs |= {"class": " ".join(filter(None, classes)), "placeholder": False}
    attrs["aria-describedby"] = shown["describedby"] or False
    if shown["preview"]:
        attrs["data-preview-in"] = f"{shown['id']}-p"
    return bound.as_widget(attrs=attrs)


def _check(bound: BoundField, label: str, hint: str) -> dict:
    return {
        "type": "checkbox",
        "id": bound.auto_id,
        "name": bound.html_name,
        "value": None,
        "checked": bool(bound.value()),
        "required": bound.field.required and bound.form.use_required_attribute,
        "disabled": bound.field.disabled,
        "label": label,
        "hint": hint,
        "invalid": bool(bound.errors),
        "describedby": _described(bound, hint),
    }


def _options(bound: BoundField) -> list[dict]:
    hints = getattr(bound.field, "choice_hints", {})
    refused = getattr(bound.field, "refused_choices", {})
    options = []
    for data in (option.data for option in bound.subwidgets):
        value, own_id = str(data["value"]), data["attrs"].get("id", "")
        hint = refused.get(value) or hints.get(value, "")
        options.append(
            {
                "type": data["type"],
                "id": own_id,
                "name": data["name"],
                "value": value,
                "checked": data["selected"],
                "required": data["attrs"].get("required", False),
                "disabled": value in refused or data["attrs"].get("disabled", False),
                "label": data["label"],
                "hint": hint,
                "describedby": f"{own_id}-h" if hint else "",
            }
        )
    return options


# --- words --------------------------------------------------------------------------------
def _local(moment: date | datetime) -> date | datetime:
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def day(moment: date | datetime | None) -> str:
    """Say a date in words, with the year when it is not this year: Wednesday 2 December."""
    if not moment:
        return ""
    local = _local(moment)
    that_day = local.date() if isinstance(local, datetime) else local
    return _in_words(that_day, timezone.now().year, get_language())


@lru_cache(maxsize=4096)
def _in_words(that_day: date, this_year: int, language: str) -> str:
    return date_format(that_day, "l j F" if that_day.year == this_year else "l j F Y")


def moment(at: datetime, *, language: str) -> SafeString:
    """Show a day in words, and the moment itself to programs that read the page."""
    local = at.astimezone(timezone.get_current_timezone())
    words = _in_words(local.date(), timezone.now().year, language)
    return SafeString(f'<time datetime="{local.isoformat()}">{words}</time>')


def date_as(moment: date | datetime | None, form: str) -> str:
    """Write a date in a form of Django's, in the reader's language and zone."""
    return date_format(_local(moment), form) if moment else ""


def now(form: str) -> str:
    """Write today in a form of Django's."""
    return date_format(timezone.localtime(), form)


def clock(moment: datetime | time | None) -> str:
    """Say a time: 14:02 in English, '14.02 uur' in Dutch."""
    if not moment:
        return ""
    if isinstance(moment, datetime):
        moment = _local(moment)
    # Translators: a time of day, 07:30; 07.30 uur in Dutch
    return gettext("%(hour)s:%(minute)s") % {
        "hour": f"{moment.hour:02}",
        "minute": f"{moment.minute:02}",
    }


def ago(moment: date | datetime | None) -> str:
    """Say how long ago (or how far ahead) in whole days, weeks, months: today, 5 days, 3 weeks."""
    if not moment:
        return ""
    moment = _local(moment)
    then = moment.date() if isinstance(moment, datetime) else moment
    days = abs((timezone.localdate() - then).days)
    if days == 0:
        return gettext("today")
    if days < 14:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days < 63:
        return gettext("%(n)d weeks") % {"n": days // 7}
    if days < 730:
        return gettext("%(n)d months") % {"n": round(days / 30.44)}
    return gettext("%(n)d years") % {"n": round(days / 365.25)}


def lasting(seconds: float) -> str:
    """Say a span of time in its largest unit: 12 s, 4 min, 3 hours, 2 days."""
    if seconds < 60:
        return gettext("%(n)d s") % {"n": seconds}
    if seconds < 3600:
        return gettext("%(n)d min") % {"n": seconds // 60}
    hours = int(seconds // 3600)
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


def euros(cents: int | None) -> str:
    """Say an amount in cents as money: '€ 54,71' in Dutch, '€54.71' in English."""
    if cents is None:
        return ""
    locale = "nl_NL" if get_language() == "nl" else "en_GB"
    return format_currency(Decimal(cents) / 100, "EUR", locale=locale)


_WORDS = [
    pgettext_lazy("number", "no"),
    pgettext_lazy("number", "one"),
    pgettext_lazy("number", "two"),
    pgettext_lazy("number", "three"),
    pgettext_lazy("number", "four"),
    pgettext_lazy("number", "five"),
    pgettext_lazy("number", "six"),
    pgettext_lazy("number", "seven"),
    pgettext_lazy("number", "eight"),
    pgettext_lazy("number", "nine"),
    pgettext_lazy("number", "ten"),
    pgettext_lazy("number", "eleven"),
    pgettext_lazy("number", "twelve"),
    pgettext_lazy("number", "thirteen"),
    pgettext_lazy("number", "fourteen"),
    pgettext_lazy("number", "fifteen"),
    pgettext_lazy("number", "sixteen"),
    pgettext_lazy("number", "seventeen"),
    pgettext_lazy("number", "eighteen"),
    pgettext_lazy("number", "nineteen"),
    pgettext_lazy("number", "twenty"),
]


def words(number: int) -> str:
    """Write a number up to twenty as a word, as headings do; larger ones stay figures."""
    return str(_WORDS[number]) if 0 <= number < len(_WORDS) else str(number)


def language_name_local(code: str) -> str:
    """Name a language as those who speak it do."""
    return get_language_info(code)["name_local"]


def written(html: str) -> SafeString:
    """Show HTML that was cleaned when it was written (kring.lib.text); nothing else may pass."""
    return mark_safe(html)  # noqa: S308 (cleaned by nh3 before it was stored)


def letter_kind(name: str) -> str:
    """Name a kind of letter as operators call it."""
    return letter_names.KINDS.get(name, name)


def letter_reason(word: str) -> str:
    """Say why a letter did not go, or came back; a mail server's code stays as it is."""
    return letter_names.REASONS.get(word, word)
