"""The list of what was left out, as a file a spreadsheet opens."""

import csv
from collections.abc import Iterable
from typing import TextIO

from django.utils.translation import gettext as _

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(file: TextIO, left_out: Iterable[tuple[str, int, str]]) -> None:
    """Write file, line and reason of each row; nothing in it can run as a formula."""
    writer = csv.writer(file)
    writer.writerow([_("file"), _("line"), _("reason")])
    for name, line, reason in left_out:
        writer.writerow([harmless(name), line, harmless(reason)])


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
