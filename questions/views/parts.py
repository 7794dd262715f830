"""What several pages share."""

from kring.lib import text
from kring.lib.refused import Refused
from questions.forms_guard import GuardedForm


def preview_of(form: GuardedForm) -> str:
    """The typed text as others would see it, with what the guard found in it; nothing is posted
    and no mistake is shown yet."""
    form.show_again()
    try:
        return text.render(form.initial["body"] or "")
    except Refused as refused:
        return refused.sentence
