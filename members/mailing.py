"""Composing a mail from its two templates: text and HTML, in the reader's language.

`mail/NAME.txt` begins with the subject on a line of its own; `mail/NAME.html` extends
`mail/base.html`, whose style sheet is inlined, since mail programs drop it otherwise.
"""

import re

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from members.letters import Mail

_inline = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
_BLANKS = re.compile(r"\n{3,}")


def compose(
    name: str, *, to: str, language: str, headers: dict[str, str] | None = None, **context
) -> Mail:
    """Render the mail `name` for one reader. Addresses in it start with `url`, the public one."""
    with translation.override(language):
        context = {**context, "url": settings.URL, "language": language}
        subject, _, text = render_to_string(f"mail/{name}.txt", context).lstrip().partition("\n")
        html = render_to_string(f"mail/{name}.html", {**context, "subject": subject.strip()})
    return Mail(
        to=to,
        subject=" ".join(subject.split()),
        text=_BLANKS.sub("\n\n", text.strip()) + "\n",
        html=_inline.inline(html),
        headers=headers or {},
    )
