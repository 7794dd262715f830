"""What was found, in the words of the reader; and advice on a text that nobody waits for."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KIND_NAMES = {
    "NAME": gettext_lazy("Name"),
    "BSN": gettext_lazy("Citizen service number"),
    "NATID": gettext_lazy("National number"),
    "BIRTHDATE": gettext_lazy("Date of birth"),
    "PHONE": gettext_lazy("Telephone number"),
    "EMAIL": gettext_lazy("Email address"),
    "ADDRESS": gettext_lazy("Address"),
    "IBAN": gettext_lazy("Bank account"),
    "PERSON_ID": gettext_lazy("Number of a person"),
    "URL": gettext_lazy("Page about a person"),
}


def advice(found) -> str:
    """One sentence on what was found, by kinds only; empty where nothing was."""
    kinds = ", ".join(
        str(KIND_NAMES[kind]).lower() for kind in dict.fromkeys(f.type for f in found)
    )
    return (
        _("This may point at a person: %(kinds)s. Does it have to?") % {"kinds": kinds}
        if kinds
        else ""
    )
