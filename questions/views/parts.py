"""What several pages share."""

from kring.lib import text
from kring.lib.forms import KringForm
from kring.lib.refused import Refused


def preview_of(form: KringForm) -> str:
    """The typed text as others would see it; nothing is posted and no mistake is shown yet."""
    typed = typed_values(form)  # asking form["body"] would make it remember what it was before
    form.is_bound, form.initial = False, {**form.initial, **typed}
    try:
        return text.render(typed["body"] or "")
    except Refused as refused:
        return refused.sentence


def typed_values(form: KringForm) -> dict:
    return {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }
